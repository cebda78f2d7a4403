"""The nation of a season: points with people, stores, keys and guards, and their papers in packs, made in bulk by services."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from PIL import Image

from keju.kernel.accounts import services as accounts
from keju.kernel.accounts.models import Person
from keju.kernel.calendar import CHINA
from keju.kernel.exams import clearing
from keju.kernel.exams import queries as exams
from keju.kernel.exams.clearing import NewClearance
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import path_of
from keju.stages.custody.models import Container, Holding
from keju.stages.custody.queries import stores as store_queries
from keju.stages.custody.rules.chain import Act, Change
from keju.stages.custody.rules.containers import Kind, Planned
from keju.stages.custody.rules.stores import NewStore
from keju.stages.custody.services import carry_out, keys, store_people, stores
from keju.stages.custody.services.keys import KeyMove
from keju.stages.custody.services.making import made_at, seal
from keju.stages.custody.services.store_people import Naming
from keju.stages.custody.services.stores import Look, NewAcceptance
from keju.stages.custody.tests.season.faults import HALVES, PACKS
from keju.stages.custody.tests.world import key
from keju.stages.staffing.models import Appointment, Member
from keju.stages.staffing.services import rosters
from keju.stages.staffing.services.rosters import Change as RosterChange
from keju.stages.staffing.services.rosters import NewShift
from keju.stages.staffing.tests.crowd import index
from keju.stages.venues.tests.year import make_exam, staff

SYSTEM = Actor.system("season")
DAY = datetime(2011, 10, 16, tzinfo=CHINA)
BEFORE = DAY - timedelta(days=11)
GUARDED = (DAY - timedelta(days=4), DAY + timedelta(days=1))
SHIFT = timedelta(hours=8)
COPIES = 30
CENTRE, REGION, POINT = "centre", "region", "point"
POSTS = {
    CENTRE: ["printer", *["centre_paper_officer"] * 3, "centre_confidential_officer", *["carrier"] * 2],
    REGION: ["region_leader", *["region_paper_receiver"] * 2, *["region_paper_escort"] * 2, "region_confidential_officer",
             "region_mail_officer", *["region_duty_officer"] * 3],
    POINT: ["chief_examiner", "paper_receiver", *["paper_keeper"] * 3, "point_confidential_officer", *["duty_officer"] * 3],
}  # fmt: skip
INVIGILATORS = ["invigilator"] * 2
"""At each point's site."""
STRANGER, UNTRAINED, TWIN = "stranger", "untrained", "twin"
ODD = (STRANGER, UNTRAINED, TWIN)
"""At each point besides: one without a post, a paper keeper without training, and a further entry of a paper keeper."""


@dataclass
class Nation:
    """The exam with its points; people (person ids) and members by office and post, stores by office."""

    exam: Exam
    points: list[str]
    rooms: int
    people: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    members: dict[int, int] = field(default_factory=dict)
    stores: dict[str, int] = field(default_factory=dict)
    packs: dict[tuple[str, int], list[int]] = field(default_factory=dict)
    codes: dict[int, list[str]] = field(default_factory=dict)

    @property
    def regions(self) -> list[str]:
        return sorted({point[:2] for point in self.points})

    @property
    def offices(self) -> list[str]:
        """Those that keep a store."""
        return [*self.regions, *self.points]

    def of(self, office: str, post: str) -> list[int]:
        return self.people[office, post]

    def store(self, office: str) -> str:
        """Its place."""
        return f"store:{self.stores[office]}"

    def keeper(self, point: str) -> Actor:
        return staff("point_custody", point)

    def code(self, person: int) -> str:
        """A signing code of theirs not used yet."""
        if not self.codes.get(person):
            with acting(SYSTEM):
                self.codes[person] = accounts.issue_signing_codes(
                    person_id=person, count=4, by=SYSTEM, at=BEFORE
                )
        return self.codes[person].pop()


