"""The record of a repacking on paper: who opened and packed, who watched, and the way of every bag (V11.2.2, V11.2.3)."""

from datetime import datetime

from keju.kernel.approvals.naming import whose
from keju.kernel.audit import record, write
from keju.kernel.documents.services import Printed, print_document
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook.words import t
from keju.stages.custody import events
from keju.stages.custody.documents.moving import moment, sheet
from keju.stages.custody.queries import packing as queries
from keju.stages.custody.services.handovers.printing import MEANS


@write("custody:chain:read")
def print_record(*, exam: Exam, operation_id: int, language: str = "zh", by: Actor, at: datetime) -> Printed:
    """What was signed, by whom with which proof, and each bag with the box that it came in and the pack that it lies in. A copy
    more in the ledger."""
    found = queries.record(exam, operation_id, viewer=by)
    done, proposal = found.operation, found.operation.proposal
    assert proposal is not None
    content = proposal.content
    boxes = "；".join(f"{code} {seal}" for code, seal, _ in content.tables[0].rows)
    packs = dict.fromkeys((pack, seal) for *_, pack, seal in found.bags)
    signed = [
        (
            whose(one.need.what, exam),
            f"{one.signer_name}  {MEANS[one.proof.means]} #{one.proof_id}  {moment(one.signed_at)}",
        )
        for one in found.signatures
    ]
    data = sheet(
        exam=exam.name, title=t("试卷拆箱、装箱记录", "Record of boxes opened and packed anew"), number=str(done.pk),
        pairs=[
            *((name if not isinstance(name, str) else t(name, name), value) for name, value in content.facts),
            (t("时间", "When"), moment(done.at)), (t("原箱和封条", "Boxes and their seals"), boxes),
            (t("新包和封条", "New packs and their seals"), "；".join(f"{pack} {seal}" for pack, seal in packs)), *signed,
            (t("所签内容的SHA-256", "SHA-256 of what was signed"), proposal.content_hash),
        ],
        head=[t("袋", "Bag"), t("来自", "From"), t("考试地点、场次", "For"), t("装入", "Into"), t("封条号", "Seal")],
        rows=found.bags,
        signers=[t("接收员", "Receivers"), t("机要员", "Confidential officer"), t("单位（章）", "Office (stamp)")],
    )  # fmt: skip
    printed = print_document(
        kind="packing_record", template="custody/moving", data=data, exam=exam, subject=f"operation:{done.pk}",
        office_path=done.office_path, plan_version=proposal.content_hash[:16], language=language, by=by, at=at,
    )  # fmt: skip
    record(
        events.PACKING_PRINTED, by=by, at=at, subject=f"operation:{done.pk}", exam=exam.slug, office_path=done.office_path,
        rules=proposal.rules, data={"bags": len(found.bags)},
    )  # fmt: skip
    return printed
