"""Who watched the papers that lay open in an exam room: its two invigilators."""

from collections.abc import Collection, Mapping

from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.stages.custody.models import Issue, JointCount
from keju.stages.custody.queries.life import covers
from keju.stages.custody.rules.places import Spot, room
from keju.stages.custody.rules.watch import Span

NATION = Actor.system("custody")


@covers(Spot.ROOM)
def watched(exam: Exam, places: Collection[str], during: Span) -> Mapping[str, list[Span]]:
    """A room is watched from when both its invigilators signed for its bags (V15.3.2) until what came back was counted
    together with them (V15.5.2). Two statements."""
    with acting(NATION):
        issued = Issue.objects.filter(exam=exam, at__lt=during.until).values_list(
            "seal_room_id", "seal_room__site_code", "room", "at"
        )
        counts = JointCount.objects.filter(exam=exam).values_list("seal_room_id", "room", "at")
        counted = {(seal_room, number): at for seal_room, number, at in counts}
        found: dict[str, list[Span]] = {place: [] for place in places}
        for seal_room, site, number, since in issued:
            until = min(counted.get((seal_room, number), during.until), during.until)
            place = str(room(site, number))
            if place in found and since < until:
                found[place].append(Span(since, until))
    return found
