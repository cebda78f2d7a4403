"""Storing and examining photos; overruling the judged criteria."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.core.exceptions import ValidationError

from keju.algorithms.photo import (
    CHECKER_VERSION,
    CannotRecompress,
    PhotoExamination,
    PhotoLimits,
    examine,
    recompress,
    restate,
    strip_metadata,
)
from keju.kernel.audit import record, write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.files.services import store
from keju.kernel.offices import Actor
from keju.kernel.offices.bulk import insert_rows
from keju.rulebook import Refusal, RuleRefused
from keju.rulebook.words import t
from keju.stages.registration import events
from keju.stages.registration.models import PhotoCheck, Registration
from keju.stages.registration.params import Params

CHECK_COLUMNS = ("sha256", "checker_version", "measured", "judged", "facts")
LATEST = "(sha256) DO UPDATE SET " + ", ".join(f"{c} = EXCLUDED.{c}" for c in CHECK_COLUMNS[1:])
NO_REASON = t("请写明理由。", "Say why.")


def limits(params: Params) -> PhotoLimits:
    """The law's numbers in the checker's form."""
    return PhotoLimits(
        ratio=params.photo_ratio,
        ratio_tolerance=params.photo_ratio_tolerance,
        min_height_px=params.photo_min_height_px,
        recommended=params.photo_recommended_px,
        min_kb=params.photo_min_kb,
        max_kb=params.photo_max_kb,
    )


@write("registration:own:edit")
def store_photo(*, exam: Exam, data: bytes, candidate_id: int, by: Actor, at: datetime) -> PhotoExamination:
    """The photo was examined; it is kept only if no measured criterion refuses it. Returns all findings.

    What is kept carries no metadata (place and camera are nobody's business), so its SHA-256 may differ from the
    upload's. Raises `RuleRefused` with the measured criteria that failed; the caller shows the photo again with them.
    """
    asked = limits(exams.params(exam, Params))
    data, found = bared(data, asked)
    if found.refused_measured:
        raise RuleRefused(refusals_of(found))
    store(
        data=data,
        name="photo.jpg",
        content_type="image/jpeg",
        office_path="/",
        candidate_id=candidate_id,
        by=by,
        at=at,
    )
    remember({found.sha256: found})
    record(
        events.PHOTO_STORED,
        by=by,
        at=at,
        subject=f"candidate:{candidate_id}",
        exam=exam.slug,
        rules=["V5.2.2"],
        data={"sha256": found.sha256, "judged": [f.criterion for f in found.refused_judged]},
    )
    return found


def bared(data: bytes, asked: PhotoLimits) -> tuple[bytes, PhotoExamination]:
    """What would be kept of an upload, and its examination: the same picture without EXIF, GPS and comments.

    Made anew where those are needed to see it upright or to fill the smallest file allowed; an upload that something
    measured refuses comes back as it is.
    """
    found = examine(data, limits=asked)
    if found.refused_measured:
        return data, found
    try:
        bare = strip_metadata(data)
    except CannotRecompress:
        bare = b""
    if len(bare) >= asked.min_bytes:
        return bare, restate(found, bare, limits=asked)
    made = recompress(data, limits=asked)
    return made, examine(made, limits=asked)


def refusals_of(found: PhotoExamination) -> list[Refusal]:
    """The measured criteria that refuse the photo, in the law's words."""
    return [
        Refusal("V5.2.2", f"registration_photo_{f.criterion}", _facts(found), field="photo")
        for f in found.refused_measured
    ]


def ensure_checked(photos: Mapping[str, bytes], params: Params) -> None:
    """Every content has a stored verdict of the present checker: for imports that bring many photos at once."""
    known = set(
        PhotoCheck.objects.filter(sha256__in=list(photos), checker_version=CHECKER_VERSION).values_list(
            "sha256", flat=True
        )
    )
    asked = limits(params)
    remember({sha: examine(data, limits=asked) for sha, data in photos.items() if sha not in known})


def overrule_photo(*, exam: Exam, registration_id: int, reason: str, by: Actor, at: datetime) -> None:
    """As `overrule_photos`, for one."""
    overrule_photos(exam=exam, registration_ids=[registration_id], reason=reason, by=by, at=at)


@write("registration:photo:overrule")
def overrule_photos(
    *, exam: Exam, registration_ids: Sequence[int], reason: str, by: Actor, at: datetime
) -> None:
    """A person looked and accepts what the checker only judged; measured criteria stay final (V5.2.2). All or none."""
    if not reason.strip():
        raise ValidationError(str(NO_REASON))
    wanted = Registration.objects.select_for_update().filter(exam=exam, pk__among=registration_ids)
    rows = list(wanted.order_by("pk").values_list("pk", "photo_sha256", "office_path"))
    if len(rows) != len(set(registration_ids)):
        raise Registration.DoesNotExist
    checks = PhotoCheck.objects.in_bulk({sha for _, sha, _ in rows})
    refused = [
        Refusal("V5.2.2", f"registration_photo_{c}", checks[sha].facts, field="photo")
        for _, sha, _ in rows
        for c in checks[sha].measured
    ]
    if refused:
        raise RuleRefused(refused)
    Registration.objects.filter(pk__among=registration_ids).update(photo_overruled_by=by.ref)
    one = rows[0] if len(rows) == 1 else None
    record(
        events.PHOTO_OVERRULED,
        by=by,
        at=at,
        subject=f"registration:{one[0]}" if one else "registrations",
        exam=exam.slug,
        office_path=one[2] if one else None,
        rules=["V5.2.2"],
        data={"judged": {str(pk): checks[sha].judged for pk, sha, _ in rows}, "reason": reason},
    )


def remember(found: Mapping[str, PhotoExamination]) -> None:
    """What the checker found about these contents is on record."""
    insert_rows(
        "registration_photo_check",
        CHECK_COLUMNS,
        (
            (
                sha,
                CHECKER_VERSION,
                json.dumps([f.criterion for f in e.refused_measured]),
                json.dumps([f.criterion for f in e.refused_judged]),
                json.dumps(_facts(e)),
            )
            for sha, e in found.items()
        ),
        on_conflict=LATEST,
    )


def _facts(found: PhotoExamination) -> dict[str, object]:
    """What the refusals' words may name."""
    return {
        "width": found.width,
        "height": found.height,
        "kb": round(found.bytes / 1024, 1),
        "ratio": round(found.height / found.width, 2) if found.width else 0,
    }
