"""A site's papers on the exam day: what is in the seal room, looked at, issued, opened, back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from keju.kernel.audit import NotPermitted
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.stages.custody.models import Holding, Issue, JointCount, SealCheck, SealRoom, SpareUse
from keju.stages.custody.params import Params
from keju.stages.custody.rules import seal_room as rules
from keju.stages.custody.rules.containers import OUTER, Kind
from keju.stages.custody.rules.halfday import subject_of
from keju.stages.custody.rules.places import Spot, Where
from keju.stages.custody.rules.places import seal_room as seal_room_place

NATION = Actor.system("custody")
ROOM_KINDS = (Kind.BAG, Kind.CARD_BAG)
AWAITED, HERE, CHECKED, BROKEN, ISSUED, OPENED, BACK = (
    "awaited",
    "here",
    "checked",
    "broken",
    "issued",
    "opened",
    "back",
)


@dataclass(frozen=True)
class RoomLine:
    """A room's bags in a session, and how far they are."""

    room: int
    pieces: list[Holding]
    checks: Mapping[int, SealCheck]
    place: str
    issue: Issue | None
    count: JointCount | None

    @property
    def papers(self) -> list[Holding]:
        return [p for p in self.pieces if p.container.kind == Kind.BAG]

    @property
    def cards(self) -> list[Holding]:
        return [p for p in self.pieces if p.container.kind == Kind.CARD_BAG]

    @property
    def copies(self) -> int:
        return sum(p.container.copies for p in self.papers)

    @property
    def is_here(self) -> bool:
        return all(p.place == self.place for p in self.pieces)

    @property
    def state(self) -> str:
        """How far the room's bags are: one of the words above."""
        if self.count:
            return BACK
        if self.issue:
            return OPENED if any(not p.seal for p in self.papers) else ISSUED
        if not self.is_here:
            return AWAITED
        checks = [self.checks.get(p.container_id) for p in self.pieces]
        if any(c is not None and not c.intact for c in checks) or any(p.frozen for p in self.pieces):
            return BROKEN
        return CHECKED if all(checks) else HERE

    def ready(self) -> list[rules.Ready]:
        found = []
        for p in self.pieces:
            check = self.checks.get(p.container_id)
            intact = check is not None and check.intact and not p.frozen
            found.append(rules.Ready(p.container.code, p.place == self.place, check is not None, intact))
        return found


@dataclass(frozen=True)
class Board:
    """A site's seal room in a session. `packs`: outer ones in it that hold bags; `held`: every bag of the session by id."""

    exam: Exam
    site: str
    session: int
    office_path: str
    row: SealRoom | None
    rooms: list[RoomLine]
    spares: list[Holding]
    packs: list[Holding]
    checks: Mapping[int, SealCheck]

    @cached_property
    def place(self) -> Where:
        return seal_room_place(self.site)

    @cached_property
    def subject(self) -> str:
        """What is done in it is on record under this name."""
        return subject_of(self.site, self.session)

    @cached_property
    def held(self) -> dict[int, Holding]:
        return {p.container_id: p for p in (*(p for line in self.rooms for p in line.pieces), *self.spares)}

    @cached_property
    def unchecked(self) -> list[Holding]:
        """Bags that are here, loose, not issued, and whose seal nobody has read yet."""
        return [
            p for p in self.held.values() if p.place == str(self.place) and p.container_id not in self.checks
        ]

    @cached_property
    def left(self) -> list[str]:
        """Codes of the bags that must still be issued before anybody leaves (V15.3.4)."""
        return [p.container.code for line in self.rooms if line.issue is None for p in line.pieces]

    @cached_property
    def by_room(self) -> dict[int, RoomLine]:
        return {line.room: line for line in self.rooms}

    def line(self, room: int) -> RoomLine:
        """The room's; hidden where it has no papers in the session."""
        if room not in self.by_room:
            raise NotPermitted(hidden=True)
        return self.by_room[room]

    @cached_property
    def next_room(self) -> int | None:
        """The first room whose bags may go out now."""
        return next((line.room for line in self.rooms if line.state == CHECKED), None)

    @cached_property
    def unopened(self) -> list[int]:
        """Rooms that have their bags and did not open them yet."""
        return [line.room for line in self.rooms if line.state == ISSUED]

    @cached_property
    def opens_at(self) -> datetime:
        """When the rooms may open their bags (V11.2.3)."""
        minutes = exams.params(self.exam, Params).bag_opened_minutes_before
        return starts(self.exam)[self.session] - timedelta(minutes=minutes)

    @cached_property
    def next_back(self) -> int | None:
        """The first room that is still to be counted back."""
        return next((line.room for line in self.rooms if line.issue and not line.count), None)

    @cached_property
    def figures(self) -> dict[str, int]:
        """State → rooms."""
        states = [line.state for line in self.rooms]
        return {
            state: states.count(state) for state in (AWAITED, HERE, CHECKED, BROKEN, ISSUED, OPENED, BACK)
        }

    @cached_property
    def groups(self) -> list[list[int]]:
        """The distribution groups that are proposed (V15.3.1)."""
        return rules.groups([line.room for line in self.rooms], exams.params(self.exam, Params).group_rooms)


