"""Proposals as somebody may see them: who made, signed or can sign one, and the office that it comes from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from keju.kernel.accounts import queries as accounts
from keju.kernel.approvals.models import NeededSignature, Proposal, Signature
from keju.kernel.approvals.needing import Capacity, Slot, chosen
from keju.kernel.approvals.states import APPROVED, LIVING, OPEN
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office


@dataclass(frozen=True)
class Missing:
    """So many signatures of this kind are still to come."""

    what: str
    at_path: str
    count: int


@dataclass(frozen=True)
class Standing:
    """How a proposal stands at a moment. `state`: as stored, or "expired" for a living one past its time."""

    proposal: Proposal
    state: str
    signatures: Sequence[Signature]
    missing: Sequence[Missing]

    @property
    def is_open(self) -> bool:
        return self.state == OPEN

    @property
    def is_approved(self) -> bool:
        return self.state == APPROVED


def capacities(by: Actor) -> list[Capacity]:
    """What the actor is where they act: the role and the kind of office."""
    found = [Capacity(by.role, by.office_path)]
    if by.office_code:
        found.append(Capacity(str(office(by.office_code).kind), by.office_path))
    return found


def standing(proposal_id: int, *, at: datetime) -> Standing:
    """As it stands; `Proposal.DoesNotExist` outside of the scope. For pages of people use `proposal`."""
    return _standing(Proposal.objects.select_related("exam", "proposer").get(pk=proposal_id), at)


def proposal(proposal_id: int, *, viewer: Actor, at: datetime) -> Standing:
    """`Proposal.DoesNotExist` for who has nothing to do with it."""
    return _standing(_concerning(viewer).select_related("exam", "proposer").get(pk=proposal_id), at)


def latest(*, kind: str, subject: str, exam: Exam | None, at: datetime) -> Standing | None:
    """The newest proposal about the subject."""
    row = Proposal.objects.filter(kind=kind, subject=subject, exam=exam).order_by("-pk").first()
    return None if row is None else _standing(row, at)


def inbox(*, viewer: Actor, exam: Exam | None, at: datetime) -> QuerySet[Proposal]:
    """What waits for the viewer's signature, soonest to expire first."""
    own = accounts.own_ids(viewer.person_id)
    open_ones = _of(exam).filter(state=OPEN, expires_at__gt=at).exclude(proposer__in=own)
    mine = Signature.objects.filter(proposal=OuterRef("pk"), person__in=own)
    return open_ones.filter(Exists(_fillable(viewer, only_open=True)), ~Exists(mine)).order_by(
        "expires_at", "pk"
    )


def proposed(*, viewer: Actor, exam: Exam | None) -> QuerySet[Proposal]:
    """What the viewer or their office proposed, newest first."""
    return (
        _of(exam)
        .filter(Q(proposer_id=viewer.person_id) | Q(office_code=viewer.office_code))
        .order_by("-proposed_at", "-pk")
    )


def signed(*, viewer: Actor, exam: Exam | None) -> QuerySet[Proposal]:
    """What the viewer signed, newest signature first."""
    found = _of(exam).filter(signatures__person_id=viewer.person_id)
    return found.order_by("-signatures__signed_at", "-pk")


def slot_of(viewer: Actor, seen: Standing) -> Slot | None:
    """The signature that the viewer could give now; None if none."""
    row = seen.proposal
    own = accounts.own_ids(viewer.person_id)
    if not seen.is_open or not own or {row.proposer_id, *(s.person_id for s in seen.signatures)} & set(own):
        return None
    return chosen(open_slots(row), capacities(viewer), office_path=row.office_path)


def may_refuse(viewer: Actor, row: Proposal) -> bool:
    """Whether the viewer is one whose signature is asked for, given or not."""
    slots = [Slot(n.pk, n.what, n.at_path) for n in row.needs.all()]
    own = accounts.own_ids(viewer.person_id)
    if not own or row.proposer_id in own:
        return False
    return chosen(slots, capacities(viewer), office_path=row.office_path) is not None


def state_at(row: Proposal, at: datetime) -> str:
    """The stored state, or "expired" of a living one past its time."""
    return "expired" if row.state in LIVING and at >= row.expires_at else row.state


def open_slots(row: Proposal) -> list[Slot]:
    free = row.needs.filter(signature=None).values_list("pk", "what", "at_path")
    return [Slot(*one) for one in free]


def _of(exam: Exam | None) -> QuerySet[Proposal]:
    found = Proposal.objects.select_related("exam", "proposer")
    return found if exam is None else found.filter(Q(exam=exam) | Q(exam=None))


def _fillable(viewer: Actor, *, only_open: bool) -> QuerySet[NeededSignature]:
    held = [c.what for c in capacities(viewer)]
    path = viewer.office_path
    on_the_way_up = Q(at_path="", office_path__gte=path, office_path__lt=path + "~")
    found = NeededSignature.objects.filter(
        on_the_way_up | Q(at_path=path), proposal=OuterRef("pk"), what__in=held
    )
    return found.filter(signature=None) if only_open else found


def _concerning(viewer: Actor) -> QuerySet[Proposal]:
    mine = Signature.objects.filter(proposal=OuterRef("pk"), person_id=viewer.person_id)
    return Proposal.objects.filter(
        Q(proposer_id=viewer.person_id)
        | Q(office_code=viewer.office_code)
        | Exists(mine)
        | Exists(_fillable(viewer, only_open=False))
    )


def _standing(row: Proposal, at: datetime) -> Standing:
    signatures = list(row.signatures.select_related("need"))
    counted: dict[tuple[str, str], int] = {}
    for slot in open_slots(row):
        key = (slot.what, slot.at_path)
        counted[key] = counted.get(key, 0) + 1
    return Standing(row, state_at(row, at), signatures, [Missing(*key, n) for key, n in counted.items()])
