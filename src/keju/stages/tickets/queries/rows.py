"""Reading tickets. Row-level security shows each viewer their offices' rows, a candidate their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, Q, QuerySet

from keju.kernel.documents import codes
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.files import queries as files
from keju.kernel.offices import Actor, acting
from keju.rulebook import Refusal
from keju.stages.fees import queries as fees
from keju.stages.registration import queries as registration
from keju.stages.seating import queries as seating
from keju.stages.tickets.models import Generation, Opening, Ticket
from keju.stages.tickets.queries.rooms import sites_in_use
from keju.stages.tickets.rules import RegionState

PAGE = 50
CODE = "ticket"
PRINTER = Actor.system("tickets")
"""A host prints for candidates who registered elsewhere: their names and photos are looked up for it, for its rooms only."""


@dataclass(frozen=True, slots=True)
class RoomTicket:
    """Who sits on a seat, as the room's papers show them; the identity number is masked."""

    number: str
    registration_id: int
    candidate_id: int
    name: str
    sex: str
    identity_masked: str
    category: str
    photo_sha256: str
    site_code: str
    room_id: int
    room_number: int
    seat: int
    column: int
    row: int


@dataclass(frozen=True)
class Verified:
    """What a scanned code says: `state` valid, reissued, revoked or unknown; the ticket where there is one."""

    state: str
    exam: Exam | None = None
    number: str = ""
    name: str = ""
    photo_sha256: str = ""
    site_code: str = ""
    room_number: int = 0
    seat: int = 0


@dataclass(frozen=True)
class Filters:
    """`text` is the beginning of a ticket number."""

    site_code: str = ""
    room_number: int | None = None
    text: str = ""


def ticket_of(*, viewer: Actor, exam: Exam, registration_id: int) -> Ticket | None:
    """The registration's ticket in the viewer's scope; a candidate sees it only once their region is opened."""
    found = Ticket.objects.filter(exam=exam, registration_id=registration_id, **_under(viewer)).first()
    if found is not None and viewer.candidate_id is not None and opened_at(exam, found.region_code) is None:
        return None
    return found


def by_number(*, viewer: Actor, exam: Exam, number: str) -> Ticket | None:
    """The ticket of that number in the viewer's scope."""
    return Ticket.objects.filter(exam=exam, number=number, **_under(viewer)).first()


def registration_named(*, viewer: Actor, exam: Exam, number: str) -> int | None:
    """Whose ticket that is, if the registration is in the viewer's scope, wherever the candidate sits."""
    with acting(PRINTER):
        ticket = Ticket.objects.filter(exam=exam, number=number).first()
    found = registration.rows_of(viewer=viewer, exam=exam, ids=[ticket.registration_id] if ticket else [])
    return next(iter(found), None)


def by_numbers(*, viewer: Actor, exam: Exam, numbers: Sequence[str]) -> dict[str, Ticket]:
    """Those of the numbers that are in the viewer's scope."""
    found = Ticket.objects.filter(exam=exam, number__in=numbers, **_under(viewer))
    return {t.number: t for t in found}


def rows(*, viewer: Actor, exam: Exam, filters: Filters, after: str = "", size: int = PAGE) -> list[Ticket]:
    """The next `size` tickets after the number `after`, in number order."""
    return list(_filtered(viewer, exam, filters).filter(number__gt=after).order_by("number")[:size])


def stream(*, viewer: Actor, exam: Exam, filters: Filters | None = None) -> QuerySet[Ticket]:
    """Every matching ticket in number order, without personal data: for exports and bulk work; use `.iterator()`."""
    return _filtered(viewer, exam, filters or Filters()).order_by("number")


def seat_numbers(*, viewer: Actor, exam: Exam, site_code: str) -> dict[int, list[tuple[int, str, int]]]:
    """Room id → (seat, number, registration id) in seat order, for all rooms of a site in one look."""
    found: dict[int, list[tuple[int, str, int]]] = {}
    mine = Ticket.objects.filter(exam=exam, site_code=site_code, revoked_at=None, **_under(viewer))
    for room, seat, number, pk in mine.order_by("room_number", "seat").values_list(
        "room_id", "seat", "number", "registration_id"
    ):
        found.setdefault(room, []).append((seat, number, pk))
    return found


def room_tickets(
    *, viewer: Actor, exam: Exam, site_code: str, room_number: int | None = None
) -> list[RoomTicket]:
    """Everybody with a ticket for the room (or the whole site), by room and seat, with name and photo."""
    mine = Ticket.objects.filter(exam=exam, site_code=site_code, revoked_at=None, **_under(viewer))
    if room_number is not None:
        mine = mine.filter(room_number=room_number)
    tickets = list(mine.order_by("room_number", "seat"))
    with acting(PRINTER):
        people = registration.rows_of(viewer=PRINTER, exam=exam, ids=[t.registration_id for t in tickets])
    return [room_ticket(t, people[t.registration_id]) for t in tickets]


def rooms(*, viewer: Actor, exam: Exam, site_code: str) -> list[tuple[int, int, int, str, str]]:
    """(room id, room number, count, first number, last number) of the site's rooms in use."""
    mine = Ticket.objects.filter(exam=exam, site_code=site_code, **_under(viewer))
    found = mine.values_list("room_id", "room_number").annotate(
        n=Count("pk"), first=Min("number"), last=Max("number")
    )
    return list(found.order_by("room_number"))


