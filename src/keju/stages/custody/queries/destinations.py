"""What stands ready to be handed over, between which offices, and the places to which it may go."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.models import Kind, Office
from keju.kernel.offices.queries import office
from keju.rulebook.handovers import HandoverKind
from keju.rulebook.words import Words
from keju.stages.custody.models import HandoverItem, Holding, Journey, Store
from keju.stages.custody.models.journeys import SETTLED
from keju.stages.custody.queries import chain
from keju.stages.custody.queries.handovers import lower_path
from keju.stages.custody.queries.naming import place_names
from keju.stages.custody.rules.containers import OUTER
from keju.stages.custody.rules.containers import Kind as Bag
from keju.stages.custody.rules.places import Spot, Where, journey, mail_room, store

NATION = Actor.system("custody")
# V16.2.1: what the point sends back is cards, spare bags and bags with defective papers; the others are destroyed there
FROM_POINT = frozenset({"point_to_escort"})
ENDS_AT_POINT = Q(container__kind=Bag.BAG, defective=0)


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
    """The codes, in order, of what the sender keeps where this kind begins and both offices may see; nothing frozen, empty, or
    expected by another handover."""
    path = lower_path(sender, receiver)
    held = _free(exam, viewer).filter(custodian=sender, container__office_path__startswith=path)
    held = held.exclude(ENDS_AT_POINT) if kind.code in FROM_POINT else held
    rows = held.order_by("container__code").values_list("container__code", "place")
    return [code for code, place in rows if place.partition(":")[0] in kind.origin]


def _free(exam: Exam, viewer: Actor) -> QuerySet[Holding]:
    """Of the viewer's containers those that somebody could hand over."""
    inside = Holding.objects.filter(parent_id=OuterRef("container_id"))
    expected = HandoverItem.objects.filter(container_id=OuterRef("container_id"), living=True)
    held = chain.holdings(exam, viewer=viewer).filter(~Exists(expected), frozen=False).exclude(place="")
    return held.filter(~Q(container__kind__in=sorted(OUTER)) | Exists(inside))


@dataclass(frozen=True)
class Ready:
    """So many containers wait where a kind begins, of which both offices may know."""

    kind: HandoverKind
    sender: str
    receiver: str
    containers: int


def ready(exam: Exam, own: Office, *, viewer: Actor) -> list[Ready]:
    """What an office could hand over or receive now, in the order of the programme's kinds. One statement."""
    rows = _free(exam, viewer).values_list("custodian", "place", "container__office_path")
    found: Counter[tuple[str, str, str]] = Counter()
    kinds = kinds_of(exam, own)
    for custodian, place, path, every, back in rows.annotate(
        every=Count("pk"), back=Count("pk", filter=~ENDS_AT_POINT)
    ):
        for kind in kinds:
            n = back if kind.code in FROM_POINT else every
            sender, receiver = _code_at(kind.sender, path), _code_at(kind.receiver, path)
            at_start = custodian == sender and place.partition(":")[0] in kind.origin
            if n and at_start and receiver and own.code in (sender, receiver):
                found[kind.code, sender, receiver] += n
    return [
        Ready(kind, sender, receiver, n)
        for kind in kinds
        for (code, sender, receiver), n in sorted(found.items())
        if code == kind.code
    ]


def _code_at(kind: str, path: str) -> str:
    """The office of that kind to which papers of this path belong; "" where the path does not go so far down."""
    if kind == Kind.CENTRE:
        return str(Kind.CENTRE)
    parts = path.strip("/").split("/")
    depth = {Kind.REGION: 1, Kind.POINT: 2, Kind.SITE: 3}[Kind(kind)]
    return parts[depth - 1] if len(parts) >= depth and parts[0] else ""


def kinds_of(exam: Exam, own: Office | None) -> list[HandoverKind]:
    """Those in which an office of this kind is a side, in the order of the programme."""
    found = exams.programme(exam).handovers
    return [k for k in found if own is not None and own.kind in (k.sender, k.receiver)]


def others(exam: Exam, own: Office) -> list[Office]:
    """The offices with which this one may hand over: next above, and those below that take part."""
    codes: list[str] = []
    if own.kind == Kind.CENTRE:
        codes = [o.office_id for o in exams.openings(exam, Kind.REGION)]
    elif own.kind == Kind.REGION:
        points = exams.openings(exam, Kind.POINT).filter(office_path__startswith=own.path)
        codes = [str(Kind.CENTRE), *(o.office_id for o in points)]
    elif own.kind == Kind.POINT:
        codes = [own.path.strip("/").split("/")[0]]
    return [office(code) for code in codes]
