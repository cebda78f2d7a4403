"""Papers on the way: the board, one journey with its book, who may go along, and what is wrong on the way."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, QuerySet

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import CHINA
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import office
from keju.rulebook import Refusal
from keju.stages.custody.models import Holding, Journey, JourneyCrew, JourneyEntry, Store
from keju.stages.custody.models.journeys import ARRIVED, SETTLED, UNDER_WAY
from keju.stages.custody.params import Params
from keju.stages.custody.rules.journeys import AUTHORITIES, Crew, Duty, Leg, Mode, Plan, Vehicle, silent_since
from keju.stages.custody.rules.places import Spot, journey
from keju.stages.registration.queries import mask_phone
from keju.stages.venues import queries as venues

NATION = Actor.system("custody journeys")
MOST_MOVING = 500


def under(path: str) -> dict[str, str]:
    path = path or "-"
    return {"office_path__gte": path, "office_path__lt": path + "~"}


def journeys(exam: Exam, *, viewer: Actor) -> QuerySet[Journey]:
    """Every journey in the viewer's scope."""
    return Journey.objects.select_related("responsible", "receiver").filter(
        exam=exam, **under(viewer.office_path)
    )


def listed(exam: Exam, *, viewer: Actor, state: str = "", leg: str = "", after: int = 0) -> QuerySet[Journey]:
    """The journeys from the newest on, of one state or leg; `after`: the last one seen."""
    found = journeys(exam, viewer=viewer).order_by("-pk")
    found = found.filter(pk__lt=after) if after else found
    found = found.filter(state=state) if state else found
    return found.filter(leg=leg) if leg else found


def one(exam: Exam, journey_id: int, *, viewer: Actor) -> Journey:
    """The journey; NotPermitted (hidden) outside the viewer's scope. Who sees it sees who answers for it at both ends."""
    if not journeys(exam, viewer=viewer).filter(pk=journey_id).exists():
        raise NotPermitted(hidden=True)
    with acting(NATION):
        return Journey.objects.select_related("responsible", "receiver").get(pk=journey_id)


@dataclass(frozen=True)
class Moving:
    """A journey on the board. `overdue`: since when it should have arrived; `silent`: since when it should have been heard
    of; None where it is in time. `aboard`: containers on it, what lies in them not counted."""

    journey: Journey
    overdue: datetime | None
    silent: datetime | None
    aboard: int

    @property
    def urgency(self) -> datetime:
        """What the board is in order of: the earliest thing that is or will be wrong."""
        trouble = self.journey.trouble_since
        return min(x for x in (self.overdue, self.silent, trouble, self.journey.arrive_at) if x is not None)

    @property
    def is_wrong(self) -> bool:
        return bool(self.overdue or self.silent or self.journey.trouble_since)


def board(exam: Exam, *, viewer: Actor, at: datetime) -> list[Moving]:
    """All that is under way, what is wrong first, then by arrival; three statements."""
    rows = list(
        journeys(exam, viewer=viewer).filter(state=UNDER_WAY).order_by("arrive_at", "pk")[:MOST_MOVING]
    )
    count = aboard(exam, [row.pk for row in rows])
    figures = exams.params(exam, Params)
    found = [
        Moving(row, overdue_since(row, at, figures), silence_of(row, at, figures), count.get(row.pk, 0))
        for row in rows
    ]
    return sorted(found, key=lambda m: (not m.is_wrong, m.urgency, m.journey.pk))


def aboard(exam: Exam, ids: Collection[int]) -> dict[int, int]:
    """Journey → how many containers are on it."""
    places = {str(journey(pk)): pk for pk in ids}
    rows = Holding.objects.filter(exam=exam, place__in=list(places)).values("place").order_by("place")
    return {places[place]: n for place, n in rows.annotate(n=Count("pk")).values_list("place", "n")}


def cargo(row: Journey) -> list[Holding]:
    """What is on it, by code."""
    rows = Holding.objects.select_related("container").filter(exam_id=row.exam_id, place=str(journey(row.pk)))
    return list(rows.order_by("container__code"))


