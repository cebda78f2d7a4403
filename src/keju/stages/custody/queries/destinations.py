"""What stands ready to be handed over, and the places to which it may go."""

from collections.abc import Iterator

from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.rulebook.handovers import HandoverKind
from keju.rulebook.words import Words
from keju.stages.custody.models import Journey, Store
from keju.stages.custody.models.journeys import SETTLED
from keju.stages.custody.queries import chain
from keju.stages.custody.queries.handovers import lower_path
from keju.stages.custody.queries.naming import place_names
from keju.stages.custody.rules.places import Spot, Where, journey, mail_room, store

NATION = Actor.system("custody")


def places(exam: Exam, kind: HandoverKind, sender: str, receiver: str) -> list[tuple[str, Words]]:
    """(place, its name) of each where this kind may end between these offices: stores and mail room of the receiver,
    journeys of either that have not left, the centre."""
    with acting(NATION):
        found = [str(where) for where in _places(exam, kind, sender, receiver)]
        names = place_names(exam, found)
    return [(place, names[place]) for place in found]


def _places(exam: Exam, kind: HandoverKind, sender: str, receiver: str) -> Iterator[Where]:
    for spot in kind.target:
        if spot == Spot.STORE:
            rows = Store.objects.filter(exam=exam, office_code=receiver).order_by("pk")
            yield from (store(pk) for pk in rows.values_list("pk", flat=True))
        elif spot == Spot.JOURNEY:
            ready = Journey.objects.filter(exam=exam, state=SETTLED, sender_code__in={sender, receiver})
            yield from (journey(pk) for pk in ready.order_by("pk").values_list("pk", flat=True))
        elif spot == Spot.MAIL_ROOM:
            yield mail_room(receiver)
        elif spot in (Spot.CENTRE, Spot.PRINTING_HOUSE):
            yield Where(Spot(spot))


def waiting(exam: Exam, kind: HandoverKind, sender: str, receiver: str, *, viewer: Actor) -> list[str]:
    """The codes, in order, of what the sender keeps where this kind begins and both offices may see; nothing frozen."""
    path = lower_path(sender, receiver)
    held = chain.holdings(exam, viewer=viewer).filter(
        custodian=sender, frozen=False, container__office_path__startswith=path
    )
    rows = held.exclude(place="").order_by("container__code").values_list("container__code", "place")
    return [code for code, place in rows if place.partition(":")[0] in kind.origin]
