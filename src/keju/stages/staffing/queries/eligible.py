"""Who may stand on a roster, who may not and why, and where they stand already."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from django.db.models import Q, QuerySet

from keju.algorithms.rosters import Span
from keju.kernel.exams import clearing
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.stages.staffing.models import Appointment, Roster, Shift, State
from keju.stages.staffing.queries.appointed import barred_members
from keju.stages.staffing.queries.hours import floor_label, kind_of
from keju.stages.staffing.rules import rosters as rules
from keju.stages.staffing.rules.rosters import BLOCKED, CASUAL, KEYS, NOT_HERE, UNTRAINED

NATION = Actor.system("staffing")
"""Where somebody stands is asked of the whole nation; elsewhere only that and when is told, not where."""


@dataclass(frozen=True)
class Eligible:
    """Somebody appointed where a roster is kept. `place`: the floor of the post; `unfit`: why they may not stand on it, or "".

    `minutes`: how long they stand on this exam's rosters altogether.
    """

    member_id: int
    name: str
    post: str
    place: str = ""
    unfit: str = ""
    reachable: bool = True
    minutes: int = 0


def _appointments(found: Sequence[Roster]) -> QuerySet[Appointment]:
    wanted = Q(pk__in=[])
    for exam_id, code in {(one.exam_id, one.office_code) for one in found}:
        wanted |= Q(exam_id=exam_id, office_code=code)
    return Appointment.objects.filter(wanted, state=State.ACCEPTED)


def posts_of(exam: Exam, found: Sequence[Roster]) -> dict[tuple[int, int], str]:
    """(roster, member) → the post by which they stand there: the first that the kind names."""
    held: dict[tuple[str, int], list[str]] = defaultdict(list)
    for code, member, post in (
        _appointments(found).values_list("office_code", "member_id", "post").order_by("pk")
    ):
        held[code, member].append(post)
    result = {}
    for one in found:
        kind = kind_of(exam, one.kind)
        for (code, member), posts in held.items():
            if code == one.office_code:
                named = [post for post in kind.posts if post in posts] or ([] if kind.posts else posts)
                result[one.pk, member] = named[0] if named else ""
    return result


class KeepsOff(Protocol):
    """Office → persons who may not stand on its rosters of a clause, because of what they have in hand."""

    def __call__(self, exam: Exam, office_codes: Collection[str]) -> Mapping[str, Collection[int]]: ...


_keeping_off: dict[str, KeepsOff] = {}


def keeps_off(clause: str) -> Callable[[KeepsOff], KeepsOff]:
    """Register `fn(exam, office_codes)` of a later stage as what knows who may not stand on the rosters of the clause: who
    has a key of the store does not guard it (V12.2.4)."""

    def register(fn: KeepsOff) -> KeepsOff:
        if _keeping_off.setdefault(clause, fn) is not fn:
            raise ValueError(f"two stages keep people off the rosters of {clause}")
        return fn

    return register


def kept_off(exam: Exam, found: Sequence[Roster]) -> dict[int, Collection[int]]:
    """Roster → the persons whom a later stage keeps off it."""
    result: dict[int, Collection[int]] = {}
    for clause, asked in _keeping_off.items():
        mine = [one for one in found if kind_of(exam, one.kind).rule == clause]
        kept = asked(exam, {one.office_code for one in mine}) if mine else {}
        result |= {one.pk: kept.get(one.office_code, ()) for one in mine}
    return result


def eligible(exam: Exam, found: Sequence[Roster]) -> dict[int, list[Eligible]]:
    """Roster → everybody whose appointment at that office lets them stand on it, the unfit with the reason; by name."""
    rows = list(
        _appointments(found)
        .select_related("member__person")
        .order_by("member__person__name", "member_id", "pk")
    )
    barred, untrained = unfit_members(exam, rows)
    minutes, off = minutes_of(exam, {row.member_id for row in rows}), kept_off(exam, found)
    by_office: dict[str, list[Appointment]] = defaultdict(list)
    for row in rows:
        by_office[row.office_code].append(row)
    result: dict[int, list[Eligible]] = {}
    for one in found:
        kind, mine = kind_of(exam, one.kind), by_office[one.office_code]
        holding = off.get(one.pk, ())
        keys = {r.member_id for r in mine if r.post in kind.never or r.member.person_id in holding}
        people: dict[int, Eligible] = {}
        for row in mine:
            if (kind.posts and row.post not in kind.posts) or row.member_id in people:
                continue
            unfit = (
                KEYS if row.member_id in keys
                else BLOCKED if row.member_id in barred
                else CASUAL if kind.permanent and not row.member.permanent
                else UNTRAINED if (row.member_id, row.post) in untrained
                else ""
            )  # fmt: skip
            place = floor_label(row.building, row.floor) if kind.by_floor and row.floor is not None else ""
            person = row.member.person
            people[row.member_id] = Eligible(
                row.member_id,
                person.name,
                row.post,
                place,
                unfit,
                bool(person.phone),
                minutes.get(row.member_id, 0),
            )
        result[one.pk] = list(people.values())
    return result


def unfit_members(exam: Exam, rows: Sequence[Appointment]) -> tuple[set[int], set[tuple[int, str]]]:
    """Of these appointments: members barred by a recusal hit, and (member, post) who lack training (V4.3)."""
    needs = {post.code: set(post.needs.training) for post in exams.programme(exam).posts}
    with acting(NATION):
        passed = clearing.cleared(exam, {row.member.person_id for row in rows})
        barred = set(barred_members(exam))
    lacking = (r for r in rows if needs.get(r.post, set()) - passed.get(r.member.person_id, set()))
    return barred, {(r.member_id, r.post) for r in lacking}


def unfit_reason(people: Iterable[Eligible], members: Collection[int]) -> dict[int, str]:
    """Member → why they may not stand there, of those who may not."""
    known = {p.member_id: p.unfit for p in people}
    return {m: known.get(m, NOT_HERE) or "" for m in members if known.get(m, NOT_HERE)}


def minutes_of(exam: Exam, members: Collection[int]) -> dict[int, int]:
    """Member → minutes on all rosters of this exam, wherever they are."""
    with acting(NATION):
        rows = Shift.objects.filter(exam=exam, member_id__in=members).values_list(
            "member_id", "starts_at", "ends_at"
        )
        found: dict[int, int] = defaultdict(int)
        for member, starts, ends in rows:
            found[member] += (ends - starts) // timedelta(minutes=1)
        return dict(found)


def elsewhere(exam: Exam, members: Collection[int], rosters_: Collection[int]) -> dict[int, list[Span]]:
    """Member → where they stand on other rosters than these, in this exam and (unless it is a rehearsal) in any other."""
    with acting(NATION):
        rows = Shift.objects.filter(member_id__in=members).exclude(roster_id__in=rosters_)
        same = Q(exam=exam) if exam.is_rehearsal else Q(exam__is_rehearsal=False)
        found: dict[int, list[Span]] = defaultdict(list)
        for member, starts, ends in rows.filter(same).values_list("member_id", "starts_at", "ends_at"):
            found[member].append(rules.span_of((starts, ends)))
        return found