def crew_of(row: Journey) -> list[JourneyCrew]:
    """Its people: the receiver knows who comes, whichever office they are of (V11.3.1)."""
    with acting(NATION):
        return list(row.crew.select_related("person").order_by("vehicle", "pk"))


def entries_of(row: Journey) -> list[JourneyEntry]:
    """Its book, in the order in which things happened."""
    with acting(NATION):
        return list(row.entries.select_related("person").order_by("happened_at", "pk"))


def phones(crew: Iterable[JourneyCrew], *, clear: bool = False) -> dict[int, str]:
    """Person → the telephone by which they are reached on the way; masked unless `clear`, which is asked for on record."""
    return {c.person_id: c.person.phone if clear else mask_phone(c.person.phone) for c in crew}


def untold(entries: Iterable[JourneyEntry]) -> list[str]:
    """The authorities that have not been told of the trouble that stands open."""
    told: set[str] = set()
    for entry in entries:
        told = set() if entry.kind == "solved" else told | {entry.told}
    return [a for a in AUTHORITIES if a not in told]


def crews_of(rows: Sequence[Journey]) -> dict[int, list[JourneyCrew]]:
    """Journey → its people, in the order in which they were entered."""
    found: dict[int, list[JourneyCrew]] = {row.pk: [] for row in rows}
    crews = JourneyCrew.objects.select_related("person").filter(journey_id__in=list(found)).order_by("pk")
    with acting(NATION):
        for c in crews:
            found[c.journey_id].append(c)
    return found


def plans_of(rows: Sequence[Journey]) -> dict[int, Plan]:
    """Journey → its plan as the rules look at it."""
    crews = crews_of(rows)
    return {row.pk: plan_of(row, crews[row.pk]) for row in rows}


def plan_of(row: Journey, crew: Sequence[JourneyCrew]) -> Plan:
    """What the rules look at."""
    return Plan(
        leg=Leg(row.leg), mode=Mode(row.mode), depart_at=row.depart_at, arrive_at=row.arrive_at, to_place=row.to_place,
        responsible_id=row.responsible_id, receiver_id=row.receiver_id, carrier=row.carrier, terms=row.terms,
        route=row.route, conditions=row.conditions, road=row.road, police=row.police, secrecy=row.secrecy,
        exception=row.exception, vehicles=[Vehicle(**v) for v in row.vehicles],
        crew=[Crew(c.person_id, Duty(c.duty), c.vehicle) for c in crew],
    )  # fmt: skip


def plain(plan: Plan) -> list[object]:
    """Everything that a signature under the plan binds."""
    return [
        plan.leg, plan.mode, plan.depart_at.timestamp(), plan.arrive_at.timestamp(), plan.to_place, plan.responsible_id,
        plan.receiver_id, plan.carrier, plan.terms, plan.route, plan.conditions, plan.road, plan.police, plan.secrecy,
        plan.exception, [[v.plate, v.kind, v.sealed, v.serviced, v.exempt] for v in plan.vehicles],
        [[c.person_id, c.duty, c.vehicle] for c in plan.crew],
    ]  # fmt: skip


def exam_day(exam: Exam) -> date | None:
    """The day on which the first session begins."""
    first = min((s.starts_at for s in exams.sessions(exam)), default=None)
    return first.astimezone(CHINA).date() if first else None


def is_of(exam: Exam, journey_id: int, offices: Collection[str]) -> bool:
    """Whether one of these offices sends that journey."""
    return Journey.objects.filter(exam=exam, pk=journey_id, sender_code__in=list(offices)).exists()


def exists(exam: Exam, journey_id: int) -> bool:
    return Journey.objects.filter(exam=exam, pk=journey_id).exists()


