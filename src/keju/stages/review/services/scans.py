"""Scans of the materials: taken at the counter, by file or by a telephone's camera."""

from datetime import datetime

from django.db import IntegrityError, transaction

from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.files import scans
from keju.kernel.files.services import NewFile, store_many
from keju.kernel.offices import Actor
from keju.rulebook import Refusal, RuleRefused
from keju.stages.registration import queries as registration
from keju.stages.review import events, queries
from keju.stages.review.models import Scan

MOST = 8
"""Pages of one material: the copies of a booklet, not an archive."""


@write("review:first:decide")
def add_scan(
    *, exam: Exam, registration_id: int, material: str, data: bytes, name: str = "", by: Actor, at: datetime
) -> Scan:
    """The page is kept, as a picture or PDF that is safe to show, with the material that it shows.

    ValidationError for what is no page; RuleRefused for too many; `Stale` for the same page again.
    """
    row = registration.row(viewer=by, exam=exam, registration_id=registration_id)
    if row.state not in ("submitted", "confirmed"):
        raise Stale
    if material not in {m.code for m in queries.materials(exam, row.route)}:
        raise NotPermitted(hidden=True)
    if len(queries.scans_of(exam, registration_id).get(material, [])) >= MOST:
        raise RuleRefused([Refusal("V5.3.2a", "review_scan_full", {"most": MOST}, field="file")])
    page = scans.prepare(data)
    of = {"office_path": row.office_path, "candidate_id": row.candidate_id}
    files = [NewFile(page.data, name or f"{material}.jpg", page.content_type, **of)]  # type: ignore[arg-type]
    if page.thumb:
        files.append(NewFile(page.thumb, "thumb.jpg", "image/jpeg", **of))  # type: ignore[arg-type]
    stored = store_many(files=files, by=by, at=at)
    try:
        with transaction.atomic():
            scan = Scan.objects.create(
                exam=exam,
                registration_id=registration_id,
                material=material,
                sha256=stored[0],
                thumb=stored[1] if page.thumb else "",
                content_type=page.content_type,
                size=len(page.data),
                pages=page.pages,
                taken_by=by.ref,
                taken_at=at,
                **of,
            )
    except IntegrityError as error:
        raise Stale from error  # this very page is there already
    _record(events.SCAN_ADDED, exam, scan, by, at)
    return scan


@write("review:first:decide")
def remove_scan(*, exam: Exam, scan_id: int, by: Actor, at: datetime) -> Scan:
    """A page taken by mistake is gone from the record, until the first review is decided; afterwards it is evidence."""
    found = Scan.objects.select_for_update().filter(exam=exam, pk=scan_id).first()
    if found is None:
        raise NotPermitted(hidden=True)
    state = registration.row(viewer=by, exam=exam, registration_id=found.registration_id).state
    if found.removed_at is not None or state != "submitted":
        raise Stale
    found.removed_by, found.removed_at = by.ref, at
    found.save(update_fields=["removed_by", "removed_at"])
    _record(events.SCAN_REMOVED, exam, found, by, at)
    return found


def _record(kind: str, exam: Exam, scan: Scan, by: Actor, at: datetime) -> None:
    record(
        kind,
        by=by,
        at=at,
        subject=f"registration:{scan.registration_id}",
        exam=exam.slug,
        office_path=scan.office_path,
        rules=["V5.3.2a"],
        data={"scan": scan.pk, "material": scan.material, "sha256": scan.sha256, "size": scan.size},
    )
