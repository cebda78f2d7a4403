"""A leg of papers on the way: what its plan must say, whose approval it needs, who and what must be there to leave. Pure."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from keju.rulebook import Refusal, rule
from keju.rulebook.words import Words, t
from keju.stages.custody.params import Params
from keju.stages.custody.rules.places import Spot, read


class Mode(StrEnum):
    """How papers travel (V10.2.2, V10.2.4, V10.2.5)."""

    POST = "post"
    ROAD = "road"
    TRAIN = "train"
    AIR = "air"


class Leg(StrEnum):
    """Between which levels. `BACK` is every way up: spare bags, cards, what is to be destroyed."""

    TO_REGION = "to_region"
    TO_POINT = "to_point"
    TO_SITE = "to_site"
    BACK = "back"


class Duty(StrEnum):
    """What somebody is on a journey. The leader is one of the escorts; a driver is not."""

    LEADER = "leader"
    ESCORT = "escort"
    DRIVER = "driver"


DOWN = {
    ("centre", "region"): Leg.TO_REGION,
    ("region", "point"): Leg.TO_POINT,
    ("point", "site"): Leg.TO_SITE,
}
PAPERS, ACCOMPANYING = "papers", "escort"  # kinds of vehicle
ATTESTED: Mapping[str, Words] = {
    "no_others": t("不搭载无关人员和物品", "no unrelated persons or goods aboard"),
    "watched": t("途中专人看守，人不离卷", "papers watched all the way, never left alone"),
    "fit": t("押运人员身体适合，知悉保密要求", "escorts are fit and know the secrecy rules"),
    "soft_sleeper": t("乘坐软卧", "soft sleeper"),
    "compartment": t("独立包厢", "a compartment of their own"),
    "hand_carried": t("手提随身", "hand-carried"),
    "not_checked_in": t("不办理托运", "nothing checked in"),
}
ESCORTED = ("no_others", "watched", "fit")
TO_ATTEST: Mapping[Mode, tuple[str, ...]] = {
    Mode.POST: (),
    Mode.ROAD: ESCORTED,
    Mode.TRAIN: (*ESCORTED, "soft_sleeper", "compartment"),
    Mode.AIR: (*ESCORTED, "hand_carried", "not_checked_in"),
}
STORED = {Leg.TO_REGION: Spot.STORE, Leg.TO_POINT: Spot.STORE}
AUTHORITIES = (
    "veterinary",
    "police",
    "secrecy",
)  # who is told of trouble on the way, besides the offices above (V10.2.4)
CLOCKS_APART = timedelta(minutes=5)  # how far a phone's clock may run ahead


@dataclass(frozen=True)
class Vehicle:
    """`kind`: "papers", or "escort" for one that drives along. `sealed`: a closed van. `exempt`: from checks on the road."""

    plate: str
    kind: str = PAPERS
    sealed: bool = True
    serviced: bool = True
    exempt: bool = True


@dataclass(frozen=True)
class Crew:
    """A person of the journey; `vehicle`: the place of theirs in the list of vehicles, from 1; 0 where there is none."""

    person_id: int
    duty: Duty
    vehicle: int = 0


@dataclass(frozen=True)
class Plan:
    """What is planned of a leg. `responsible_id`, `receiver_id`: who answers at either end (V10.1). `to_place`: where the
    papers go, straight ("store:15"). `conditions`: how weight, packing and damp, and `road`: how road and weather were
    considered. `exception`: why an arrival on another day, or by air, is asked for."""

    leg: Leg
    mode: Mode
    depart_at: datetime
    arrive_at: datetime
    to_place: str
    responsible_id: int | None
    receiver_id: int | None
    carrier: str = ""
    terms: str = ""
    route: str = ""
    conditions: str = ""
    road: str = ""
    police: str = ""
    secrecy: str = ""
    exception: str = ""
    vehicles: Sequence[Vehicle] = ()
    crew: Sequence[Crew] = ()


def leg_of(sender: str, receiver: str) -> Leg | None:
    """The leg between two kinds of office; None where papers do not travel so."""
    down = DOWN.get((sender, receiver))
    return down or (Leg.BACK if (receiver, sender) in DOWN else None)


@rule("V10.2.2")
def check_plan(plan: Plan) -> Iterator[Refusal]:
    """Whether the plan says all that it has to."""
    if plan.responsible_id is None or plan.receiver_id is None:
        yield Refusal("V10.1", "custody_journey_responsible", field="responsible_id")
    if plan.arrive_at <= plan.depart_at:
        yield Refusal("V10.2.2", "custody_journey_times", field="arrive_at")
    if not plan.conditions.strip():
        yield Refusal("V10.2.2", "custody_journey_conditions", field="conditions")
    if plan.mode is Mode.POST:
        if not plan.carrier.strip() or not plan.terms.strip():
            yield Refusal("V10.2.2", "custody_journey_carrier", field="carrier")
        return
    if not plan.road.strip():
        yield Refusal("V10.2.2", "custody_journey_road", field="road")
    if not plan.route.strip():
        yield Refusal("V10.2.3", "custody_journey_route", field="route")
    if plan.leg is Leg.TO_SITE and not (plan.police.strip() and plan.secrecy.strip()):
        yield Refusal("V10.2.3", "custody_journey_authorities", field="police")
    wanted = STORED.get(plan.leg)
    if wanted is not None and read(plan.to_place).spot is not wanted:
        yield Refusal("V11.3.1", "custody_journey_to_store", field="to_place")
    if plan.mode is Mode.AIR and not plan.exception.strip():
        yield Refusal("V10.2.5", "custody_journey_air", field="exception")


@rule("V10.2.2", "V12.3")
def check_arrival(
    leg: Leg, arrive_on: date, exam_day: date | None, exception: str, params: Params
) -> Iterator[Refusal]:
    """Papers are at the point two days before the exam, neither later nor earlier; else the region approves the exception."""
    if leg is not Leg.TO_POINT or exam_day is None or exception.strip():
        return
    latest = exam_day - timedelta(days=params.journey_arrive_days)
    earliest = exam_day - timedelta(days=params.keep_days_max)
    if arrive_on > latest:
        yield Refusal("V10.2.2", "custody_journey_late", {"day": latest}, field="arrive_at")
    if arrive_on < earliest:
        yield Refusal("V12.3", "custody_journey_early", {"day": earliest}, field="arrive_at")


@rule("V10.2.3", "V10.2.5", "V12.3")
def approvals_needed(leg: Leg, mode: Mode, exceptional: bool) -> tuple[str, ...]:
    """Roles that sign the plan before it is carried out: none for an ordinary way between stores."""
    needed = []
    if leg is Leg.TO_SITE:
        needed.append("region_custody")
    if mode is Mode.AIR:
        needed.append("centre_custody")
    elif leg is Leg.TO_POINT and exceptional:
        needed.append("region_leader")
    return tuple(needed)


@rule("V10.2.4", "V10.2.5")
def check_crew(plan: Plan, params: Params) -> Iterator[Refusal]:
    """Whether the people and vehicles satisfy the figures."""
    if plan.mode is Mode.POST:
        return
    duties = Counter(one.duty for one in plan.crew)
    escorts = duties[Duty.LEADER] + duties[Duty.ESCORT]
    if duties[Duty.LEADER] != 1:
        yield Refusal("V10.2.4", "custody_journey_leader", {"n": duties[Duty.LEADER]}, field="crew")
    if plan.mode is Mode.TRAIN and escorts < params.journey_escorts_train:
        facts = {"n": escorts, "min": params.journey_escorts_train}
        yield Refusal("V10.2.4", "custody_journey_crew_train", facts, field="crew")
    if plan.mode is Mode.AIR and escorts < params.journey_escorts_air:
        facts = {"n": escorts, "min": params.journey_escorts_air}
        yield Refusal("V10.2.5", "custody_journey_crew_air", facts, field="crew")
    if plan.mode is Mode.ROAD:
        yield from _check_vehicles(plan, params)


def _check_vehicles(plan: Plan, params: Params) -> Iterator[Refusal]:
    carrying = {n: v for n, v in enumerate(plan.vehicles, 1) if v.kind == PAPERS}
    if not carrying:
        yield Refusal("V10.2.4", "custody_journey_vehicle", field="vehicles")
        return
    aboard = Counter(one.vehicle for one in plan.crew if one.duty is not Duty.DRIVER)
    single = len(carrying) == 1
    least = params.journey_escorts_single if single else params.journey_escorts_each
    for n, vehicle in carrying.items():
        if aboard[n] < least:
            code = "custody_journey_crew_single" if single else "custody_journey_crew_each"
            yield Refusal(
                "V10.2.4", code, {"plate": vehicle.plate, "n": aboard[n], "min": least}, field="crew"
            )
    for vehicle in plan.vehicles:
        if not vehicle.serviced:
            yield Refusal("V10.2.4", "custody_journey_serviced", {"plate": vehicle.plate}, field="vehicles")
        if plan.leg is Leg.TO_SITE and not vehicle.exempt:
            yield Refusal("V10.2.3", "custody_journey_exempt", {"plate": vehicle.plate}, field="vehicles")
    open_ones = [v.plate for v in carrying.values() if not v.sealed]
    if open_ones:
        facts = {"plates": "、".join(open_ones)}
        yield Refusal("V10.2.3", "custody_journey_van", facts, "in principle", "vehicles")
    if plan.leg is Leg.TO_SITE and len(carrying) == len(plan.vehicles):
        yield Refusal("V10.2.3", "custody_journey_accompanied", {}, "in principle", "vehicles")


@rule("V10.2.4", "V10.2.6")
def check_people(
    unappointed: Sequence[str], untrained: Sequence[str], busy: Sequence[str]
) -> Iterator[Refusal]:
    """Names: of the crew, who is not appointed in force (V2.9's check bars those with a relative in the exam), who has not
    passed the training, who is on another way at the same time."""
    for code, names, clause in (
        ("custody_journey_unappointed", unappointed, "V10.2.6"),
        ("custody_journey_untrained", untrained, "V10.2.6"),
        ("custody_journey_busy", busy, "V10.2.4"),
    ):
        if names:
            yield Refusal(clause, code, {"names": "、".join(names)}, field="crew")


@rule("V10.2.3", "V10.2.4", "V10.2.5", "V10.2.6")
def check_departure(mode: Mode, attested: Collection[str], approved: bool, loaded: int) -> Iterator[Refusal]:
    """Whether a planned journey may leave: approved, loaded, and with what nobody but those on the spot can vouch for."""
    if not approved:
        yield Refusal("V10.2.3", "custody_journey_unapproved")
    if not loaded:
        yield Refusal("V10.2.4", "custody_journey_empty")
    for code in TO_ATTEST[mode]:
        if code not in attested:
            yield Refusal(_attests(mode, code), "custody_journey_attest", {"what": ATTESTED[code]})


def _attests(mode: Mode, code: str) -> str:
    if code == "fit":
        return "V10.2.6"
    return "V10.2.4" if code in ESCORTED or mode is not Mode.AIR else "V10.2.5"


@rule("V10.2.4")
def check_entry(
    kind: str, words: str, has_left: bool, happened_at: datetime, departed_at: datetime | None, at: datetime
) -> Iterator[Refusal]:
    """Whether something may be entered in the book of a journey."""
    if not has_left or departed_at is None:
        yield Refusal("V10.2.4", "custody_journey_not_under_way")
        return
    if happened_at > at + CLOCKS_APART or happened_at < departed_at - CLOCKS_APART:
        yield Refusal("V10.2.4", "custody_journey_clock", {"left": departed_at}, field="happened_at")
    if kind in ("trouble", "solved", "stop") and not words.strip():
        yield Refusal("V10.2.4", "custody_journey_words", field="words")


@rule("V10.2.3")
def check_route(route: str, reason: str) -> Iterator[Refusal]:
    """A route is changed to something, because of something."""
    if not route.strip() or not reason.strip():
        yield Refusal("V10.2.3", "custody_journey_route_why", field="reason" if route.strip() else "route")


def silent_since(last_at: datetime, every: timedelta, grace: timedelta) -> datetime:
    """From when on nothing having been heard is an alarm."""
    return last_at + every + grace