def carrying(exam: Exam, container_ids: Collection[int]) -> set[int]:
    """The journeys that these containers are on."""
    prefix = f"{Spot.JOURNEY}:"
    places = Holding.objects.filter(
        exam=exam, container_id__in=list(container_ids), place__gte=prefix, place__lt=prefix + "~"
    )
    ids = {int(place.removeprefix(prefix)) for place in places.values_list("place", flat=True)}
    return set(Journey.objects.filter(exam=exam, pk__in=ids).values_list("pk", flat=True))


def check_loading(exam: Exam, journey_id: int) -> Iterator[Refusal]:
    """Whether papers may be handed over to the journey: its plan is settled and it has not left (V10.2.3)."""
    state = Journey.objects.filter(exam=exam, pk=journey_id).values_list("state", flat=True).first()
    if state != SETTLED:
        yield Refusal("V10.2.3", "custody_journey_load")


def check_unloading(exam: Exam, journey_id: int) -> Iterator[Refusal]:
    """Whether papers may be taken off it: it has arrived, and people never left them before (V10.2.4)."""
    state = Journey.objects.filter(exam=exam, pk=journey_id).values_list("state", flat=True).first()
    if state != ARRIVED:
        yield Refusal("V10.2.4", "custody_journey_unload")


@dataclass(frozen=True)
class OnWay:
    """What a card's address opens."""

    crew: JourneyCrew
    journey: Journey

    @property
    def actor(self) -> Actor:
        """The person of the card, acting for themselves and nothing else."""
        person = self.crew.person
        return Actor(f"person:{person.pk}", person.name, "escort", person_id=person.pk)


def token_hash(token: str) -> bytes:
    """What stands in the table in the token's place."""
    return hashlib.sha256(token.encode()).digest()


def on_way(exam: Exam, token: str) -> OnWay | None:
    """The journey and the person of the card; None for an address that no card has."""
    with acting(NATION):
        rows = JourneyCrew.objects.select_related("journey__responsible", "person")
        crew = rows.filter(token_hash=token_hash(token), journey__exam=exam).first()
        return OnWay(crew, crew.journey) if crew else None


def overdue_since(row: Journey, at: datetime, figures: Params) -> datetime | None:
    """Since when it should have arrived; None while there is time."""
    due = row.arrive_at + timedelta(minutes=figures.journey_grace_minutes)
    return due if at > due else None


def silence_of(row: Journey, at: datetime, figures: Params) -> datetime | None:
    """Since when it should have been heard of; None while there is time."""
    if row.mode == Mode.POST or row.last_heard_at is None:
        return None  # the post reports nothing; it is late or it is there
    every = timedelta(minutes=figures.journey_report_minutes)
    due = silent_since(row.last_heard_at, every, timedelta(minutes=figures.journey_grace_minutes))
    return due if at > due else None


def ends(exam: Exam, code: str) -> list[tuple[str, str, str]]:
    """(sender, receiver, place of arrival) of every leg that an office may plan: down to those below it, and back up."""
    mine = office(code)
    kind = str(mine.kind)
    opened = [o.office_id for o in exams.openings(exam, "point")]
    found: list[tuple[str, str, str]] = []
    if kind == "centre":
        found += [(code, o.office_id, "") for o in exams.openings(exam, "region")]
    if kind == "region":
        found += [(code, point, "") for point in opened if point[:2] == code]
        found.append((code, "centre", str(Spot.CENTRE)))
    if kind == "point":
        sites = [
            s.code for s in venues.sites(exam, viewer=Actor.system("custody", mine.path), point_code=code)
        ]
        found += [(code, site, f"{Spot.SEAL_ROOM}:{site}") for site in sites]
        found += [(site, code, "") for site in sites]
        found.append((code, code[:2], ""))
    stores: dict[str, list[str]] = {}
    with acting(NATION):
        for row in Store.objects.filter(
            exam=exam, office_code__in={r for _, r, p in found if not p}
        ).order_by("pk"):
            stores.setdefault(row.office_code, []).append(row.place)
    return [
        (s, r, p)
        for s, r, place in found
        for p in ([place] if place else stores.get(r, [f"{Spot.MAIL_ROOM}:{r}"]))
    ]
