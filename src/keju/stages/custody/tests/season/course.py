"""The course of a season: the papers from the printing house to the rooms and back, its faults, and the watch at its moments.

The honest mass of papers moves by the chain's own bulk path, one operation for the nation at each of its eight changes of hands;
`formal` points receive theirs by formal handovers, signed by all. Journeys, reports of the day and every fault go through the
services. The watch runs at the moments at which something begins, is due, or must not be raised yet.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from keju.kernel.audit.models import Event
from keju.kernel.offices import acting
from keju.kernel.offices.queries import path_of
from keju.stages.custody import events
from keju.stages.custody.models import Alarm, Container, Holding, Step
from keju.stages.custody.rules.attempts import attempt_kind
from keju.stages.custody.rules.chain import Act, Change, Counts
from keju.stages.custody.rules.containers import Kind
from keju.stages.custody.rules.journeys import TO_ATTEST, Leg, Mode, Plan
from keju.stages.custody.services import (
    carry_out,
    daily,
    handovers,
    journey_approval,
    journeys,
    stores,
    underway,
)
from keju.stages.custody.services.alarms import watch
from keju.stages.custody.services.journeys import NewJourney
from keju.stages.custody.services.underway import Departure
from keju.stages.custody.tests.season import joint
from keju.stages.custody.tests.season.faults import Fault
from keju.stages.custody.tests.season.judging import Finding, Verdict, judge
from keju.stages.custody.tests.season.nation import COPIES, DAY, SYSTEM, Nation
from keju.stages.custody.tests.season.planting import Planter
from keju.stages.custody.tests.world import key

WAVE = timedelta(minutes=20)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ROAD, EVE = DAY - timedelta(days=2), DAY - timedelta(days=1)
COUNTED_AT, KEYS_AT, EVE_AT, DRAWN_AT, OPENED_AT, BACK_AT = (
    ROAD + 14 * HOUR,
    EVE + HOUR,
    EVE + 10 * HOUR,
    DAY + 7 * HOUR,
    DAY + timedelta(hours=8, minutes=25),
    DAY + timedelta(hours=11, minutes=40),
)
Said = Callable[[str], object]


def at(day: datetime, hour: int, minute: int = 0) -> datetime:
    return day + timedelta(hours=hour, minutes=minute)


def moment(fault: Fault) -> datetime:
    """When it happens. Late papers have their own moments."""
    if fault.kind == "keyholder_on_guard":  # while every guard has a shift to come: afterwards they are none
        return KEYS_AT + fault.wave * 5 * MINUTE
    if fault.kind == "uncovered_hour" or fault.variant in ("other_day", "packs"):
        return EVE_AT + fault.wave * WAVE
    if fault.kind == "wrong_half_day":
        return DRAWN_AT + fault.wave * 5 * MINUTE
    if fault.kind == "early_opening":
        return OPENED_AT + fault.wave * 5 * MINUTE
    if fault.kind == "count_differs":
        return BACK_AT
    return COUNTED_AT + fault.wave * WAVE


@dataclass
class Season:
    """A nation, its faults, and what was done so far.

    `formal`: so many points receive by formal handovers; `brief`: nobody looks when nothing has begun and nothing is due.
    """

    nation: Nation
    faults: Sequence[Fault]
    formal: int = 0
    brief: bool = False
    planter: Planter = field(init=False)
    looks: int = 0
    looking: float = 0
    longest: float = 0

    def __post_init__(self) -> None:
        self.planter = Planter(self.nation)

    def late(self, variant: str) -> list[Fault]:
        return [f for f in self.faults if f.kind == "late" and f.variant == variant]

    def differing(self, half: int) -> list[Fault]:
        """Whose room's papers go through the services of the day in this half-day."""
        return [f for f in self.faults if f.kind == "count_differs" and half == joint.HALF]

    def look(self, *moments: datetime) -> None:
        """The minute's job runs at each of these."""
        for when in moments:
            began = time.perf_counter()
            watch(exam=self.nation.exam, by=SYSTEM, at=when)
            taken = time.perf_counter() - began
            self.looks, self.looking, self.longest = (
                self.looks + 1,
                self.looking + taken,
                max(self.longest, taken),
            )

    def idle(self, *moments: datetime) -> None:
        """As `look`, where nothing at all is to be seen."""
        if not self.brief:
            self.look(*moments)

    def steps(self) -> int:
        """How many steps the chain has now."""
        with acting(SYSTEM):
            return Step.objects.filter(exam=self.nation.exam).count()

    def act(
        self, what: Act, ids: Sequence[int], change: Callable[[int], Change], when: datetime, name: str = ""
    ) -> None:
        """The same act with all of them, in one operation."""
        if ids:
            with acting(SYSTEM):
                carry_out(
                    exam=self.nation.exam, key=key(f"{what} {when} {name}"), act=what, changes={pk: change(pk) for pk in ids},
                    office_path="/", by=SYSTEM, at=when,
                )  # fmt: skip

    def hand(self, kind: str, ids: Sequence[int], sides: tuple[str, str], place: str, when: datetime) -> None:
        """A formal handover from preparing to the last signature."""
        people = self.planter.people(kind, *sides)
        with acting(SYSTEM):
            handovers.in_one(
                exam=self.nation.exam, key=key(f"{kind} {sides} {when}"), kind=kind, container_ids=ids, sender_office=sides[0],
                receiver_office=sides[1], place=place, people=people,
                codes={p.person_id: self.nation.code(p.person_id) for p in people}, by=SYSTEM, at=when,
            )  # fmt: skip