def board(exam: Exam, site_code: str, session: int, *, viewer: Actor) -> Board:
    """The seal room as it stands; hidden outside of the viewer's scope and where the site has no papers in the session."""
    path = path_of(site_code)
    if not path.startswith(viewer.office_path or "-"):
        raise NotPermitted(hidden=True)
    held = list(
        Holding.objects.select_related("container", "parent")
        .filter(exam=exam, office_path=path, container__session=session, container__site_code=site_code)
        .order_by("container__room", "container__kind", "container__code")
    )
    if not held:
        raise NotPermitted(hidden=True)
    row = seal_rooms(exam, viewer=viewer).filter(site_code=site_code, session=session).first()
    checks = {c.container_id: c for c in row.checks.order_by("id")} if row else {}
    issues = {i.room: i for i in row.issues.select_related("first", "second")} if row else {}
    counts = {c.room: c for c in row.joint_counts.select_related("finding")} if row else {}
    by_room: dict[int, list[Holding]] = {}
    for one in held:
        if one.container.kind in ROOM_KINDS:
            by_room.setdefault(one.container.room, []).append(one)
    place = str(seal_room_place(site_code))
    lines = [
        RoomLine(n, pieces, checks, place, issues.get(n), counts.get(n))
        for n, pieces in sorted(by_room.items())
    ]
    spares = [one for one in held if one.container.kind == Kind.SPARE_BAG]
    inside = Holding.objects.filter(parent_id=OuterRef("container_id"))
    outer = Holding.objects.select_related("container").filter(
        Exists(inside), exam=exam, place=place, container__kind__in=sorted(OUTER)
    )
    return Board(exam, site_code, session, path, row, lines, spares, list(outer), checks)


def seal_rooms(exam: Exam, *, viewer: Actor) -> QuerySet[SealRoom]:
    """The seal rooms of the viewer's scope that are or were in use."""
    path = viewer.office_path or "-"
    found = SealRoom.objects.select_related("head", "officer")
    return found.filter(exam=exam, office_path__gte=path, office_path__lt=path + "~")


def starts(exam: Exam) -> dict[int, datetime]:
    """Session → when it begins."""
    return {s.number: s.starts_at for s in exams.sessions(exam)}


def spare_uses(exam: Exam, *, viewer: Actor) -> QuerySet[SpareUse]:
    """The books of spare papers in the viewer's scope, newest first."""
    path = viewer.office_path or "-"
    found = SpareUse.objects.select_related("seal_room", "spare", "bag", "consented_by", "report")
    return found.filter(exam=exam, office_path__gte=path, office_path__lt=path + "~").order_by("-id")


@dataclass(frozen=True)
class Progress:
    """A site in a session: how many bags of papers and cards there are, and where they are."""

    site: str
    session: int
    bags: int
    stored: int
    in_seal_room: int
    in_rooms: int


def progress(exam: Exam, *, viewer: Actor, session: int = 0, site: str = "") -> list[Progress]:
    """Every site of the viewer's scope in every session, by site and session; one session or site alone if asked for."""
    path = viewer.office_path or "-"
    found = Holding.objects.filter(
        exam=exam, office_path__gte=path, office_path__lt=path + "~", container__kind__in=ROOM_KINDS
    )
    found = found.filter(container__session=session) if session else found
    found = found.filter(container__site_code__startswith=site) if site else found
    found = found.annotate(spot=Coalesce("parent__holding__place", F("place")))

    def lying(spot: Spot) -> Count:
        return Count("pk", filter=Q(spot__startswith=f"{spot}:"))

    rows = found.values_list("container__site_code", "container__session").annotate(
        n=Count("pk"), s=lying(Spot.STORE), p=lying(Spot.SEAL_ROOM), r=lying(Spot.ROOM)
    )
    return [Progress(*row) for row in rows.order_by("container__site_code", "container__session")]


def joint_count(exam: Exam, count_id: int, *, viewer: Actor) -> JointCount:
    """One in the viewer's scope; hidden otherwise."""
    path = viewer.office_path or "-"
    found = JointCount.objects.select_related("seal_room").filter(
        exam=exam, pk=count_id, office_path__gte=path, office_path__lt=path + "~"
    )
    row = found.first()
    if row is None:
        raise NotPermitted(hidden=True)
    return row