def nation(points: Sequence[str], *, rooms: int, uncovered: dict[str, datetime]) -> Nation:
    """Everything is ready for the papers, which stand sealed in packs at the printing house.

    `rooms`: of each point's site; each has a bag of papers and one of cards for either half-day. `uncovered`: point → until
    when alone its store is guarded; others are until the season is over.
    """
    made = Nation(make_exam(*points), sorted(points), rooms)
    with acting(SYSTEM):
        _people(made)
        _stores(made)
        _guards(made, uncovered)
        _papers(made)
    return made


def _people(made: Nation) -> None:
    """By rows: their registry, appointment and training are other stages' services."""
    wanted = [("centre", post) for post in POSTS[CENTRE]]
    wanted += [(code, post) for code in made.regions for post in POSTS[REGION]]
    wanted += [(code, post) for code in made.points for post in (*POSTS[POINT], *ODD)]
    wanted += [(f"{code}-01", post) for code in made.points for post in INVIGILATORS]
    people = Person.objects.bulk_create(
        [Person(name=f"员工{n}", employer="某中学", phone="", office_path=path_of(code)) for n, (code, _) in enumerate(wanted)],
        batch_size=2000,
    )  # fmt: skip
    members = Member.objects.bulk_create(
        [
            Member(
                person=p, identity=f"number {n}", identity_index=index(n), sex="F", in_sector=False, permanent=True,
                office_path=p.office_path, made_at=BEFORE,
            )
            for n, p in enumerate(people, 1)
        ],
        batch_size=2000,
    )  # fmt: skip
    trained = {post.code: post.needs.training for post in exams.programme(made.exam).posts}
    rows, passed = [], []
    for (code, post), person, member in zip(wanted, people, members, strict=True):
        made.people.setdefault((code, post), []).append(person.pk)
        made.members[person.pk] = member.pk
        held = "paper_keeper" if post in ODD else post
        if post != STRANGER:
            rows.append(
                Appointment(
                    exam=made.exam, member=member, post=held, office_path=path_of(code), office_code=code, state="accepted",
                    made_by="season", made_at=BEFORE, decided_at=BEFORE,
                )
            )  # fmt: skip
        if post != UNTRAINED:
            passed += [NewClearance(person.pk, path_of(code), m, "season") for m in trained[held]]
    Appointment.objects.bulk_create(rows, batch_size=2000)
    clearing.clear(exam=made.exam, passed=passed, by=SYSTEM, at=BEFORE)


def _stores(made: Nation) -> None:
    facts = {"exam": made.exam, "by": SYSTEM, "at": BEFORE}
    rows = stores.enter_stores(
        stores=[(code, NewStore(f"{code}保密室", "机关大院2号楼")) for code in made.offices], **facts
    )
    made.stores = {row.office_code: row.pk for row in rows}
    stores.accept_stores(
        accepted=[NewAcceptance(row.pk, "保密局", date(2011, 8, 1)) for row in rows], scan=picture(), **facts
    )
    looks = [Look(row.pk, item.code, True) for row in rows for item in store_queries.items(made.exam)]
    stores.check_stores(looks=looks, photos=[picture()], **facts)
    answering = {code: _answering(made, code) for code in made.offices}
    named = [
        Naming(made.stores[code], role, person)
        for code, (first, second, _) in answering.items()
        for role, person in (("responsible", first), ("receiver", second))
    ]
    store_people.name_people(named=named, **facts)
    moves = [
        KeyMove(made.stores[code], lock, "1", "issued", person)
        for code, three in answering.items()
        for lock, person in zip(("door_a", "door_b", "cabinet"), three, strict=True)
    ]
    keys.move_keys(moves=moves, **facts)


def _answering(made: Nation, code: str) -> tuple[int, int, int]:
    """Who is responsible, who receives, and the confidential officer: keyholders of an office's store."""
    if len(code) == 2:
        first, second = made.of(code, "region_paper_receiver")
        return first, second, made.of(code, "region_confidential_officer")[0]
    return (
        made.of(code, "paper_keeper")[0],
        made.of(code, "paper_receiver")[0],
        made.of(code, "point_confidential_officer")[0],
    )