def run(season: Season, say: Said = print) -> Verdict:
    """The whole season, and what is to be said of it."""
    for part in PARTS:
        part(season)
        say(f"{part.__name__}: {season.looks} looks")
    return verdict(season)


def verdict(season: Season) -> Verdict:
    """What is to be said of it so far."""
    return judge(season.planter.expected, raised(season))


def raised(season: Season) -> list[Finding]:
    """Every alarm that was ever raised, and every refused attempt on record."""
    with acting(SYSTEM):
        found = [
            Finding("alarm", a.kind, a.subject, a.office_path, a.raised_at)
            for a in Alarm.objects.filter(exam=season.nation.exam)
        ]
        kinds = [events.ATTEMPT_REFUSED, events.HANDOVER_REFUSED]
        for e in Event.objects.filter(kind__in=kinds).order_by("at"):
            said = (
                [e.data["kind"]]
                if e.kind == events.ATTEMPT_REFUSED
                else [attempt_kind(c) or c for c in e.data["why"]]
            )
            found += [Finding("refusal", kind, e.subject, e.office_path, e.at) for kind in said]
    return found


def to_regions(season: Season) -> None:
    """By post to the regions' mail rooms and into their stores: three changes of hands."""
    made, day = season.nation, ROAD - timedelta(days=1)
    regions = {pk: point[:2] for (point, _), ids in made.packs.items() for pk in ids}
    ids = sorted(regions)
    plans = [
        NewJourney("centre", code, _post(made, Leg.TO_REGION, ("centre", code), day)) for code in made.regions
    ]
    places = _journeys(season, plans, day)
    season.act(
        Act.HANDED_OVER,
        ids,
        lambda pk: Change(place=places[regions[pk]], place_path="/", custodian="centre"),
        at(day, 7),
    )
    _depart(season, places, at(day, 8))
    season.idle(at(day, 9))
    _arrive(season, places, at(day, 12))
    season.act(Act.HANDED_OVER, ids, lambda pk: _in(f"mail_room:{regions[pk]}", regions[pk]), at(day, 12, 20))
    season.act(Act.HANDED_OVER, ids, lambda pk: _in(made.store(regions[pk]), regions[pk]), at(day, 13))
    _came(season, made.regions, at(day, 13))
    _report(season, at(day, 15, 50))
    season.look(at(day, 16, 1))


