"""Handbooks: written by the centre, approved by the office, handed down the tree (V4.4); pools of questions."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError

from keju.kernel.approvals import services as approvals
from keju.kernel.approvals.content import Content
from keju.kernel.approvals.effects import carries_out
from keju.kernel.approvals.models import Proposal
from keju.kernel.approvals.needing import Need
from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.files.pdfs import look
from keju.kernel.files.services import store
from keju.kernel.notices import services as notices
from keju.kernel.offices import Actor
from keju.rulebook import enforce
from keju.rulebook.teaching import CheckQuestion, Handbook, Module
from keju.rulebook.words import Words, t
from keju.stages.staffing import events
from keju.stages.staffing.models import HandbookState, HandbookVersion, Pool
from keju.stages.staffing.queries import handbooks as shelf
from keju.stages.staffing.rules.checks import check_pool
from keju.stages.staffing.rules.training import check_distribution

KIND = "staffing.handbook"
MOST_BYTES = 20 * 1024 * 1024
THUMB = 320
WAITS = timedelta(days=30)
TITLE = t("批准手册", "Approve a handbook")
NOT_A_PDF = t("请上传能够打开的PDF，不超过20 MB。", "Upload a PDF that opens and is no larger than 20 MB.")
ACKNOWLEDGE = timedelta(days=7)


@write("staffing:handbook:draft")
def draft_handbook(
    *, exam: Exam, code: str, data: bytes, file_name: str, note: str = "", by: Actor, at: datetime
) -> HandbookVersion:
    """A further version waits for the office's approval of exactly this file; a draft before it is withdrawn.

    ValidationError for what is no PDF or too large.
    """
    handbook = _handbook(exam, code)
    if len(data) > MOST_BYTES or not data.startswith(b"%PDF-") or not look(data, THUMB).pages:
        raise ValidationError(str(NOT_A_PDF))
    rows = HandbookVersion.objects.select_for_update().filter(exam=exam, code=code)
    last = rows.order_by("-version").first()
    rows.filter(state=HandbookState.DRAFTED).update(state=HandbookState.WITHDRAWN, decided_at=at)
    sha = store(
        data=data, name=file_name, content_type="application/pdf", office_path=by.office_path, by=by, at=at
    )
    row = HandbookVersion.objects.create(
        exam=exam,
        office_path=by.office_path,
        code=code,
        version=last.version + 1 if last else 1,
        note=note.strip(),
        sha=sha,
        file_name=file_name[-200:],
        drafted_by=by.ref,
        drafted_at=at,
    )
    proposal = approvals.propose(
        kind=KIND,
        subject=f"handbook:{code}",
        exam=exam,
        office_path="/",
        content=_shown(row, handbook, exam),
        content_hash=sha,
        needs=[Need("office_officer")],
        expires_at=at + WAITS,
        rules=["V4.4"],
        by=by,
        at=at,
    )
    row.proposal_id = proposal.pk
    row.save(update_fields=["proposal_id"])
    _event(events.HANDBOOK_DRAFTED, row, by, at)
    return row


@carries_out(KIND, TITLE)
@write(None)
def approve_handbook(*, proposal: Proposal, by: Actor, at: datetime) -> None:
    """With the office's signature that version is the current one; courses cite it from now on."""
    row = HandbookVersion.objects.select_for_update().filter(proposal_id=proposal.pk).first()
    if row is None or row.state != HandbookState.DRAFTED:
        raise Stale
    approvals.consume(
        proposal_id=proposal.pk, kind=KIND, subject=f"handbook:{row.code}", content_hash=row.sha, by=by, at=at
    )
    row.state, row.decided_at = HandbookState.APPROVED, at
    row.save(update_fields=["state", "decided_at"])
    _event(events.HANDBOOK_APPROVED, row, by, at)