def numbers_in(*, viewer: Actor, exam: Exam, room_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Room id → valid ticket number → registration id, in seat order; no personal data."""
    found: dict[int, dict[str, int]] = {pk: {} for pk in room_ids}
    mine = Ticket.objects.filter(exam=exam, room_id__in=room_ids, revoked_at=None, **_under(viewer))
    for room, number, pk in mine.order_by("room_id", "seat").values_list(
        "room_id", "number", "registration_id"
    ):
        found[room][number] = pk
    return found


def generation(exam: Exam, region_code: str) -> Generation | None:
    """What the region generated last, within the viewer's scope."""
    return Generation.objects.filter(exam=exam, region_code=region_code).first()


def opened_at(exam: Exam, region_code: str) -> datetime | None:
    """Since when the region's candidates may print. Public."""
    found = Opening.objects.filter(exam=exam, region_code=region_code)
    return found.values_list("opened_at", flat=True).first()


def region_states(exam: Exam, at: datetime) -> list[RegionState]:
    """Every region that takes part, as the gate of opening sees it: asked by the centre, and by regions for themselves."""
    with acting(PRINTER):
        made = {g.region_code: g.plans for g in Generation.objects.filter(exam=exam)}
        opened = set(Opening.objects.filter(exam=exam).values_list("region_code", flat=True))
        default = fees.in_default(exam, at)
        return [
            RegionState(
                o.office_id,
                bool(o.deferred_reason),
                o.office_id in made,
                made.get(o.office_id) == seating.plans_digest(exam, o.office_id),
                default.get(o.office_id),
                o.office_id in opened,
            )
            for o in exams.openings(exam, "region")
        ]


def why_closed(exam: Exam, region_code: str, at: datetime) -> list[Refusal]:
    """Why the region's candidates cannot print yet: the clause and what is missing; empty once they can."""
    if opened_at(exam, region_code) is not None:
        return []
    states = region_states(exam, at)
    own = next((s for s in states if s.code == region_code), None)
    found = []
    if own is None or not own.generated:
        found.append(Refusal("V7.1", "tickets_own_not_generated"))
    waiting = sum(not s.generated for s in states if not s.deferred and s.code != region_code)
    if waiting and not (own and own.deferred):
        found.append(Refusal("V7.3", "tickets_others_not_generated", {"count": waiting}))
    if own is not None and own.default is not None:
        found.append(Refusal("V8.2a", "tickets_own_default"))
    return found or [Refusal("V7.3", "tickets_not_opened")]


def verify(text: str) -> Verified:
    """What the code on a ticket says, asked by anybody: the public page shows name, photo and seat of a valid one."""
    found = codes.verify_code(text)
    if found is None or found[0] != CODE or found[1].count("|") != 2:
        return Verified("unknown")
    slug, number, code = found[1].split("|")
    with acting(PRINTER):
        ticket = Ticket.objects.select_related("exam").filter(exam__slug=slug, number=number).first()
        if ticket is None:
            return Verified("unknown")
        if ticket.revoked_at is not None:
            return Verified("revoked", ticket.exam, number)
        if ticket.code != code:
            return Verified("reissued", ticket.exam, number)
        person = registration.row(viewer=PRINTER, exam=ticket.exam, registration_id=ticket.registration_id)
    return Verified(
        "valid", ticket.exam, number, person.name, person.photo_sha256, ticket.site_code, ticket.room_number, ticket.seat
    )  # fmt: skip


def photo_of(text: str) -> bytes | None:
    """The photo of whoever a valid code belongs to; None for any other code."""
    found = verify(text)
    return files.read(found.photo_sha256, viewer=PRINTER) if found.state == "valid" else None


def _filtered(viewer: Actor, exam: Exam, filters: Filters) -> QuerySet[Ticket]:
    wanted = Q()
    if filters.site_code:
        wanted &= Q(site_code=filters.site_code)
    if filters.room_number is not None:
        wanted &= Q(room_number=filters.room_number)
    if filters.text:
        wanted &= Q(number__gte=filters.text, number__lt=filters.text + "~")
    return Ticket.objects.filter(wanted, exam=exam, **_under(viewer), **_listed(viewer, exam))


def _listed(viewer: Actor, exam: Exam) -> dict[str, object]:
    """The viewer's office once more as an equation, which an index in the order of the list can answer."""
    depth = viewer.office_path.count("/") - 1
    if depth < 1 or viewer.candidate_id is not None:
        return {}
    if depth == 1:
        return {"region_code": viewer.office_path.strip("/")}
    return {"site_code__in": sites_in_use(viewer=viewer, exam=exam)}


def room_ticket(t: Ticket, person: registration.Row) -> RoomTicket:
    """The ticket with its holder, as papers show them."""
    return RoomTicket(
        t.number, t.registration_id, t.candidate_id, person.name, person.sex, person.identity_masked, t.category,
        person.photo_sha256, t.site_code, t.room_id, t.room_number, t.seat, t.column, t.row,
    )  # fmt: skip


def _under(viewer: Actor) -> dict[str, object]:
    if viewer.candidate_id is not None:
        return {"candidate_id": viewer.candidate_id}
    return {"office_path__gte": viewer.office_path, "office_path__lt": viewer.office_path + "~"}
