"""Rosters as they were published: who is on duty now, what changed between versions, a member's calendar."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet

from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import ladder, office
from keju.rulebook.rosters import RosterKind
from keju.rulebook.words import Words
from keju.stages.registration.queries import mask_phone
from keju.stages.staffing.models import FrozenShift, Member, Roster, RosterVersion
from keju.stages.staffing.queries.eligible import NATION
from keju.stages.staffing.queries.hours import kinds
from keju.stages.staffing.queries.people import under

DUTY_RULE = "V15.1.4"
MOST = 500


@dataclass(frozen=True)
class OnDuty:
    """Somebody who stands somewhere at a moment. `phone` is masked unless it was asked for on record."""

    office_code: str
    kind: str
    name: str
    post: str
    place: str
    starts_at: datetime
    ends_at: datetime
    phone: str
    member_id: int
    roster_id: int


def duty_kinds(exam: Exam) -> list[RosterKind]:
    """The kinds whose phones are exchanged and filed: those of clause V15.1.4."""
    return [kind for kind in kinds(exam) if kind.rule == DUTY_RULE]


def in_force(exam: Exam) -> QuerySet[FrozenShift]:
    """Shifts of the versions in force, in the scope."""
    return FrozenShift.objects.filter(exam=exam, gone=False, number=F("roster__published"))


def on_duty(
    exam: Exam, moment: datetime, *, viewer: Actor, kind: str = "", office_code: str = "", clear: bool = False
) -> list[OnDuty]:
    """Who stands where at the moment, at the viewer's offices, by office and kind; no more than `MOST`."""
    found = in_force(exam).filter(**under(viewer.office_path or "-"))
    found = found.filter(roster__kind=kind) if kind else found
    found = found.filter(roster__office_code__startswith=office_code) if office_code else found
    return _standing(found, moment, clear)[:MOST]


def above(exam: Exam, moment: datetime, *, viewer: Actor, clear: bool = False) -> list[OnDuty]:
    """Who is on duty at the moment at the offices above the viewer's: whom to call. Duty alone, nothing else of theirs."""
    codes = ladder(viewer.office_code) if viewer.office_code else []
    codes_of_duty = [kind.code for kind in duty_kinds(exam)]
    with acting(NATION):
        found = in_force(exam).filter(roster__office_code__in=codes, roster__kind__in=codes_of_duty)
        rows = _standing(found, moment, clear)
    return sorted(rows, key=lambda r: (codes.index(r.office_code), r.starts_at, r.name))


def _standing(found: QuerySet[FrozenShift], moment: datetime, clear: bool) -> list[OnDuty]:
    rows = found.filter(starts_at__lte=moment, ends_at__gt=moment).select_related("roster")
    return [
        OnDuty(
            r.roster.office_code, r.roster.kind, r.name, r.post, r.place, r.starts_at, r.ends_at,
            r.phone if clear else mask_phone(r.phone), r.member_id, r.roster_id,
        )
        for r in rows.order_by("office_path", "roster__kind", "place", "starts_at", "name")[:MOST]
    ]  # fmt: skip


def frozen(one: Roster, number: int) -> list[FrozenShift]:
    """The shifts of a version, those struck out last; in order of time."""
    return list(
        FrozenShift.objects.filter(roster=one, number=number).order_by("gone", "starts_at", "place", "name")
    )


def frozen_of(found: Collection[Roster]) -> dict[int, list[FrozenShift]]:
    """Roster → the shifts of its version in force, with those struck out; one statement."""
    wanted = Q(pk__in=[])
    for one in found:
        if one.published:
            wanted |= Q(roster=one, number=one.published)
    result: dict[int, list[FrozenShift]] = defaultdict(list)
    for row in FrozenShift.objects.filter(wanted).order_by("starts_at", "place", "name"):
        result[row.roster_id].append(row)
    return result


def version(one: Roster, number: int) -> RosterVersion:
    return RosterVersion.objects.get(roster=one, number=number)


@dataclass(frozen=True)
class Difference:
    """What a version made of one shift: `was` none for a new one, `now` none for one struck out."""

    was: FrozenShift | None
    now: FrozenShift | None


def difference(one: Roster, number: int) -> list[Difference]:
    """What the version changed, in order of time; nothing of the first."""
    if number < 2:
        return []
    was = {row.uid: row for row in frozen(one, number - 1) if not row.gone}
    now = {row.uid: row for row in frozen(one, number) if not row.gone}
    rows = [
        Difference(was.get(uid), now.get(uid))
        for uid in {*was, *now}
        if not _same(was.get(uid), now.get(uid))
    ]
    return sorted(rows, key=lambda d: ((d.now or d.was).starts_at, (d.now or d.was).uid))  # type: ignore[union-attr]


def _same(a: FrozenShift | None, b: FrozenShift | None) -> bool:
    return a is not None and b is not None and a.sequence == b.sequence


@dataclass(frozen=True)
class Appearance:
    """A shift as a calendar shows it."""

    uid: UUID
    sequence: int
    gone: bool
    title: Words
    place: str
    starts_at: datetime
    ends_at: datetime
    published_at: datetime


def appearances(exam: Exam, rows: Sequence[FrozenShift], *, named: bool) -> list[Appearance]:
    """The shifts for a calendar; `named`: with the name of who stands there (a whole roster's)."""
    words = {kind.code: kind.name for kind in kinds(exam)}
    out = _published_at(rows)
    found = []
    for row in rows:
        where = office(row.roster.office_code).name
        what = words.get(row.roster.kind, row.roster.kind)
        title = (
            TITLE_NAMED.format(name=row.name, kind=what, office=where)
            if named
            else TITLE.format(kind=what, office=where)
        )
        found.append(
            Appearance(
                row.uid, row.sequence, row.gone, title, row.place, row.starts_at, row.ends_at,
                out[row.roster_id, row.number],
            )
        )  # fmt: skip
    return found


TITLE = Words("{kind}（{office}）", "{kind}, {office}")
TITLE_NAMED = Words("{name}：{kind}（{office}）", "{name}: {kind}, {office}")


def _published_at(rows: Sequence[FrozenShift]) -> Mapping[tuple[int, int], datetime]:
    found = RosterVersion.objects.filter(roster__in={row.roster_id for row in rows})
    return {(v.roster_id, v.number): v.published_at for v in found}


def member_shifts(exam: Exam, member_id: int) -> list[FrozenShift]:
    """Everything published of the member in this exam, wherever it is, with what was struck out; in order of time."""
    with acting(NATION):
        found = FrozenShift.objects.filter(exam=exam, member_id=member_id, number=F("roster__published"))
        return list(found.select_related("roster").order_by("starts_at", "pk"))


def roster_shifts(one: Roster) -> list[FrozenShift]:
    """The version in force with what was struck out, for the roster's calendar."""
    found = FrozenShift.objects.filter(roster=one, number=one.published)
    return list(found.select_related("roster").order_by("starts_at", "pk"))


def calendar_members(exam: Exam, one: Roster) -> list[Member]:
    """Who stands on the roster as published: to whom a link to their calendar may be given."""
    ids = FrozenShift.objects.filter(roster=one, number=one.published, gone=False).values("member_id")
    return list(Member.objects.select_related("person").filter(pk__in=ids).order_by("person__name", "pk"))
