"""The point's consignment to the region when all confirmations are over (V5.3.3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.documents.services import Printed, print_document
from keju.kernel.duties import services as duties
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office, path_of
from keju.rulebook import enforce
from keju.stages.fees import queries as fees
from keju.stages.fees import services as money
from keju.stages.registration import queries as registration
from keju.stages.review import documents, events, queries, rules
from keju.stages.review.models import Summary


@dataclass(frozen=True)
class Parcel:
    """How the papers travel. `kept`: one set stays at the point; `seal`: its number, if it was sealed."""

    packets: int
    carrier: str
    kept: bool
    seal: str = ""


@write("review:summary:send")
def send_summary(*, exam: Exam, point_code: str, parcel: Parcel, by: Actor, at: datetime) -> Summary:
    """Forms, evidence, summary and fees are on their way: the cash is banked, the duty of V5.3.3 done, once.

    What the consignment must hold is counted from the decisions. Refused before confirmation is over; `Stale` if it was
    sent already.
    """
    path = _own(by, point_code)
    contents = {"packets": parcel.packets, **queries.contents(exam, point_code)}
    enforce(
        [
            *rules.check_summary(at, exams.milestone(exam, "confirmation_ends", path)),
            *rules.check_parcel(contents, parcel.carrier, parcel.kept),
        ]
    )
    taken = fees.taken_at(exam, path)
    results = queries.results(exam, point_code)
    waiting = registration.counts_by_point(viewer=Actor.system("review", path), exam=exam)
    try:
        with transaction.atomic():
            row = Summary.objects.create(
                exam=exam,
                point_code=point_code,
                office_path=path,
                passed=results[True],
                failed=results[False],
                absent=waiting.get((point_code, "submitted"), 0),
                cash=taken.get("cash", (0, Decimal(0)))[1],
                transferred=taken.get("transfer", (0, Decimal(0)))[1],
                contents=contents,
                carrier=parcel.carrier.strip(),
                seal=parcel.seal.strip(),
                sent_by=by.ref,
                sent_at=at,
            )
    except IntegrityError as error:
        raise Stale from error
    money.bank_cash(exam=exam, point_code=point_code, by=by, at=at)
    duties.discharge(exam=exam, rule="V5.3.3", owner=point_code, evidence=f"summary:{row.pk}", by=by, at=at)
    _record(events.SUMMARY_SENT, exam, row, by, at)
    return row


@write("review:second:decide")
def receive_summary(
    *,
    exam: Exam,
    point_code: str,
    found: Mapping[str, int],
    seal_whole: bool | None = None,
    remark: str = "",
    by: Actor,
    at: datetime,
) -> Summary:
    """The region counted the consignment and signed for it. `found`: item → count; `seal_whole`: None without a seal.

    RuleRefused unless every item is counted and every difference explained in `remark`.
    """
    _own(by, point_code)
    row = Summary.objects.select_for_update().filter(exam=exam, point_code=point_code).first()
    if row is None:
        raise NotPermitted(hidden=True)
    if row.received_at is not None:
        raise Stale
    enforce(rules.check_receipt(row.contents, found, seal_whole, remark))
    row.received_by, row.received_at, row.remark = by.ref, at, remark.strip()
    row.found, row.seal_whole = dict(found), seal_whole
    row.save(update_fields=["received_by", "received_at", "remark", "found", "seal_whole"])
    _record(events.SUMMARY_RECEIVED, exam, row, by, at, found=row.found, whole=row.found == row.contents)
    return row


@write("review:list:read")
def print_consignment(
    *, exam: Exam, point_code: str, language: str = "zh", by: Actor, at: datetime
) -> Printed:
    """The list that travels with the papers: what is in it, who carries it, the seal, and room for the region's receipt."""
    path = _own(by, point_code)
    row = queries.summary(exam, point_code)
    if row is None:
        raise NotPermitted(hidden=True)
    data = documents.consignment(
        exam=exam.name,
        point=office(point_code).name,
        region=office(point_code[:2]).name,
        sent_at=row.sent_at,
        contents=row.contents,
        fees=row.cash + row.transferred,
        carrier=row.carrier,
        seal=row.seal,
        found=row.found or {},
        remark=row.remark,
    )
    printed = print_document(
        kind="registration_consignment",
        template="review/consignment",
        data=data,
        exam=exam,
        subject=f"summary:{row.pk}",
        office_path=path,
        language=language,
        by=by,
        at=at,
    )
    _record(events.SUMMARY_PRINTED, exam, row, by, at)
    return printed


@write("review:list:read")
def print_summary(*, exam: Exam, point_code: str, language: str = "zh", by: Actor, at: datetime) -> Printed:
    """The summary sheet to stamp: every candidate of the point who was reviewed, with totals."""
    path = _own(by, point_code)
    row = queries.summary(exam, point_code)
    if row is None:
        raise NotPermitted(hidden=True)
    data = documents.summary(
        exam=exam.name,
        point=office(point_code).name,
        region=office(point_code[:2]).name,
        sent_at=row.sent_at,
        counts={"passed": row.passed, "failed": row.failed, "absent": row.absent},
        cash=row.cash,
        transferred=row.transferred,
        lines=queries.summary_lines(viewer=by, exam=exam, point_code=point_code),
    )
    printed = print_document(
        kind="registration_summary",
        template="review/summary",
        data=data,
        exam=exam,
        subject=f"summary:{row.pk}",
        office_path=path,
        language=language,
        by=by,
        at=at,
    )
    _record(events.SUMMARY_PRINTED, exam, row, by, at)
    return printed


def _own(by: Actor, point_code: str) -> str:
    path = path_of(point_code)
    if not (by.office_path and path.startswith(by.office_path)) or len(point_code) != 4:
        raise NotPermitted(hidden=True)
    return path


def _record(kind: str, exam: Exam, row: Summary, by: Actor, at: datetime, **more: object) -> None:
    record(
        kind,
        by=by,
        at=at,
        subject=f"summary:{row.pk}",
        exam=exam.slug,
        office_path=row.office_path,
        rules=["V5.3.3"],
        data={
            "point": row.point_code,
            "passed": row.passed,
            "failed": row.failed,
            "cash": row.cash,
            "contents": row.contents,
            **more,
        },
    )
