"""Journeys and the handovers that load and unload them: which comes next, and who of the crew escorts the papers."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.kernel.offices.queries import office
from keju.stages.custody.models import Handover, HandoverPerson, Holding, Journey, JourneyCrew
from keju.stages.custody.models.journeys import ARRIVED, SETTLED
from keju.stages.custody.queries.journeys import NATION
from keju.stages.custody.rules.journeys import Duty, Mode
from keju.stages.custody.rules.places import Spot, journey, mail_room, read


def crews_at(places: Iterable[str]) -> dict[str, list[int]]:
    """Place of a journey ("journey:7") → the persons who lead and escort it, who leads first; drivers stay with the vehicle.
    Where a carrier has it and no crew is planned: who signed for the papers as escorts when it was loaded. Two statements."""
    ids = {int(read(place).key) for place in places if read(place).spot == Spot.JOURNEY}
    found: dict[str, list[int]] = {}
    with acting(NATION):  # whose people they are does not matter: who receives is told who comes (V11.3.1)
        rows = JourneyCrew.objects.filter(journey_id__in=ids).exclude(duty=Duty.DRIVER).order_by("pk")
        crew = list(rows.values_list("journey_id", "person_id", "duty"))
        loaded = HandoverPerson.objects.filter(
            handover__place__in=[str(journey(pk)) for pk in ids],
            handover__state="closed",
            role="escort",
            left=False,
        )
        signed = list(loaded.order_by("-answers", "pk").values_list("handover__place", "person_id"))
    for pk, person, _ in sorted(crew, key=lambda c: c[2] != Duty.LEADER):
        found.setdefault(str(journey(pk)), []).append(person)
    planned = set(found)
    for place, person in signed:
        if place not in planned and person not in found.get(place, ()):
            found.setdefault(place, []).append(person)
    return found


def places_of(exam: Exam, codes: Collection[str]) -> dict[str, str]:
    """Code → the place of that container, of those in the scope."""
    rows = Holding.objects.filter(exam=exam, container__code__among=list(codes))
    return dict(rows.values_list("container__code", "place"))


def carried(row: Handover) -> Journey | None:
    """The one journey on which everything that the handover expects is now; None if it is elsewhere, or on several."""
    places = set(
        Holding.objects.filter(container_id__in=row.items.values("container_id")).values_list(
            "place", flat=True
        )
    )
    where = read(places.pop()) if len(places) == 1 else None
    if where is None or where.spot != Spot.JOURNEY:
        return None
    with acting(NATION):
        return Journey.objects.filter(exam_id=row.exam_id, pk=int(where.key)).first()


@dataclass(frozen=True)
class Next:
    """The handover that a journey waits for: its kind, the two offices, and the place where it ends."""

    kind: str
    sender: str
    receiver: str
    place: str


def next_handover(exam: Exam, row: Journey) -> Next | None:
    """What loads a journey that is settled, or unloads one that has arrived; None where none is due or the programme has none."""
    ends = str(office(row.sender_code).kind), str(office(row.receiver_code).kind)
    kinds = exams.programme(exam).handovers
    if row.state == SETTLED:
        loads = (
            k for k in kinds if Spot.JOURNEY in k.target and (k.sender, k.receiver) == (ends[0], ends[0])
        )
        return next(
            (Next(k.code, row.sender_code, row.sender_code, str(journey(row.pk))) for k in loads), None
        )
    if row.state != ARRIVED:
        return None
    place = str(mail_room(row.receiver_code)) if row.mode == Mode.POST else row.to_place
    unloads = (
        k
        for k in kinds
        if Spot.JOURNEY in k.origin and (k.sender, k.receiver) == ends and str(read(place).spot) in k.target
    )
    return next((Next(k.code, row.sender_code, row.receiver_code, place) for k in unloads), None)
