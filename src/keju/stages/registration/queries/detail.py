"""One registration in full, and its history."""

import json
from dataclasses import dataclass
from datetime import datetime

from keju.kernel.exams.models import Exam
from keju.kernel.files import queries as files
from keju.kernel.offices import Actor
from keju.stages.registration.documents import NUMBERED
from keju.stages.registration.models import PhotoCheck, Registration
from keju.stages.registration.queries.rows import Row, photo_check, row_of, versions


@dataclass(frozen=True, slots=True)
class Detail:
    """A registration as its page shows it: telephone masked, address and e-mail left to the recorded unmasking."""

    row: Row
    document_kind: str
    country: str
    route_facts: dict[str, str]
    phone_masked: str
    has_email: bool
    photo_overruled_by: str
    pledged_at: datetime
    decided_at: datetime | None
    photo: PhotoCheck | None


@dataclass(frozen=True, slots=True)
class Change:
    """One version: who made it when, and (field, before, after) for everything that it changed."""

    number: int
    at: datetime
    by: str
    changes: tuple[tuple[str, str, str], ...]


def detail(*, viewer: Actor, exam: Exam, registration_id: int) -> Detail:
    """One registration in the viewer's scope with all that a screen may show; `Registration.DoesNotExist` otherwise."""
    r = Registration.objects.get(exam=exam, pk=registration_id)
    return Detail(
        row_of(exam, r),
        r.document_kind,
        r.country,
        dict(r.route_facts),
        mask_phone(r.phone),
        bool(r.email),
        r.photo_overruled_by,
        r.pledged_at,
        r.decided_at,
        photo_check(r.photo_sha256),
    )


def photo(*, viewer: Actor, exam: Exam, registration_id: int) -> bytes:
    """The photo of a registration in the viewer's scope: who may see the registration may see its photo."""
    sha: str = Registration.objects.values_list("photo_sha256", flat=True).get(exam=exam, pk=registration_id)
    return files.read(sha, viewer=Actor.system("registration"))


def history(*, viewer: Actor, exam: Exam, registration_id: int) -> list[Change]:
    """What each version changed, newest first; the first has no changes. Values in clear: pages mask for offices."""
    found: list[Change] = []
    before: dict[str, object] = {}
    for version in versions(viewer=viewer, exam=exam, registration_id=registration_id):
        now = _flat(json.loads(version.snapshot))
        changed = [
            (key, str(before.get(key, "")), str(now.get(key, "")))
            for key in sorted(before.keys() | now.keys())
            if before and before.get(key, "") != now.get(key, "") and not _told_by_number(key, now)
        ]
        found.append(Change(version.number, version.at, version.by, tuple(changed)))
        before = now
    return found[::-1]


def _told_by_number(key: str, now: dict[str, object]) -> bool:
    """Birthday and sex are no change of their own where the number of the document says them."""
    return key in ("birth_on", "sex") and now.get("document_kind") in NUMBERED


def _flat(snapshot: dict[str, object]) -> dict[str, object]:
    facts = snapshot.pop("route_facts", {})
    return {**snapshot, **facts} if isinstance(facts, dict) else snapshot


def mask_phone(phone: str) -> str:
    """`138****0000`: the first three and the last four."""
    return phone[:3] + "*" * (len(phone) - 7) + phone[-4:] if len(phone) > 7 else "*" * len(phone)
