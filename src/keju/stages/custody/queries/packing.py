"""Boxes and packs that an office may open, who opens them, and the records of those that were."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from keju.kernel.approvals.models import Signature
from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import CHINA
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import office
from keju.rulebook.words import Words
from keju.stages.custody.models import Container, Holding, Operation, Step
from keju.stages.custody.queries import handovers
from keju.stages.custody.queries.chain import holdings
from keju.stages.custody.rules.chain import Act
from keju.stages.custody.rules.containers import OUTER
from keju.stages.custody.rules.places import Spot

REPACK = "custody.repack"
COUNTED = {"region": "region_bags_counted", "point": "point_bags_counted"}
"""Kind of office → the programme's handover whose receiving people count the bags of opened boxes."""
NATION = Actor.system("custody")


@dataclass(frozen=True)
class Crew:
    """Who may open boxes at an office and who watches: person → as they qualify. `least`: so many receivers."""

    receivers: dict[int, handovers.Candidate]
    officers: dict[int, handovers.Candidate]
    least: int
    clause: str


def crew(exam: Exam, office_code: str) -> Crew:
    """The receivers and the confidential officers whom the programme names for counting bags there (V11.2.2, V11.2.3).

    Nobody at an office where no boxes are opened.
    """
    code = COUNTED.get(str(office(office_code).kind))
    if code is None:
        return Crew({}, {}, 0, "V11.2.2")
    kind = handovers.kind_of(exam, code)
    needs = {role: kind.role("receiver", role) for role in ("receiver", "confidential_officer")}
    found = {
        role: {c.person_id: c for c in handovers.candidates(exam, office_code, need)} if need else {}
        for role, need in needs.items()
    }
    receiver = needs["receiver"]
    least = handovers.least(exam, receiver) if receiver else 0
    return Crew(found["receiver"], found["confidential_officer"], least, kind.rule)


def own_boxes(exam: Exam, *, viewer: Actor) -> list[tuple[Holding, int]]:
    """Each with how many lie in it, in order of their codes: in a store, in the viewer's own custody, not empty."""
    found = holdings(exam, viewer=viewer).filter(
        container__kind__in=sorted(OUTER), custodian=viewer.office_code, place__gte=f"{Spot.STORE}:",
        place__lt=f"{Spot.STORE};", frozen=False,
    ).order_by("container__code")  # fmt: skip
    rows = list(found)
    inside = Holding.objects.filter(parent_id__among=[r.container_id for r in rows]).order_by()
    counts = dict(inside.values_list("parent_id").annotate(Count("pk")))
    return [(row, counts[row.container_id]) for row in rows if row.container_id in counts]


def unopened(exam: Exam, *, viewer: Actor, at: datetime) -> list[Holding]:
    """Of them those that the office has not sealed itself: they wait to be opened and counted (V11.2.2, V11.2.3). None once the
    exam has begun, when packs are opened in the seal room."""
    first = min((s.starts_at.astimezone(CHINA).date() for s in exams.sessions(exam)), default=None)
    if not viewer.office_code or str(office(viewer.office_code).kind) not in COUNTED:
        return []
    if first is None or at.astimezone(CHINA).date() >= first:
        return []
    return [row for row, _ in own_boxes(exam, viewer=viewer) if row.act != Act.SEALED]


def records(exam: Exam, *, viewer: Actor) -> QuerySet[Operation]:
    """Every signed repacking in the viewer's scope, the last first."""
    path = viewer.office_path or "-"
    return Operation.objects.filter(
        exam=exam, act="sealed", proposal__kind=REPACK, office_path__gte=path, office_path__lt=path + "~"
    ).select_related("proposal").order_by("-pk")  # fmt: skip


@dataclass(frozen=True)
class Record:
    """A repacking as it was signed. `bags`: (bag, the box it came in, the half-day that it serves, the pack it lies in since,
    that pack's seal); `packs`: the new ones."""

    operation: Operation
    signatures: Sequence[Signature]
    bags: list[tuple[str, str, Words | str, str, str]]
    packs: list[Container]


def record(exam: Exam, operation_id: int, *, viewer: Actor) -> Record:
    """One of them with its people and the way of every bag; NotPermitted (hidden) out of scope."""
    done = records(exam, viewer=viewer).filter(pk=operation_id).first()
    if done is None:
        raise NotPermitted(hidden=True)
    with acting(NATION):  # a proof is the signer's own, wherever their home is
        given = list(Signature.objects.filter(proposal_id=done.proposal_id).select_related("need", "proof"))
        rows = done.proposal.content.tables[1].rows if done.proposal else []
        came = {str(bag): (str(box), half_day) for bag, box, half_day in rows}
        seals = dict(Step.objects.filter(operation=done).values_list("container_id", "seal"))
        packed = Step.objects.filter(operation__subject=done.subject, operation__exam=exam, act="packed")
        lies = packed.order_by("parent__code", "container__code").values_list(
            "container__code", "parent_id", "parent__code"
        )
        bags = [(code, *came.get(code, ("", "")), pack, seals.get(pk, "")) for code, pk, pack in lies]
        packs = list(Container.objects.filter(pk__in=list(seals)).order_by("code"))
    return Record(done, given, bags, packs)
