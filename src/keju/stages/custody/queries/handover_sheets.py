"""What signers see and what the handover sheet prints: the containers as counted, the people, what was abnormal."""

from collections.abc import Sequence
from dataclasses import dataclass

from keju.kernel.approvals.content import Content, Table
from keju.kernel.approvals.models import Proposal, Signature
from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.kernel.offices.queries import names
from keju.rulebook.words import Words, t
from keju.stages.custody.models import CustodyException, Handover, HandoverItem, HandoverPerson
from keju.stages.custody.queries import handovers as reads
from keju.stages.custody.queries.naming import FLAWS, ROLES, SEEN, SIDES, place_names

STAYS = 3  # the table of what stays, among those of the content


@dataclass(frozen=True)
class Sheet:
    """A handover as a whole, with what people call its parts. `signed`: person → the signature; `stays`: what is frozen and
    would not be handed over if it were closed now."""

    row: Handover
    kind: Words
    sender: Words
    receiver: Words
    place: Words
    items: Sequence[HandoverItem]
    people: Sequence[HandoverPerson]
    exceptions: Sequence[CustodyException]
    signed: dict[int, Signature]
    progress: reads.Progress
    stays: Sequence[reads.Stays]


def sheet(exam: Exam, row: Handover) -> Sheet:
    """Everything of one handover, in its scope."""
    offices = names([row.sender_code, row.receiver_code])
    signed: dict[int, Signature] = {}
    if row.proposal_id is not None:
        with acting(reads.NATION):  # the proof of somebody of the other side
            given = Signature.objects.filter(proposal_id=row.proposal_id).select_related("proof")
            signed = {one.person_id: one for one in given}
    return Sheet(
        row=row,
        kind=reads.kind_of(exam, row.kind).name,
        sender=offices[row.sender_code],
        receiver=offices[row.receiver_code],
        place=place_names(exam, [row.place])[row.place],
        items=list(row.items.select_related("container").order_by("code")),
        people=reads.people(row),
        exceptions=list(row.exceptions.order_by("pk")),
        signed=signed,
        progress=reads.progress(row),
        stays=reads.stays(row) if row.is_living else (),
    )


def content(exam: Exam, row: Handover) -> Content:
    """Exactly what a signature at the handover answers for: list, counts, seals, places, people (V11.1)."""
    seen = sheet(exam, row)
    done = seen.progress
    return Content(
        title=t("{kind}（{n}号）", "{kind} (no. {n})").format(kind=seen.kind, n=row.pk),
        facts=[
            (t("移交方", "Sender"), seen.sender),
            (t("接收方", "Receiver"), seen.receiver),
            (t("交到", "Handed over to"), seen.place),
            (t("应交", "Expected"), str(done.expected)),
            (t("完好", "Intact"), str(done.found)),
            (t("不完好", "Not intact"), str(done.damaged)),
            (t("缺少", "Missing"), str(done.missing)),
            (t("冻结，不移交", "Frozen, not handed over"), str(len(seen.stays))),
        ],
        tables=[
            Table(
                [t("参加人", "Who takes part"), t("角色", "Part"), t("单位", "Side")],
                [[p.name, ROLES[p.role], SIDES[p.side]] for p in seen.people],
            ),
            Table(
                [t("编号", "Code"), t("封条号", "Seal"), t("内装", "Holds"), t("状况", "State")],
                [[i.code, i.seen_seal or i.seal, str(i.inside or ""), SEEN[i.seen]] for i in seen.items],
            ),
            Table(
                [t("异常", "Abnormal"), t("编号", "Code"), t("说明", "Detail")],
                [[FLAWS.get(e.kind, e.kind), e.code, e.detail] for e in seen.exceptions],
            ),
            Table(
                [t("冻结，留在移交方", "Frozen, stays with the sender"), t("其中冻结的", "Frozen in it")],
                [[s.code, "、".join(s.inside)] for s in seen.stays],
            ),
        ],
        place="custody-handover",
        place_args={"exam": exam.slug, "handover_id": row.pk},
    )


def stays_as_signed(proposal: Proposal) -> set[str]:
    """The codes that stay with the sender by what is being signed."""
    return {str(row[0]) for table in proposal.content.tables[STAYS:] for row in table.rows}
