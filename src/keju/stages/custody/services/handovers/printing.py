"""The handover sheet on paper: everything that was signed, the proofs, what was abnormal (V10.2.1, V11.1)."""

from datetime import datetime

from keju.kernel.audit import record, write
from keju.kernel.documents.services import Printed, print_document
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook.words import t
from keju.stages.custody import events
from keju.stages.custody.documents.handovers import moment, sheet
from keju.stages.custody.queries import handovers as reads
from keju.stages.custody.queries.handover_sheets import sheet as sheet_of
from keju.stages.custody.queries.naming import FLAWS, HANDOVER_STATES, ROLES, SEEN, SIDES

MEANS = {"device": t("动态码", "Device code"), "sheet": t("签名码", "Signing code")}


@write("custody:chain:read")
def print_sheet(*, exam: Exam, handover_id: int, language: str = "zh", by: Actor, at: datetime) -> Printed:
    """The sheet as it stands now, a copy more in the print ledger; of a closed handover it never changes."""
    row = reads.handover(exam, handover_id, viewer=by)
    seen = sheet_of(exam, row)
    done = seen.progress
    printed = print_document(
        kind="handover_sheet",
        template="custody/handover",
        data=sheet(
            exam=exam.name,
            number=row.pk,
            facts=[
                (t("交接", "Handover"), seen.kind),
                (t("状态", "State"), HANDOVER_STATES[row.state]),
                (t("移交方", "Sender"), seen.sender),
                (t("接收方", "Receiver"), seen.receiver),
                (t("交到", "Handed over to"), seen.place),
                (t("开始清点", "Counting began"), moment(row.begun_at)),
                (t("清点完毕", "Counted"), moment(row.counted_at)),
                (t("完成", "Closed"), moment(row.ended_at)),
                (t("应交", "Expected"), str(done.expected)),
                (t("完好／不完好／缺少", "Intact / not intact / missing"), f"{done.found} / {done.damaged} / {done.missing}"),
                *([(t("冻结，未移交", "Frozen, not handed over"), "、".join(s.code for s in seen.stays))] if seen.stays else []),
                *([(t("实际移交", "Handed over"), str(row.operation.containers))] if row.operation else []),
            ],
            items=[(i.code, i.seen_seal or i.seal, str(i.inside or ""), SEEN[i.seen]) for i in seen.items],
            people=[
                (
                    p.name, ROLES[p.role], SIDES[p.side],
                    str(MEANS[s.proof.means]) + f" #{s.proof_id}" if (s := seen.signed.get(p.person_id)) else "—",
                    moment(s.signed_at if s else None),
                )
                for p in seen.people
            ],
            exceptions=[
                (FLAWS.get(e.kind, e.kind), e.code, moment(e.reported_at), e.instruction or "—") for e in seen.exceptions
            ],
            digest=row.proposal.content_hash if row.proposal else "—" * 16,
        ),
        exam=exam,
        subject=row.subject,
        office_path=row.office_path,
        plan_version=row.proposal.content_hash[:16] if row.proposal else "",
        language=language,
        by=by,
        at=at,
    )  # fmt: skip
    record(
        events.HANDOVER_PRINTED, by=by, at=at, subject=row.subject, exam=exam.slug, office_path=row.office_path,
        rules=["V10.2.1"], data={"state": row.state},
    )  # fmt: skip
    return printed