def to_points(season: Season) -> None:
    """On the way to the points and into their stores; some journeys and some receivers are late."""
    made = season.nation
    of = {pk: point for (point, _), ids in made.packs.items() for pk in ids}
    by_point = {p: sorted(pk for pk, q in of.items() if q == p) for p in made.points}
    new = [NewJourney(p[:2], p, _post(made, Leg.TO_POINT, (p[:2], p), ROAD)) for p in made.points]
    places = _journeys(season, new, ROAD)
    season.act(
        Act.HANDED_OVER, sorted(of),
        lambda pk: Change(place=places[of[pk]], place_path=path_of(of[pk][:2]), custodian=of[pk][:2]), at(ROAD, 7),
    )  # fmt: skip
    _depart(season, places, at(ROAD, 8))
    slow, waiting = season.late("journey"), season.late("unloading")
    kept = {f.point for f in (*slow, *waiting)}
    opened = {f.point: _announced(season, f, by_point[f.point]) for f in (*slow, *waiting)}
    _arrive(season, {p: places[p] for p in made.points if p not in {f.point for f in slow}}, at(ROAD, 11, 30))
    for f in slow:
        season.planter.expect(
            f, "alarm", "journey_overdue", places[f.point], path_of(f.point), at(ROAD, 12, 30)
        )
    for f in waiting:
        season.planter.expect(
            f, "alarm", "journey_not_unloaded", places[f.point], path_of(f.point), at(ROAD, 12, 30)
        )
    for f in (*slow, *waiting):
        season.planter.expect_alarm(f, "handover_overdue", opened[f.point], at(ROAD, 13))
    on_time = [p for p in made.points if p not in kept]
    for p in on_time[: season.formal]:
        season.hand("escort_to_point_store", by_point[p], (p[:2], p), made.store(p), at(ROAD, 12))
    in_bulk = [pk for p in on_time[season.formal :] for pk in by_point[p]]
    season.act(Act.HANDED_OVER, in_bulk, lambda pk: _in(made.store(of[pk]), of[pk]), at(ROAD, 12))
    _came(season, on_time[season.formal :], at(ROAD, 12))
    season.look(at(ROAD, 12, 30), at(ROAD, 12, 31), at(ROAD, 13), at(ROAD, 13, 1))
    _arrive(season, {f.point: places[f.point] for f in slow}, at(ROAD, 13, 5))
    for n, p in enumerate(sorted(kept)):
        with acting(SYSTEM):
            handovers.break_off(
                exam=made.exam,
                handover_id=opened[p],
                reason=f"改为重新交接{n}",
                by=SYSTEM,
                at=at(ROAD, 13, 5),
            )
    season.act(
        Act.HANDED_OVER,
        [pk for p in kept for pk in by_point[p]],
        lambda pk: _in(made.store(of[pk]), of[pk]),
        at(ROAD, 13, 6),
    )
    _came(season, sorted(kept), at(ROAD, 13, 6))
    season.idle(at(ROAD, 13, 7))


def counted(season: Season) -> None:
    """The points count their packs, and much goes wrong; it is set right once it was raised."""
    mine = [f for f in season.faults if f.kind != "late" and moment(f) < EVE]
    terms: list[tuple[datetime, Callable[[], object]]] = []
    for wave in sorted({f.wave for f in mine}):
        now = COUNTED_AT + wave * WAVE
        lot = [f for f in mine if f.wave == wave]
        slow = [f for f in lot if f.kind == "missing_receipt"]
        terms.append((now, partial(_plant, season, lot, now)))
        quick = [f.number for f in lot if f not in slow]
        terms.append((now + 2 * MINUTE, partial(_set_right, season, quick, now + 2 * MINUTE)))
        terms.append((now + HOUR, partial(season.look, now + HOUR, now + HOUR + MINUTE)))
        numbers = [f.number for f in slow]
        end = now + HOUR + 2 * MINUTE
        terms.append((end, partial(_set_right, season, numbers, end)))
    terms.append((at(ROAD, 15, 50), lambda: _report(season, at(ROAD, 15, 50))))
    for _, act in sorted(terms, key=lambda t: t[0]):
        act()
    season.idle(at(ROAD, 17))


def eve(season: Season) -> None:
    """Keys, guards, and who cannot wait."""
    mine = [f for f in season.faults if f.kind != "late" and EVE < moment(f) < DAY]
    for now in sorted({moment(f) for f in mine}):
        if now == EVE_AT:
            season.idle(EVE_AT - MINUTE)
        _plant(season, [f for f in mine if moment(f) == now], now)
    _report(season, at(EVE, 15, 50))
    season.look(at(EVE, 16, 1))


def morning(season: Season) -> None:
    mine = [f for f in season.faults if f.kind != "late" and moment(f) > DAY]
    for wave in sorted({f.wave for f in mine}):
        now = DRAWN_AT + wave * 5 * MINUTE
        _plant(season, [f for f in mine if f.wave == wave and moment(f) == now], now)
    slow = season.late("withdrawal")
    for f in slow:
        season.planter.expect(
            f, "alarm", "withdrawal_late", f"seal_room:{f.point}-01/1", path_of(f"{f.point}-01"), at(DAY, 8)
        )
    _drawn(season, 1, at(DAY, 7, 30), [p for p in season.nation.points if p not in {f.point for f in slow}])
    season.look(at(DAY, 7, 59), at(DAY, 8))
    _drawn(season, 1, at(DAY, 8, 2), [f.point for f in slow])
    _issued(season, 1, at(DAY, 8, 20))
    for wave in sorted({f.wave for f in mine}):
        now = OPENED_AT + wave * 5 * MINUTE
        _plant(season, [f for f in mine if f.wave == wave and moment(f) == now], now)
    season.look(at(DAY, 8, 46))
    _used(season, 1, at(DAY, 8, 52), BACK_AT)
    season.idle(at(DAY, 12, 5))


