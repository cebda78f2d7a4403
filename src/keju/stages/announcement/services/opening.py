"""Offices begin to take part: the centre opens regions, a region its points."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError

from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.duties import services as duties
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam, Opening
from keju.kernel.offices import Actor
from keju.kernel.offices import queries as offices
from keju.kernel.offices.models import Kind, Office
from keju.kernel.offices.queries import path_of
from keju.rulebook import Refusal, enforce
from keju.rulebook.words import t
from keju.stages.announcement import events, queries, rules


@dataclass(frozen=True)
class NewOpening:
    """What is known of an office that takes part; the rest may follow."""

    code: str
    leader: str = ""
    contact: str = ""
    phone: str = ""


@write("exams:opening:set")
def open_offices(*, exam: Exam, openings: Sequence[NewOpening], by: Actor, at: datetime) -> int:
    """These offices take part with these facts, all or none; of those already open the facts are replaced.

    Returns how many are new. Where registration has its dates already, an office needs its leader (V1.4, V1.6).
    """
    wanted = {o.code: o for o in openings}
    found = {o.code: o for o in offices.everything().filter(code__in=wanted)}
    standing = {o.office_id for o in exams.openings(exam)}
    _check_own(by, wanted, found, standing)
    enforce(_leaderless(exam, [(found[code], o.leader) for code, o in wanted.items()]))
    Opening.objects.bulk_create(
        [
            Opening(
                exam=exam,
                office=found[code],
                office_path=found[code].path,
                leader=o.leader.strip(),
                contact=o.contact.strip(),
                phone=o.phone.strip(),
            )
            for code, o in sorted(wanted.items())
        ],
        update_conflicts=True,
        unique_fields=["exam", "office"],
        update_fields=["leader", "contact", "phone"],
    )
    new = sorted(set(wanted) - standing)
    regions = {path_of(code[:2]) for code in wanted}
    path = regions.pop() if len(regions) == 1 else by.office_path
    if new:
        duties.open_known(exam=exam, office_path=path, by=by, at=at)
    record(
        events.OFFICES_OPENED,
        by=by,
        at=at,
        subject=f"exam:{exam.slug}",
        exam=exam.slug,
        office_path=path,
        rules=["V1.4", "V1.6"],
        data={"new": new, "changed": sorted(set(wanted) & standing), "leaders": _leaders(wanted)},
    )
    return len(new)


def _check_own(
    by: Actor, wanted: dict[str, NewOpening], found: dict[str, Office], standing: set[str]
) -> None:
    """Only offices of one's own subtree; nobody opens themself; a point follows its region."""
    for code in wanted:
        office = found.get(code)
        known = office is not None and office.kind in (Kind.REGION, Kind.POINT)
        if not known or not office.path.startswith(by.office_path):
            raise NotPermitted("exams:opening:set", hidden=True)
        if code == by.office_code and code not in standing:
            raise NotPermitted("exams:opening:set", hidden=True)
    orphans = [o for o in found.values() if o.kind == Kind.POINT and o.parent_id not in standing]
    if orphans:
        said = t("{office}所在考区尚未开通，请先开通考区。", "Open the region of {office} first.")
        raise ValidationError(str(said.format(office=orphans[0].name)))


def _leaderless(exam: Exam, named: Sequence[tuple[Office, str]]) -> Iterator[Refusal]:
    dated = queries.dated_paths(exam)
    for office, leader in named:
        region = f"/{office.path.split('/')[1]}/"
        if not dated & {"/", region}:
            continue
        if office.kind == Kind.REGION:
            yield from rules.check_region_can_open(leader, str(office.name))
        else:
            yield from rules.check_point_can_open(leader, str(office.name))


def _leaders(wanted: dict[str, NewOpening]) -> dict[str, str]:
    """Who leads is a public fact, and the one that V1.4 asks for."""
    return {code: o.leader for code, o in sorted(wanted.items()) if o.leader}
