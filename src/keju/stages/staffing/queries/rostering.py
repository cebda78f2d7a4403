"""Rosters as they are being made: who stands on them, what is missing, and what was published."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from keju.algorithms.rosters import Span
from keju.kernel.audit import NotPermitted
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.models import Office
from keju.kernel.offices.queries import office
from keju.rulebook.rosters import RosterKind
from keju.rulebook.words import Words
from keju.stages.staffing.models import FrozenShift, Member, Roster, RosterVersion, Shift
from keju.stages.staffing.queries.eligible import posts_of
from keju.stages.staffing.queries.hours import floors_of, hours_of_many, kind_of
from keju.stages.staffing.queries.people import under
from keju.stages.staffing.rules import rosters as rules
from keju.stages.staffing.rules.rosters import Gap, Hours, Standing

PAGE = 40


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
    found = exams.programme(exam).post(code)
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
