"""Corrections of confirmed registrations: what waits, what was changed, what stands against a change."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import path_of
from keju.rulebook import Refusal
from keju.rulebook.words import Words, t
from keju.stages.fees import queries as fees
from keju.stages.registration import queries as registration
from keju.stages.registration.queries import (
    FACTS,
    FIELDS,
    Row,
    category_name,
    fact_value,
    mask_phone,
    route_name,
)
from keju.stages.review import rules
from keju.stages.review.models import Correction, SecondReview

PAGE = 50
HIDDEN = t("（已更改，不显示）", "(changed; not shown)")


@dataclass(frozen=True)
class Asked:
    """A correction with the registration that it is about, and its changes in words (field, old, new)."""

    row: Row
    correction: Correction
    changes: list[tuple[Words | str, Words | str, Words | str]]


def corrections(
    *, viewer: Actor, exam: Exam, state: str = "asked", after: int = 0, size: int = PAGE
) -> list[Asked]:
    """The next corrections after the id `after`; `state` asked, approved, unsigned, refused, or "" for all."""
    found = Correction.objects.filter(exam=exam, pk__gt=after, **_under(viewer.office_path))
    if state == "unsigned":
        found = found.filter(state="approved", signed_at=None)
    elif state:
        found = found.filter(state=state)
    return _asked(viewer, exam, list(found.order_by("pk")[:size]))


def correction(*, viewer: Actor, exam: Exam, correction_id: int) -> Asked:
    """One of them; `Correction.DoesNotExist` outside the viewer's scope."""
    return _asked(viewer, exam, [Correction.objects.get(exam=exam, pk=correction_id)])[0]


def corrections_of(*, viewer: Actor, exam: Exam, registration_id: int) -> list[Asked]:
    """The corrections of one registration, newest first."""
    found = Correction.objects.filter(exam=exam, registration_id=registration_id).order_by("-pk")
    return _asked(viewer, exam, list(found))


def waiting(*, viewer: Actor, exam: Exam) -> int:
    """How many corrections wait for a decision in the viewer's scope."""
    return Correction.objects.filter(exam=exam, state="asked", **_under(viewer.office_path)).count()


def unsettled(exam: Exam, ids: Sequence[int]) -> dict[int, str]:
    """Registrations with a correction that is "asked" or, approved, "unsigned"."""
    rows = Correction.objects.filter(exam=exam, registration_id__among=ids, signed_at=None).exclude(
        state="refused"
    )
    found = dict(rows.order_by("pk").values_list("registration_id", "state"))
    return {pk: "asked" if state == "asked" else "unsigned" for pk, state in found.items()}


def differences(row: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """field → (old, new) of everything that would really change."""
    return {
        key: (row.get(key, ""), value.strip())
        for key, value in wanted.items()
        if value.strip() != row.get(key, "")
    }


def against_correction(*, exam: Exam, row: Row, changes: Mapping[str, tuple[str, str]]) -> list[Refusal]:
    """What stands against correcting a confirmed registration so, whoever asks: route, fee, the region's decision (V5.4),
    the tickets (V7.1)."""
    fields = list(changes)
    with acting(Actor.system("review")):  # a candidate does not see the region's decision; the rule must
        decided = SecondReview.objects.filter(exam=exam, registration_id=row.id).exists()
        numbered = exams.milestone(exam, "tickets_generated", path_of(row.region_code)) is not None
        before = _fee(exam, row.region_code, row.category)
        after = _fee(exam, row.region_code, changes.get("category", ("", row.category))[1])
    return [
        *rules.check_same_route(changes),
        *rules.check_same_fee(before, after),
        *rules.check_undecided(fields, decided),
        *rules.check_unnumbered(fields, numbered),
    ]


def _fee(exam: Exam, region: str, category: str) -> Decimal:
    if category not in fees.national_fees(exam):
        return Decimal(-1)
    found = fees.fee(exam, region, category)
    return found.total or found.national


def _asked(viewer: Actor, exam: Exam, found: list[Correction]) -> list[Asked]:
    rows = registration.rows_of(viewer=viewer, exam=exam, ids=[c.registration_id for c in found])
    own = viewer.candidate_id is not None
    return [
        Asked(rows[c.registration_id], c, told(exam, json.loads(c.changes), masked=not own)) for c in found
    ]


def told(
    exam: Exam, changes: Mapping[str, Sequence[str]], *, masked: bool
) -> list[tuple[Words | str, Words | str, Words | str]]:
    """Changes in words. `masked`: an office sees which telephone only in part, and of an address that it changed."""
    return [
        (FIELDS.get(key) or FACTS.get(key, key), *(_value(exam, key, v, masked=masked) for v in (old, new)))
        for key, (old, new) in changes.items()
    ]


def _value(exam: Exam, key: str, value: str, *, masked: bool) -> Words | str:
    programme = exams.programme(exam)
    if masked and key == "phone":
        return mask_phone(value)
    if masked and key in ("address", "email"):
        return HIDDEN if value else "—"
    if key == "category":
        return category_name(programme, value)
    if key == "route":
        return route_name(programme, value)
    return fact_value(key, value) if key in FACTS else value or "—"


def _under(path: str) -> dict[str, str]:
    return {"office_path__gte": path, "office_path__lt": path + "~"}


def corrected_since(exam: Exam, ids: Sequence[int], seen: Mapping[int, int]) -> set[int]:
    """Registrations whose data are of another version than the one seen."""
    briefs = registration.briefs(viewer=Actor.system("review"), exam=exam, ids=ids)
    return {pk for pk, brief in briefs.items() if brief.version != seen.get(pk)}