def afternoon(season: Season) -> None:
    _drawn(season, 2, at(DAY, 12, 40), season.nation.points)
    season.look(at(DAY, 13))
    _issued(season, 2, at(DAY, 13, 20))
    season.look(at(DAY, 13, 46))
    _used(season, 2, at(DAY, 13, 52), at(DAY, 16, 40), lambda: _report(season, at(DAY, 15, 50)))
    season.look(at(DAY, 18, 31))


def _plant(season: Season, lot: Sequence[Fault], now: datetime) -> None:
    """They happen; the next look must find them."""
    for f in lot:
        season.planter.plant(f, now)
    if lot:
        season.look(now + MINUTE)


def _set_right(season: Season, numbers: Sequence[int], now: datetime) -> None:
    for number in numbers:
        if number in season.planter.open:
            season.planter.set_right(number, now)


def _announced(season: Season, fault: Fault, packs: Sequence[int]) -> int:
    """The papers are announced to the point for noon, and nobody will count then."""
    exam, point = season.nation.exam, fault.point
    people = season.planter.people("escort_to_point_store", point[:2], point)
    with acting(SYSTEM):
        row = handovers.prepare(
            exam=exam, key=key(f"fault {fault.number}"), kind="escort_to_point_store", container_ids=packs,
            sender_office=point[:2], receiver_office=point, place=season.nation.store(point), people=people, by=SYSTEM,
            at=at(ROAD, 8),
        )  # fmt: skip
        handovers.announce(
            exam=exam, handover_id=row.pk, departs_at=at(ROAD, 8), arrives_at=at(ROAD, 12), escorts="押运员", contact="110",
            by=SYSTEM, at=at(ROAD, 8),
        )  # fmt: skip
    return row.pk


def _in(place: str, custodian: str) -> Change:
    return Change(place=place, place_path=path_of(custodian), custodian=custodian)


def _post(made: Nation, leg: Leg, sides: tuple[str, str], day: datetime) -> Plan:
    """By confidential post, from eight to noon."""
    answers = (
        made.of("centre", "centre_paper_officer")
        if sides[0] == "centre"
        else made.of(sides[0], "region_paper_receiver")
    )
    receiver = made.of(sides[1], "region_paper_receiver" if leg == Leg.TO_REGION else "paper_receiver")
    return Plan(
        leg=leg, mode=Mode.POST, depart_at=at(day, 8), arrive_at=at(day, 12), to_place=made.store(sides[1]),
        responsible_id=answers[0], receiver_id=receiver[0], carrier="机要通信局", terms="双人交接", conditions="防水包装",
    )  # fmt: skip


def _journeys(season: Season, plans: Sequence[NewJourney], day: datetime) -> dict[str, str]:
    """Receiver → the place of its journey, planned and settled."""
    facts: dict[str, Any] = {"exam": season.nation.exam, "by": SYSTEM, "at": day - HOUR}
    with acting(SYSTEM):
        rows = journeys.plan_journeys(journeys=plans, **facts)
        journey_approval.submit(journey_ids=[row.pk for row in rows], **facts)
    return {row.receiver_code: f"journey:{row.pk}" for row in rows}


def _depart(season: Season, places: dict[str, str], now: datetime) -> None:
    with acting(SYSTEM):
        left = [Departure(_id(p), key(f"left {p}"), TO_ATTEST[Mode.POST]) for p in places.values()]
        underway.depart(exam=season.nation.exam, departures=left, by=SYSTEM, at=now)


def _arrive(season: Season, places: dict[str, str], now: datetime) -> None:
    if places:
        with acting(SYSTEM):
            there = {_id(p): key(f"there {p}") for p in places.values()}
            underway.arrive(exam=season.nation.exam, arrivals=there, by=SYSTEM, at=now)


def _id(place: str) -> int:
    return int(place.partition(":")[2])