def _guards(made: Nation, uncovered: dict[str, datetime]) -> None:
    """Three guards in turn, eight hours each; published once for all."""
    facts = {"exam": made.exam, "by": SYSTEM, "at": BEFORE}
    rows = rosters.open_rosters(kind="store_guard", office_codes=made.offices, **facts)
    changes = []
    for row in rows:
        code = row.office_code
        begins, ends = GUARDED[0], uncovered.get(code, GUARDED[1])
        rosters.set_hours(roster_id=row.pk, starts_at=begins, ends_at=ends, expected=row.version, **facts)
        guards = made.of(code, "region_duty_officer" if len(code) == 2 else "duty_officer")
        turns = -(-(ends - begins) // SHIFT)
        put = [
            NewShift(
                made.members[guards[n % 3]], begins + n * SHIFT, min(begins + (n + 1) * SHIFT, ends), phone="13800000000"
            )
            for n in range(turns)
        ]  # fmt: skip
        changes.append(RosterChange(row.pk, put))
    rosters.change_rosters(changes=changes, **facts)
    rosters.publish_rosters(roster_ids=[row.pk for row in rows], **facts)


def _papers(made: Nation) -> None:
    """Packs of bags, sealed; numbered through the nation."""
    bags: list[Planned] = []
    into: list[tuple[str, int, int]] = []
    serial = dict.fromkeys(HALVES, 1)
    for point in made.points:
        for half in HALVES:
            for room in range(1, made.rooms + 1):
                first, serial[half] = serial[half], serial[half] + COPIES
                site = f"{point}-01"
                bags.append(Planned(Kind.BAG, site, room, half, "general", COPIES, first, first + COPIES - 1))
                bags.append(Planned(Kind.CARD_BAG, site, room, half, "general", COPIES))
                into += [(point, half, room % PACKS)] * 2
    common = {"by": SYSTEM, "at": BEFORE}
    facts = {"exam": made.exam, "region": "/", **common}
    ids = made_at(planned_=bags, paths=[path_of(b.site) for b in bags], key=key("bags"), sealed=True, **facts)
    outer = [(point, half) for point in made.points for half in HALVES for _ in range(PACKS)]
    pack = Planned(Kind.PACK, "", 0, 0, "", 0)
    packs = made_at(
        planned_=[pack] * len(outer),
        paths=[path_of(p) for p, _ in outer],
        key=key("packs"),
        sealed=False,
        **facts,
    )
    for (point, half), pk in zip(outer, packs, strict=True):
        made.packs.setdefault((point, half), []).append(pk)
    inside = {
        pk: Change(
            parent_id=made.packs[point, half][n], place="", place_path="", custodian="", holder_id=None
        )
        for pk, (point, half, n) in zip(ids, into, strict=True)
    }
    chain = {"exam": made.exam, "office_path": "/", **common}
    carry_out(key=key("packed"), act=Act.PACKED, changes=inside, **chain)
    seals = {pk: Change(seal=seal(made.exam, pk)) for pk in packs}
    carry_out(key=key("sealed"), act=Act.SEALED, changes=seals, **chain)


def free(made: Nation, ids: Sequence[int], place: str) -> list[int]:
    """Those of the containers that lie at a place of this kind, by themselves and not frozen."""
    rows = Holding.objects.filter(container_id__among=list(ids), frozen=False, place__startswith=place)
    return list(rows.order_by("container_id").values_list("container_id", flat=True))


def container_codes(ids: Sequence[int]) -> dict[int, str]:
    with acting(SYSTEM):
        return dict(Container.objects.filter(pk__among=list(ids)).values_list("pk", "code"))


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (300, 200), "grey").save(buffer, "PNG")
    return buffer.getvalue()
