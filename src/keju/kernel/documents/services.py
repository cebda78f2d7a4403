"""Printing documents and declaring them void. Every copy stands in the ledger."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError

from keju.kernel.audit import record, write
from keju.kernel.documents import copies
from keju.kernel.documents.composing import Part, compose
from keju.kernel.documents.counting import page_count
from keju.kernel.documents.models import Print, Voiding
from keju.kernel.documents.sources import template as load
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook.words import t

NO_REASON = t("请写明作废的原因。", "Say why it is declared void.")
NEVER_PRINTED = t(
    "没有打印过这份文件，无从作废。", "This document was never printed, so there is nothing to declare void."
)


@dataclass(frozen=True)
class Sheet:
    """One document to print: whose (`subject`, as `ticket:17`), and what stands on it."""

    subject: str
    data: Mapping[str, Any]
    office_path: str
    candidate_id: int | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Ready:
    """A document that was rendered and is to be entered: of what kind and whose it is, and the hashes of its content."""

    kind: str
    template: str
    subject: str
    office_path: str
    data_hash: str
    pdf_hash: str
    pages: int
    candidate_id: int | None = None
    plan_version: str = ""


@dataclass(frozen=True)
class Printed:
    """The document and its row in the ledger."""

    pdf: bytes
    record: Print


def print_document(
    *,
    kind: str,
    template: str,
    data: Mapping[str, Any],
    files: Mapping[str, bytes] | None = None,
    exam: Exam | None,
    subject: str,
    office_path: str,
    candidate_id: int | None = None,
    plan_version: str = "",
    language: str = "zh",
    by: Actor,
    at: datetime,
) -> Printed:
    """One document: rendered, and one copy more in the ledger. A batch of one."""
    sheet = Sheet(subject, data, office_path, candidate_id, files or {})
    return print_batch(
        kind=kind,
        template=template,
        sheets=[sheet],
        exam=exam,
        plan_version=plan_version,
        language=language,
        by=by,
        at=at,
    )[0]


@write(None)
def print_batch(
    *,
    kind: str,
    template: str,
    sheets: Sequence[Sheet],
    exam: Exam | None,
    plan_version: str = "",
    language: str = "zh",
    by: Actor,
    at: datetime,
) -> list[Printed]:
    """Each sheet is rendered; each has its row, its copy number counted per kind, subject and content. One event.

    `data["rehearsal"]` is set for a rehearsed exam: the paper says that it is void.
    """
    rehearsal = exam is not None and exam.is_rehearsal
    pdfs, ready = [], []
    for sheet in sheets:
        made = compose(
            template=template, parts=[Part(sheet.data, sheet.files)], rehearsal=rehearsal, language=language
        )
        pdfs.append(made.pdf)
        ready.append(
            Ready(
                kind,
                template,
                sheet.subject,
                sheet.office_path,
                made.data_hash,
                hashlib.sha256(made.pdf).hexdigest(),
                made.pages,
                sheet.candidate_id,
                plan_version,
            )
        )
    rows = enter_ready(documents=ready, exam=exam, language=language, by=by, at=at)
    return [Printed(pdf, row) for pdf, row in zip(pdfs, rows, strict=True)]


@write(None)
def enter_ready(
    *, documents: Sequence[Ready], exam: Exam | None, language: str = "zh", by: Actor, at: datetime
) -> list[Print]:
    """What was rendered before stands in the ledger: a row each, in their order, and one event for each kind.

    One insert however many they are; the copies of each content are counted per kind and subject.
    """
    slug = exam.slug if exam else ""
    numbers: dict[int, int] = {}
    for kind in sorted({d.kind for d in documents}):
        places = [n for n, d in enumerate(documents) if d.kind == kind]
        found = copies.next_numbers(
            kind, slug, [(documents[n].subject, documents[n].data_hash) for n in places]
        )
        numbers |= zip(places, found, strict=True)
    rows = Print.objects.bulk_create(
        [
            Print(
                kind=d.kind,
                exam_slug=slug,
                office_path=d.office_path,
                candidate_id=d.candidate_id,
                subject=d.subject,
                copy=numbers[n],
                language=language,
                template=d.template,
                template_version=load(d.template).version,
                data_hash=d.data_hash,
                pdf_hash=d.pdf_hash,
                pages=d.pages,
                plan_version=d.plan_version,
                printed_by=by.ref,
                printed_at=at,
            )
            for n, d in enumerate(documents)
        ],
        batch_size=2000,
    )
    for kind in dict.fromkeys(d.kind for d in documents):
        mine = [row for row in rows if row.kind == kind]
        _event(kind, slug, mine, mine[0].template_version, mine[0].plan_version, by=by, at=at)
    return rows


@write(None)
def enter_print(
    *,
    kind: str,
    exam: Exam,
    subject: str,
    office_path: str,
    pdf: bytes,
    language: str = "zh",
    by: Actor,
    at: datetime,
) -> Print:
    """A PDF that was drawn without a template (answer cards) stands in the ledger too; the same bytes count copies."""
    hashed = hashlib.sha256(pdf).hexdigest()
    number = copies.next_numbers(kind, exam.slug, [(subject, hashed)])[0]
    row = Print.objects.create(
        kind=kind,
        exam_slug=exam.slug,
        office_path=office_path,
        subject=subject,
        copy=number,
        language=language,
        template="",
        template_version="",
        data_hash=hashed,
        pdf_hash=hashed,
        pages=page_count(pdf),
        printed_by=by.ref,
        printed_at=at,
    )
    _event(kind, exam.slug, [row], "", "", by=by, at=at)
    return row


@write(None)
def void(*, kind: str, subject: str, reason: str, exam: Exam | None, by: Actor, at: datetime) -> Voiding:
    """Every print of this kind for this subject so far is void, and why. Later prints are good again."""
    if not reason.strip():
        raise ValidationError(str(NO_REASON))
    slug = exam.slug if exam else ""
    last = Print.objects.filter(kind=kind, exam_slug=slug, subject=subject).order_by("-pk").first()
    if last is None:
        raise ValidationError(str(NEVER_PRINTED))
    row = Voiding.objects.create(
        kind=kind,
        exam_slug=slug,
        office_path=last.office_path,
        candidate_id=last.candidate_id,
        subject=subject,
        up_to=last.pk,
        reason=reason.strip()[:300],
        voided_by=by.ref,
        voided_at=at,
    )
    record(
        "documents.print.voided",
        by=by,
        at=at,
        subject=f"{kind}:{subject}",
        exam=slug,
        office_path=last.office_path,
        data={"kind": kind, "up_to": last.pk, "reason": row.reason},
    )
    return row


def _event(
    kind: str, slug: str, rows: Sequence[Print], version: str, plan_version: str, *, by: Actor, at: datetime
) -> None:
    one = rows[0] if len(rows) == 1 else None
    joined = "\n".join(f"{row.subject} {row.copy} {row.pdf_hash}" for row in rows)
    record(
        "documents.print.made",
        by=by,
        at=at,
        subject=f"{kind}:{one.subject}" if one else f"{kind}:batch",
        exam=slug,
        office_path=one.office_path if one else None,
        data={
            "kind": kind,
            "documents": len(rows),
            "pages": sum(row.pages for row in rows),
            "copies": [one.copy] if one else [],
            "template_version": version,
            "plan_version": plan_version,
            "digest": hashlib.sha256(joined.encode()).hexdigest(),
        },
    )
