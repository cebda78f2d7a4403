"""Rosters as they are being made: the hours to cover, who may stand on them, who does, and what is missing."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol

from django.db.models import Count, Q, QuerySet

from keju.algorithms.rosters import Span
from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import CHINA
from keju.kernel.exams import clearing
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.models import Office
from keju.kernel.offices.queries import office
from keju.rulebook.model import Post
from keju.rulebook.parameters import value_of
from keju.rulebook.rosters import RosterKind
from keju.rulebook.words import Words
from keju.stages.seating.queries.in_use import rooms_in_use
from keju.stages.staffing.models import Appointment, FrozenShift, Member, Roster, RosterVersion, Shift, State
from keju.stages.staffing.queries.appointed import barred_members
from keju.stages.staffing.queries.people import under
from keju.stages.staffing.rules import rosters as rules
from keju.stages.staffing.rules.rosters import (
    BLOCKED,
    CASUAL,
    KEYS,
    NOT_HERE,
    UNTRAINED,
    Gap,
    Hours,
    Standing,
)

NATION = Actor.system("staffing")
"""Where somebody stands is asked of the whole nation; elsewhere only that and when is told, not where."""
PAGE = 40


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


@dataclass(frozen=True)
class Line:
    """A shift with who stands there."""

    row: Shift
    name: str
    post: str
    reachable: bool

    @property
    def standing(self) -> Standing:
        r = self.row
        return Standing(r.member_id, self.name, r.starts_at, r.ends_at, r.place, self.reachable)


@dataclass(frozen=True)
class Made:
    """A roster with everything that its page shows."""

    roster: Roster
    kind: RosterKind
    wanted: list[Span]
    floors: tuple[str, ...]
    lines: list[Line]
    gaps: list[Gap]
    changed: bool
    """Whether the shifts are others than those published last."""

    @property
    def hours(self) -> list[Hours]:
        return [rules.hours_of(span) for span in self.wanted]

    @property
    def is_whole(self) -> bool:
        """Whether its hours are known and covered and it has never been published: it can go out as it stands."""
        return bool(self.wanted and self.lines) and not self.gaps and not self.roster.published


def kinds(exam: Exam) -> tuple[RosterKind, ...]:
    return exams.programme(exam).rosters


def kind_of(exam: Exam, code: str) -> RosterKind:
    """The kind of that code; `NotPermitted` (hidden) if the programme has none."""
    found = next((kind for kind in kinds(exam) if kind.code == code), None)
    if found is None:
        raise NotPermitted("staffing:roster:make", hidden=True)
    return found


def enforced(exam: Exam, kind: RosterKind) -> bool:
    """Whether the clause of the roster is to be enforced: then a gap refuses its publication."""
    clause = exams.programme(exam).clause(kind.rule)
    return clause is not None and clause.kind == "enforce"


def rosters(
    exam: Exam, *, viewer: Actor, kind: str = "", office: str = "", after: int = 0, size: int = PAGE
) -> list[Roster]:
    """The next rosters of the viewer's offices after the id `after`."""
    found = Roster.objects.filter(exam=exam, pk__gt=after, **under(viewer.office_path or "-"))
    found = found.filter(kind=kind) if kind else found
    found = found.filter(office_code__startswith=office) if office else found
    return list(found.order_by("pk")[:size])


def roster_total(exam: Exam, *, viewer: Actor, kind: str = "", office: str = "") -> int:
    found = Roster.objects.filter(exam=exam, **under(viewer.office_path or "-"))
    found = found.filter(kind=kind) if kind else found
    return (found.filter(office_code__startswith=office) if office else found).count()


def roster(exam: Exam, roster_id: int, *, viewer: Actor) -> Roster:
    """One of the viewer's; `Roster.DoesNotExist` otherwise."""
    return Roster.objects.get(exam=exam, pk=roster_id, **under(viewer.office_path or "-"))


def made(exam: Exam, found: Sequence[Roster]) -> list[Made]:
    """The rosters with shifts and gaps, in their order; a fixed number of statements however many they are."""
    wanted, floors = hours_of_many(exam, found), floors_of(exam, found)
    by_roster: dict[int, list[Shift]] = defaultdict(list)
    rows = Shift.objects.filter(roster__in=found).select_related("member__person")
    for row in rows.order_by("starts_at", "place", "pk"):
        by_roster[row.roster_id].append(row)
    posts = posts_of(exam, found)
    former = published_keys(found)
    result = []
    for one in found:
        kind = kind_of(exam, one.kind)
        lines = [
            Line(
                r,
                r.member.person.name,
                posts.get((one.pk, r.member_id), ""),
                bool(r.phone or r.member.person.phone),
            )
            for r in by_roster[one.pk]
        ]
        mine = floors.get(one.office_code, ())
        gaps = rules.gaps(kind, wanted[one.pk], [line.standing for line in lines], mine)
        changed = {key_of(line.row) for line in lines} != former.get(one.pk, set())
        result.append(Made(one, kind, wanted[one.pk], mine, lines, gaps, changed))
    return result


def detail(exam: Exam, roster_id: int, *, viewer: Actor) -> Made:
    """One roster, as `made`."""
    return made(exam, [roster(exam, roster_id, viewer=viewer)])[0]


Key = tuple[object, ...]


def key_of(row: Shift | FrozenShift) -> Key:
    """What makes a shift another one when it differs."""
    return (row.uid, row.member_id, row.starts_at, row.ends_at, row.place)