def _came(season: Season, offices: Sequence[str], now: datetime) -> None:
    """What a handover into their stores would have set going."""
    with acting(SYSTEM):
        ids = [season.nation.stores[code] for code in offices]
        stores.papers_came(exam=season.nation.exam, store_ids=ids, by=SYSTEM, at=now)


def _report(season: Season, now: datetime) -> None:
    """Every office that keeps papers says so, and what is not in order."""
    made = season.nation
    with acting(SYSTEM):
        places = set(
            Holding.objects.filter(exam=made.exam, place__startswith="store:").values_list("place", flat=True)
        )
        codes = [code for code in made.offices if made.store(code) in places]
        daily.send_daily(
            exam=made.exam, office_codes=codes, progress=dict.fromkeys(codes, "见警报"), by=SYSTEM, at=now
        )


def _drawn(season: Season, half: int, now: datetime, points: Sequence[str]) -> None:
    """The half-day's packs stand in the seal rooms and are opened; their bags lie there."""
    packs = {pk: p for p in points for pk in season.nation.packs[p, half]}
    ids = sorted(packs)
    formal = [f for f in season.differing(half) if f.point in points]
    for f in formal:
        joint.drawn(season.nation, f, now)
    season.act(
        Act.MOVED,
        [pk for pk in ids if packs[pk] not in {f.point for f in formal}],
        lambda pk: Change(place=f"seal_room:{packs[pk]}-01", place_path=path_of(f"{packs[pk]}-01")),
        now,
    )
    season.act(Act.OPENED, ids, lambda pk: Change(seal=""), now)
    with acting(SYSTEM):
        held = {h.container_id: h.parent_id or 0 for h in Holding.objects.filter(parent_id__among=ids)}
    season.act(
        Act.UNPACKED, sorted(held),
        lambda pk: Change(
            parent_id=None, place=f"seal_room:{packs[held[pk]]}-01", place_path=path_of(f"{packs[held[pk]]}-01"),
            custodian=packs[held[pk]],
        ), now,
    )  # fmt: skip


def _bags(season: Season, half: int) -> dict[int, tuple[str, int]]:
    """Bag → its site and room."""
    with acting(SYSTEM):
        rows = Container.objects.filter(
            exam=season.nation.exam, session=half, kind__in=[Kind.BAG, Kind.CARD_BAG]
        )
        return {pk: (site, room) for pk, site, room in rows.values_list("pk", "site_code", "room")}


def _in_bulk(season: Season, half: int, bags: dict[int, tuple[str, int]]) -> list[int]:
    """Those that no service of the day moves."""
    formal = {(joint.site(f), joint.ROOM) for f in season.differing(half)}
    return sorted(pk for pk, where in bags.items() if where not in formal)


def _issued(season: Season, half: int, now: datetime) -> None:
    bags = _bags(season, half)
    for f in season.differing(half):
        joint.issued(season.nation, f, now)
    season.act(
        Act.HANDED_OVER,
        _in_bulk(season, half, bags),
        lambda pk: Change(place="room:{}/{}".format(*bags[pk]), place_path=path_of(bags[pk][0])),
        now,
    )


def _used(
    season: Season, half: int, opened: datetime, back: datetime, meanwhile: Callable[[], None] = lambda: None
) -> None:
    """Opened in the rooms, counted back, sealed, and through the seal room into the store."""
    bags = _bags(season, half)
    ids = sorted(bags)
    season.act(Act.OPENED, ids, lambda pk: Change(seal=""), opened)
    season.act(Act.COUNTED, ids, lambda pk: Change(counts=Counts(out=COPIES)), opened)
    meanwhile()
    honest = _in_bulk(season, half, bags)
    season.act(Act.COUNTED, honest, lambda pk: Change(counts=Counts(used=COPIES)), back)
    season.act(Act.SEALED, honest, lambda pk: Change(seal=f"Z{pk}"), back)
    season.act(
        Act.HANDED_OVER,
        honest,
        lambda pk: Change(place=f"seal_room:{bags[pk][0]}", place_path=path_of(bags[pk][0])),
        back,
    )
    _plant(season, season.differing(half), back)
    for f in season.differing(half):
        joint.explained(season.nation, f, back + 2 * MINUTE)
    season.act(
        Act.MOVED, ids,
        lambda pk: Change(place=season.nation.store(bags[pk][0][:4]), place_path=path_of(bags[pk][0][:4])), back + 20 * MINUTE,
    )  # fmt: skip


PARTS = (to_regions, to_points, counted, eve, morning, afternoon)
