"""A lost certificate (V18.2): asked for at the point, passed by point, region and centre, a new number, the old one void."""

from datetime import datetime

from django.db import IntegrityError, transaction

from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.documents import services as printing
from keju.kernel.documents.queries import prints
from keju.kernel.exams.models import Exam
from keju.kernel.notices import services as notices
from keju.kernel.offices import Actor
from keju.rulebook import Refusal, RuleRefused, enforce
from keju.rulebook.words import t
from keju.stages.certificates import events, queries, rules
from keju.stages.certificates.models import Certificate, Reissue, RequestState, State
from keju.stages.certificates.services.granting import lock, next_serial

LOST = t("补发新证书，编号{number}", "Replaced by certificate {number}")
NEW = t(
    "您的补发申请已办结，新证书编号{number}，原证书作废。新证书到达考点后请本人领取。",
    "Your request is granted: the new certificate has the number {number}, the old one is void. Collect it at your point.",
)
REFUSED = t("您的补发申请未通过：{reason}", "Your request for a new certificate was refused: {reason}")
STEP = {"point": RequestState.POINT, "region": RequestState.REGION, "centre": RequestState.DONE}


@write(None)
def ask_reissue(*, exam: Exam, number: str, reason: str, by: Actor, at: datetime) -> Reissue:
    """A request for a new certificate stands, by its holder online or by the clerk at the counter."""
    if not (by.may("certificates:own:request") or by.may("certificates:reissue:decide")):
        raise NotPermitted("certificates:own:request")
    found = queries.by_numbers(viewer=by, exam=exam, numbers=[number.strip()]).get(number.strip())
    if found is None:
        raise RuleRefused([Refusal("V18.2", "certificates_no_certificate", field="number")])
    enforce(
        rules.check_request(
            valid=found.state == State.VALID, open_request=queries.open_request(found), reason=reason
        )
    )
    try:
        with transaction.atomic():
            made = Reissue.objects.create(
                exam=exam, certificate=found, candidate_id=found.candidate_id, office_path=found.office_path,
                reason=reason.strip()[:300], asked_by=by.ref, asked_at=at,
            )  # fmt: skip
    except IntegrityError as error:
        raise RuleRefused([Refusal("V18.2", "certificates_asked_already")]) from error
    _event(events.REISSUE_ASKED, made, by, at)
    return made


@write("certificates:reissue:decide")
def pass_reissue(
    *, exam: Exam, request_id: int, version: int, identity_copy: bool = False, by: Actor, at: datetime
) -> Reissue:
    """The actor's level has passed the request; after the centre the new certificate stands and the old one is void."""
    row = _locked(exam, request_id, version)
    level = rules.level_of(by.office_path)
    enforce(
        rules.check_pass(
            state=row.state,
            level=level,
            passed_by=[p for p in (row.point_by, row.region_by) if p],
            by=by.ref,
            identity_copy=identity_copy,
        )
    )
    setattr(row, f"{level}_by", by.ref)
    setattr(row, f"{level}_at", at)
    row.identity_copy = row.identity_copy or identity_copy
    row.state = STEP[level]
    row.version += 1
    if level == "centre":
        row.replacement = _replace(exam, row, by, at)
    row.save()
    _event(events.REISSUE_PASSED, row, by, at, level=level)
    return row


@write("certificates:reissue:decide")
def refuse_reissue(
    *, exam: Exam, request_id: int, version: int, reason: str, by: Actor, at: datetime
) -> Reissue:
    """The request ends with the reason, and the holder has been told; the certificate stays as it is."""
    row = _locked(exam, request_id, version)
    if rules.TURN.get(row.state) != rules.level_of(by.office_path):
        raise RuleRefused([Refusal("V18.2", "certificates_not_your_turn", {"state": row.state})])
    if not reason.strip():
        raise RuleRefused([Refusal("V18.2", "certificates_no_reason", field="reason")])
    row.state, row.refused_by, row.refused_at = RequestState.REFUSED, by.ref, at
    row.refused_reason = reason.strip()[:300]
    row.version += 1
    row.save()
    _tell(exam, row, REFUSED.format(reason=row.refused_reason), by, at)
    _event(events.REISSUE_REFUSED, row, by, at)
    return row


def _locked(exam: Exam, request_id: int, version: int) -> Reissue:
    row = (
        Reissue.objects.select_for_update(of=("self",))
        .select_related("certificate__grant")
        .get(exam=exam, pk=request_id)
    )
    if row.version != version:
        raise Stale
    return row


def _replace(exam: Exam, row: Reissue, by: Actor, at: datetime) -> Certificate:
    old = row.certificate
    lock(exam)
    serial = next_serial(exam, old.region_code)
    number = rules.number_of(exam.year, old.region_code, serial)
    Certificate.objects.filter(pk=old.pk).update(
        state=State.VOID, voided_at=at, void_reason=LOST.format(number=number).zh
    )
    new = Certificate.objects.create(
        exam=exam, grant=old.grant, candidate_id=old.candidate_id, office_path=old.office_path,
        region_code=old.region_code, point_code=old.point_code, serial=serial, number=number, issue=old.issue + 1, made_at=at,
    )  # fmt: skip
    subject = f"certificate:{old.number}"
    if prints(viewer=by, exam_slug=exam.slug, kind="certificate", subject=subject):
        printing.void(
            kind="certificate", subject=subject, reason=LOST.format(number=number).zh, exam=exam, by=by, at=at
        )
    _tell(exam, row, NEW.format(number=number), by, at)
    record(
        events.REISSUED, by=by, at=at, subject=f"certificate:{new.pk}", exam=exam.slug, office_path=new.office_path,
        rules=["V18.2"], data={"old": old.number, "new": number, "request": row.pk},
    )  # fmt: skip
    return new


def _tell(exam: Exam, row: Reissue, words: object, by: Actor, at: datetime) -> None:
    notices.tell_candidates(
        exam=exam, candidate_ids=[row.candidate_id], office_path=row.office_path, kind="certificates",
        words=words, by=by, at=at,
    )  # fmt: skip


def _event(kind: str, row: Reissue, by: Actor, at: datetime, **data: object) -> None:
    record(
        kind, by=by, at=at, subject=f"reissue:{row.pk}", exam=row.exam.slug, office_path=row.office_path,
        rules=["V18.2"], data={"certificate": row.certificate_id, "state": str(row.state), **data},
    )  # fmt: skip
