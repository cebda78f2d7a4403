"""What is abnormal is told at once and frozen; the superior instructs (V11.3.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.notices.services.offices import deliver
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office
from keju.rulebook import Refusal, enforce
from keju.rulebook.words import t
from keju.stages.custody import events, queries
from keju.stages.custody.models import CustodyException, Handover
from keju.stages.custody.queries import cases
from keju.stages.custody.queries import handovers as reads
from keju.stages.custody.queries.naming import FLAWS
from keju.stages.custody.rules import handovers as rules
from keju.stages.custody.rules.chain import Act, Change
from keju.stages.custody.rules.handovers import Flaw
from keju.stages.custody.services.alarms import told_of
from keju.stages.custody.services.chain import carry_out

SHOWN = 20
TITLE = t("试卷异常：{n}件", "Papers: {n} abnormal")
BODY = t(
    "{office}报告（V11.3.3）：\n{lines}\n有关箱袋已冻结。上级请在“试卷—异常”中作出指示。",
    "{office} reports (V11.3.3):\n{lines}\nThe containers are frozen. The superior instructs under Papers, Exceptions.",
)


@dataclass(frozen=True)
class Found:
    """Something abnormal: of which kind, with which code; `container_id` if it is a known container in sight."""

    kind: str
    code: str
    container_id: int | None = None
    detail: str = ""
    photo: str = ""


@write(None)
def report(
    *,
    exam: Exam,
    key: UUID,
    office_path: str,
    found: Sequence[Found],
    handover: Handover | None = None,
    by: Actor,
    at: datetime,
) -> list[CustodyException]:
    """Each has its row, the offices concerned are told, the containers are frozen (those with a broken seal are open, too).

    What this handover had reported already is not reported again. Other parts report theirs by the same service.
    """
    known = set(handover.exceptions.values_list("code", "kind")) if handover else set()
    new = [f for f in dict.fromkeys(found) if (f.code, f.kind) not in known]
    told = sorted(
        {*told_of(office_path), *((handover.sender_code, handover.receiver_code) if handover else ())}
    )
    told = sorted({code.partition("-")[0] for code in told})
    rows = CustodyException.objects.bulk_create(
        CustodyException(
            exam=exam, office_path=office_path, handover=handover, container_id=f.container_id, code=f.code, kind=f.kind,
            detail=f.detail[:300], photo=f.photo, told=told, reported_by=by.ref, reported_at=at,
        )
        for f in new
    )  # fmt: skip
    _freeze(exam, key, office_path, new, handover, by, at)
    if rows:
        lines = [f"{r.code} {FLAWS.get(r.kind, t(r.kind, r.kind)).zh} {r.detail}" for r in rows[:SHOWN]]
        lines_en = [f"{r.code} {FLAWS.get(r.kind, t(r.kind, r.kind)).en} {r.detail}" for r in rows[:SHOWN]]
        name = office(told[-1] if handover is None else handover.receiver_code).name
        words = t("\n".join(lines), "\n".join(lines_en))
        deliver(
            exam=exam, title=TITLE.format(n=len(rows)), body=BODY.format(office=name, lines=words), to=told,
            kind="custody", by=by, at=at,
        )  # fmt: skip
    record(
        events.EXCEPTION_REPORTED,
        by=by,
        at=at,
        subject=handover.subject if handover else office_path,
        exam=exam.slug,
        office_path=office_path,
        rules=["V11.3.3"],
        data={"found": [[r.kind, r.code] for r in rows[:100]], "count": len(rows), "told": told},
    )
    return rows


def _freeze(
    exam: Exam,
    key: UUID,
    path: str,
    found: Sequence[Found],
    handover: Handover | None,
    by: Actor,
    at: datetime,
) -> None:
    held = queries.held(exam, {f.container_id for f in found if f.container_id is not None})
    free = {pk: h for pk, h in held.items() if not h.frozen}
    broken = {f.container_id for f in found if f.kind == Flaw.BROKEN}
    opened = {pk: Change(seal="", frozen=True) for pk, h in free.items() if pk in broken and h.seal}
    frozen = {pk: Change(frozen=True) for pk in free if pk not in opened}
    for act, changes in ((Act.BROKEN, opened), (Act.FROZEN, frozen)):
        if changes:
            carry_out(
                exam=exam, key=uuid5(key, str(act)), act=act, changes=changes, office_path=path,
                subject=handover.subject if handover else "", rules=["V11.3.3"], by=by, at=at,
            )  # fmt: skip


@write("custody:case:instruct")
def instruct(
    *, exam: Exam, exception_id: int, instruction: str, lifts: bool, by: Actor, at: datetime
) -> CustodyException:
    """The superior's instruction stands; if it `lifts`, and nothing else is open about the container, it is free again.

    Refused where a case was opened about it: the case's end is the instruction.
    """
    mine = reads.exceptions(exam, viewer=by).select_for_update(of=("self",))
    row = mine.filter(pk=exception_id).first()
    if row is None:
        raise NotPermitted(hidden=True)
    if row.instructed_at is not None:
        raise Stale
    enforce(rules.check_instruct(row.office_path, by.office_path, row.reported_by, by.ref, row.case_id))
    if not instruction.strip():
        enforce([Refusal("V11.3.3", "handover_reason", field="instruction")])
    row.instruction, row.lifts = instruction.strip()[:500], lifts
    row.instructed_code, row.instructed_by, row.instructed_at = by.office_code, by.ref, at
    row.save(update_fields=["instruction", "lifts", "instructed_code", "instructed_by", "instructed_at"])
    if lifts and row.container_id is not None:
        _release(exam, row, by, at)
    record(
        events.EXCEPTION_INSTRUCTED,
        by=by,
        at=at,
        subject=f"exception:{row.pk}",
        exam=exam.slug,
        office_path=row.office_path,
        rules=["V11.3.3"],
        data={"kind": row.kind, "code": row.code, "instruction": row.instruction, "lifts": lifts},
    )
    return row


def _release(exam: Exam, row: CustodyException, by: Actor, at: datetime) -> None:
    others = CustodyException.objects.filter(container_id=row.container_id, instructed_at=None)
    held = queries.held(exam, [row.container_id] if row.container_id else [])
    pk = row.container_id
    if pk is None or others.exists() or pk not in held or not held[pk].frozen:
        return
    if cases.open_on(exam, [pk]):  # a damage case or an incident frees it, by its own steps
        return
    carry_out(
        exam=exam, key=uuid5(RELEASES, f"{exam.pk}/{row.pk}"), act=Act.RELEASED, changes={pk: Change(frozen=False)},
        office_path=row.office_path, subject=f"exception:{row.pk}", reason=row.instruction[:300], rules=["V11.3.3"],
        by=by, at=at,
    )  # fmt: skip


RELEASES = UUID("6b1f6d0e-3c0f-5a3b-9b55-2f8f6d3c9a11")
