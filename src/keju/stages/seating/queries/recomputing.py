"""A frozen plan is computed again from its seed, the people and the rooms, and compared seat by seat."""

from dataclasses import dataclass

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import path_of
from keju.stages.registration import queries as registration
from keju.stages.seating.models import Change, Plan, Seat
from keju.stages.seating.queries.drafts import crowd, draft
from keju.stages.seating.queries.plans import mixes
from keju.stages.venues import queries as venues


@dataclass(frozen=True)
class Recomputed:
    """What came of it: seats compared, the registration numbers of those who sit elsewhere, whether people and rooms are
    still what was planned from, and whether seats were changed by hand since."""

    seats: int
    elsewhere: list[str]
    same_inputs: bool
    by_hand: bool

    @property
    def equal(self) -> bool:
        return not self.elsewhere


def recompute(exam: Exam, plan: Plan) -> Recomputed:
    """All current plans of the host point of this plan, computed again. Nothing is written.

    Whoever may see the plan may ask: of candidates of other points only their registration numbers are told.
    """
    host = plan.site.point_code
    with acting(region := Actor.system("seating", path_of(host[:2]))):
        plans = list(Plan.objects.filter(exam=exam, superseded_at=None, site__point_code=host))
        fields = ("registration_id", "room_id", "serial", "column", "row")
        stored = list(Seat.objects.filter(plan__in=plans).values_list(*fields))
        people = crowd(exam, [row[0] for row in stored], viewer=region)
        halls = [hall for hall in venues.halls(exam, host[:2]) if hall.point_code == host]
        points = {f"{point:04d}": host for point in people.point}
        seeds = {host: bytes.fromhex(plan.seed)}
        again = draft(exam, people, halls, points, seeds, mix=mixes(exam))
        by_hand = Change.objects.filter(plan__in=plans).exists()
    place = {hall.id: n for n, hall in enumerate(halls)}
    moved = again.seats.differences((pk, place.get(room, -1), *rest) for pk, room, *rest in stored)
    planned = {p.inputs for p in plans if p.inputs}
    same = not planned or planned == {again.inputs.get(host, "")}
    return Recomputed(len(stored), [registration.number_of(exam, pk) for pk in moved], same, by_hand)


def need_names(exam: Exam) -> dict[str, object]:
    """Kind → its name in the programme."""
    return {need.code: need.name for need in exams.programme(exam).needs}