def published_keys(found: Collection[Roster]) -> dict[int, set[Key]]:
    """Roster → its shifts as published last."""
    keys: dict[int, set[Key]] = defaultdict(set)
    wanted = Q(pk__in=[])
    for one in found:
        if one.published:
            wanted |= Q(roster=one, number=one.published)
    for row in FrozenShift.objects.filter(wanted, gone=False).defer("phone"):
        keys[row.roster_id].add(key_of(row))
    return keys


def hours_of_many(exam: Exam, found: Sequence[Roster]) -> dict[int, list[Span]]:
    """Roster → the hours to cover; none where they are not known yet."""
    paths = {one.office_path for one in found}
    known = {key: exams.milestone_by_office(exam, key, paths) for key in _keys(exam, found)}
    sessions = [(s.starts_at, s.ends_at) for s in exams.sessions(exam)]
    result = {}
    for one in found:
        kind = kind_of(exam, one.kind)
        ends = (
            (_time(exam, kind.span.begins), _time(exam, kind.span.ends))
            if kind.span.of == "exam_days"
            else (None, None)
        )
        mine = _moved(sessions, known["exam_day"].get(one.office_path))
        result[one.pk] = rules.needed(
            kind.span,
            exam_days=_days(mine, known["exam_day"].get(one.office_path)),
            sessions=mine,
            begins=ends[0],
            ends=ends[1],
            own=_own(one, kind, known),
        )
    return result


def _keys(exam: Exam, found: Iterable[Roster]) -> set[str]:
    """The milestones that the rosters count from."""
    spans = [kind_of(exam, code).span for code in {one.kind for one in found}]
    return {"exam_day"} | {key for s in spans if s.of == "milestones" for key in (s.begins, s.ends)}


def _moved(sessions: Sequence[Hours], exam_day: datetime | None) -> list[Hours]:
    """The sessions on the office's own days: a region put off by decision sits the same paper later."""
    if exam_day is None or not sessions:
        return list(sessions)
    first = min(starts for starts, _ in sessions).astimezone(CHINA).date()
    later = exam_day.astimezone(CHINA).date() - first
    return [(starts + later, ends + later) for starts, ends in sessions]


def _days(sessions: Sequence[Hours], exam_day: datetime | None) -> set[date]:
    days = {starts.astimezone(CHINA).date() for starts, _ in sessions}
    return days or ({exam_day.astimezone(CHINA).date()} if exam_day else set())


def _own(one: Roster, kind: RosterKind, known: Mapping[str, Mapping[str, datetime]]) -> Hours | None:
    """What the office set itself, else what its milestones give."""
    if one.starts_at is not None and one.ends_at is not None:
        return one.starts_at, one.ends_at
    if kind.span.of != "milestones":
        return None
    begins, ends = (known[key].get(one.office_path) for key in (kind.span.begins, kind.span.ends))
    return (_whole(begins), _whole(ends)) if begins and ends and begins < ends else None


def _whole(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _time(exam: Exam, param: str) -> time:
    return time.fromisoformat(str(value_of(param, programme=exam.programme, as_of=exam.rules_as_of)))


def floors_of(exam: Exam, found: Sequence[Roster]) -> dict[str, tuple[str, ...]]:
    """Site → its floors in use, of the sites whose rosters cover each floor by itself."""
    sites = {one.office_code: one.office_path for one in found if kind_of(exam, one.kind).by_floor}
    if not sites:
        return {}
    shared = _common(list(sites.values()))
    floors: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for room in rooms_in_use(exam, shared):
        floors[room.site_code].add((room.building, room.floor))
    return {code: tuple(floor_label(*floor) for floor in sorted(floors[code])) for code in sites}


def _common(paths: Sequence[str]) -> str:
    """The nearest office above all of them."""
    first, last = min(paths), max(paths)
    same = next(
        (n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last))
    )
    return first[:same][: first[:same].rfind("/") + 1] or "/"


def floor_label(building: str, floor: int) -> str:
    """How a floor is written as the place of a shift."""
    return f"{building} {floor}F"


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


def versions(one: Roster) -> list[RosterVersion]:
    """What was published of the roster, newest first."""
    return list(RosterVersion.objects.filter(roster=one).order_by("-number"))


def counts_by_kind(exam: Exam, *, viewer: Actor) -> dict[str, tuple[int, int]]:
    """Kind → (rosters, of them published) of the viewer's offices."""
    rows = Roster.objects.filter(exam=exam, **under(viewer.office_path or "-")).values("kind")
    found = rows.annotate(all=Count("pk"), out=Count("pk", filter=Q(published__gt=0)))
    return {row["kind"]: (row["all"], row["out"]) for row in found}


def post_name(exam: Exam, code: str) -> Words | str:
    """The post in words; the code where the programme no longer has it."""
    found: Post | None = next((p for p in exams.programme(exam).posts if p.code == code), None)
    return found.name if found else code


def members_named(member_ids: Collection[int]) -> dict[int, Member]:
    return {m.pk: m for m in Member.objects.select_related("person").filter(pk__in=member_ids)}


def known_offices(codes: Sequence[str]) -> list[str]:
    """The codes, each once; `NotPermitted` (hidden) where one of them is no office."""
    for code in codes:
        try:
            office(code)
        except Office.DoesNotExist:
            raise NotPermitted("staffing:roster:make", hidden=True) from None
    return list(dict.fromkeys(codes))