@write("notices:notice:send")
def distribute_handbook(*, exam: Exam, version_id: int, by: Actor, at: datetime) -> HandbookVersion:
    """The approved version went to every region that takes part, which is to acknowledge it; regions hand it on."""
    row = HandbookVersion.objects.select_for_update().filter(exam=exam, pk=version_id).first()
    if row is None or not row.office_path.startswith(by.office_path):
        raise NotPermitted(hidden=True)
    enforce(check_distribution(row.state, has_gone=row.notice_id is not None))
    notice = notices.send(
        exam=exam,
        title=_titled(row, _handbook(exam, row.code)),
        body=t(
            f"办公室已批准本手册第{row.version}版，自即日起使用。请确认收到，考区并请转发所属考点。{row.note}",
            f"The office has approved version {row.version} of this handbook; use it from now on. Acknowledge it, and"
            f" regions hand it on to their points. {row.note}",
        ),
        to=[o.office_id for o in exams.openings(exam, "region")],
        kind="handbook",
        answer_by=at + ACKNOWLEDGE,
        by=by,
        at=at,
    )
    row.notice_id = notice.pk
    row.save(update_fields=["notice_id"])
    _event(events.HANDBOOK_DISTRIBUTED, row, by, at)
    return row


@write("notices:notice:send")
def hand_on_handbook(*, exam: Exam, version_id: int, by: Actor, at: datetime) -> int:
    """The region's points that take part have the handbook too; returns how many got it now."""
    row = shelf.handbook(exam, version_id)
    if row.notice_id is None:
        raise NotPermitted(hidden=True)
    path = by.office_path
    points = exams.openings(exam, "point").filter(office_path__gte=path, office_path__lt=path + "~")
    added = notices.forward(notice=row.notice_id, to=[o.office_id for o in points], by=by, at=at)
    _event(events.HANDBOOK_DISTRIBUTED, row, by, at, added=added)
    return added


@write("staffing:handbook:draft")
def edit_pool(
    *, exam: Exam, module_code: str, questions: Sequence[CheckQuestion], seen: int, by: Actor, at: datetime
) -> Pool:
    """The module's pool has a further version; checks begun before keep theirs. Stale if `seen` is not the last one."""
    module = _module(exam, module_code)
    enforce(check_pool(questions))
    last, _ = shelf.raw_pool(exam, module)
    if last != seen:
        raise Stale
    row = Pool.objects.create(
        exam=exam,
        office_path=by.office_path,
        module=module.code,
        version=last + 1,
        questions=[_stored(question) for question in questions],
        made_by=by.ref,
        made_at=at,
    )
    record(
        events.POOL_EDITED,
        by=by,
        at=at,
        subject=f"pool:{module.code}",
        exam=exam.slug,
        office_path=by.office_path,
        rules=["V4.2"],
        data={"version": row.version, "questions": len(questions), "digest": _digest(questions)},
    )
    return row


def _stored(question: CheckQuestion) -> dict[str, object]:
    return {
        "code": question.code,
        "rule": question.rule,
        "words": _pair(question.words),
        "right": _pair(question.right),
        "wrong": [_pair(wrong) for wrong in question.wrong],
    }


def _pair(words: Words) -> list[str]:
    return [words.zh, words.en]


def _digest(questions: Sequence[CheckQuestion]) -> str:
    return hashlib.sha256(repr([_stored(q) for q in questions]).encode()).hexdigest()


def _shown(row: HandbookVersion, handbook: Handbook, exam: Exam) -> Content:
    return Content(
        title=_titled(row, handbook),
        facts=[
            (t("版本", "Version"), str(row.version)),
            (t("文件", "File"), row.file_name),
            (t("文件的SHA-256", "SHA-256 of the file"), row.sha),
            (t("修改说明", "What changed"), row.note or "—"),
        ],
        place="training-handbook-file",
        place_args={"exam": exam.slug, "version_id": row.pk},
    )


def _titled(row: HandbookVersion, handbook: Handbook) -> Words:
    return t(f"{handbook.name.zh}（第{row.version}版）", f"{handbook.name.en}, version {row.version}")


def _handbook(exam: Exam, code: str) -> Handbook:
    found = next((h for h in exams.programme(exam).teaching.handbooks if h.code == code), None)
    if found is None:
        raise NotPermitted(hidden=True)
    return found


def _module(exam: Exam, code: str) -> Module:
    found = exams.programme(exam).teaching.module(code)
    if found is None:
        raise NotPermitted(hidden=True)
    return found


def _event(kind: str, row: HandbookVersion, by: Actor, at: datetime, **more: object) -> None:
    record(
        kind,
        by=by,
        at=at,
        subject=f"handbook:{row.code}:{row.version}",
        exam=row.exam.slug,
        office_path=by.office_path,
        rules=["V4.2", "V4.4"],
        data={"sha": row.sha, "proposal": row.proposal_id, "notice": row.notice_id, **more},
    )
