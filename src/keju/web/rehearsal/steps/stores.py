"""Every region and host point has its secret store: accepted, looked at, answered for, locked, guarded round the clock."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from keju.kernel.offices import acting
from keju.kernel.offices.models import Office
from keju.stages.custody.queries import stores as queries
from keju.stages.custody.rules.stores import NewStore
from keju.stages.custody.services import keys, store_people, stores
from keju.stages.custody.services.keys import KeyMove
from keju.stages.custody.services.store_people import Naming
from keju.stages.custody.services.stores import Look, NewAcceptance
from keju.stages.staffing.services import rosters
from keju.stages.venues import queries as venues
from keju.web.rehearsal.steps.people import signed
from keju.web.rehearsal.world import World

BEFORE_EXAM = timedelta(days=11)
GUARDED = {2: (timedelta(days=-7), timedelta(days=10)), 4: (timedelta(days=-3), timedelta(days=6))}
"""Length of an office's code → from when until when its store is guarded, from the day of the exam."""
KIND = "store_guard"


@dataclass(frozen=True)
class Kept:
    """An office's store and who keeps it: persons by what they are there for."""

    office: str
    store_id: int
    responsible: int
    receiver: int
    officer: int

    @property
    def place(self) -> str:
        return f"store:{self.store_id}"


def run(world: World, region: Office) -> dict[str, Kept]:
    """Office code → its store, into which papers may come once it is guarded; of the region and its host points."""
    exam, keeper, at = (
        world.exam,
        world.actor("region_custody", region),
        world.calendar.exam_day - BEFORE_EXAM,
    )
    codes = [region.code, *venues.hosts(exam, region.code)]
    with acting(keeper):
        rows = stores.enter_stores(
            exam=exam,
            stores=[(c, NewStore(f"{c}保密室", "机关大院2号楼三层")) for c in codes],
            by=keeper,
            at=at,
        )
        stores.accept_stores(
            exam=exam, accepted=[NewAcceptance(r.pk, "保密行政管理部门", date(world.year, 8, 1)) for r in rows],
            scan=signed(), by=keeper, at=at,
        )  # fmt: skip
        looks = [Look(r.pk, item.code, True) for r in rows for item in queries.items(exam)]
        stores.check_stores(exam=exam, looks=looks, photos=[signed()], by=keeper, at=at)
        kept = {r.office_code: _kept(world, r.pk, r.office_code) for r in rows}
        named = [
            Naming(k.store_id, role, person)
            for k in kept.values()
            for role, person in (("responsible", k.responsible), ("receiver", k.receiver))
        ]
        store_people.name_people(exam=exam, named=named, by=keeper, at=at)
        moves = [
            KeyMove(k.store_id, lock, "1", "issued", person)
            for k in kept.values()
            for lock, person in (("door_a", k.responsible), ("door_b", k.receiver), ("cabinet", k.officer))
        ]
        keys.move_keys(exam=exam, moves=moves, by=keeper, at=at)
    _guard(world, region, codes, at)
    return kept


def _kept(world: World, store_id: int, code: str) -> Kept:
    """The receivers of papers keep the door: they never stand guard."""
    people = queries.candidates(world.exam, code)

    def of(post: str) -> list[int]:
        return [p.person_id for p in people if post in p.posts]

    at_region = len(code) == 2
    receivers = of("region_paper_receiver" if at_region else "paper_receiver")
    (officer, *_) = of("region_confidential_officer" if at_region else "point_confidential_officer")
    return Kept(code, store_id, receivers[0], receivers[1], officer)


def _guard(world: World, region: Office, codes: list[str], at: datetime) -> None:
    exam, officer = world.exam, world.actor("region_officer", region)
    day = world.calendar.exam_day.replace(hour=8)
    with acting(officer):
        rows = rosters.open_rosters(exam=exam, kind=KIND, office_codes=codes, by=officer, at=at)
        for row in rows:
            begins, ends = GUARDED[len(row.office_code)]
            rosters.set_hours(
                exam=exam, roster_id=row.pk, starts_at=day + begins, ends_at=day + ends, expected=row.version,
                by=officer, at=at,
            )  # fmt: skip
        ids = [row.pk for row in rows]
        rosters.take_proposals(exam=exam, roster_ids=ids, seed=1, afresh=True, by=officer, at=at)
        rosters.publish_rosters(exam=exam, roster_ids=ids, by=officer, at=at)
