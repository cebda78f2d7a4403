"""A registration in words: sections of labels and values for the review page, the candidate and the offices."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from keju.algorithms.identity import mask
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices.queries import office, points
from keju.stages.registration import documents, queries
from keju.stages.registration.documents import FIELDS, STATES
from keju.stages.registration.pages.journey import PARTS, STEPS, Journey, stated_by_hand
from keju.stages.registration.queries import Change
from keju.stages.registration.services import Submission

Pair = tuple[object, object]


def sections(exam: Exam, s: Submission, journey: Journey | None = None) -> list[dict[str, object]]:
    """What is stated, section by section; with a journey each links to its step."""
    rows: dict[str, list[Pair]] = {
        "person": [
            (FIELDS["name"], s.name),
            *_document(s),
            (FIELDS["phone"], s.phone),
            (FIELDS["email"], s.email),
            (FIELDS["address"], s.address),
            (FIELDS["employer"], s.employer),
        ],
        "category": list(documents.stated(exams.programme(exam), s.category, s.route, {})),
        "route": list(documents.stated(exams.programme(exam), s.category, s.route, s.route_facts)[2:]),
        "point": _point(exam, s.point_code),
    }
    return [
        {"title": STEPS[step], "rows": found, "url": journey.url(step) if journey else ""}
        for step, found in rows.items()
    ]


def _document(s: Submission) -> list[Pair]:
    """The identity document; its kind and what was stated beside the number only where that is not the usual card's."""
    rows: list[Pair] = [(FIELDS["identity"], mask(s.identity))]
    if s.document_kind == "resident":
        return rows
    rows.insert(0, (FIELDS["document_kind"], documents.document_name(s.document_kind)))
    if s.document_kind == "passport":
        rows.append((FIELDS["country"], documents.country_name(s.country)))
    if s.document_kind not in documents.NUMBERED:
        rows += [(FIELDS["birth_on"], s.birth_on), (FIELDS["sex"], documents.SEXES.get(s.sex, s.sex))]
    return rows


def submission_of(row: Any) -> Submission:
    """A stored registration as it was submitted."""
    return Submission(
        identity=row.identity,
        name=row.name,
        phone=row.phone,
        email=row.email,
        address=row.address,
        employer=row.employer,
        category=row.category,
        route=row.route,
        route_facts=row.route_facts,
        point_code=row.point_code,
        photo_sha256=row.photo_sha256,
        pledge=True,
        document_kind=row.document_kind,
        country=row.country,
        **stated_by_hand(row),
    )


def differences(
    exam: Exam, step: str, saved: Mapping[str, Any], typed: Mapping[str, Any]
) -> list[dict[str, object]]:
    """Field by field, where what another window saved of the step differs from what was typed here."""
    part = PARTS[step]
    theirs, mine = saved.get(part), typed.get(part)
    if not isinstance(mine, dict):
        theirs, mine = {step: theirs}, {step: mine}
    label = {"point": FIELDS["point_code"], "photo": FIELDS["photo_sha256"]}
    return [
        {
            "label": FIELDS.get(key) or label.get(key, key),
            "theirs": _value(
                exam, "point_code" if key == "point" else key, str((theirs or {}).get(key) or "")
            ),
            "mine": _value(exam, "point_code" if key == "point" else key, str(mine.get(key) or "")),
        }
        for key in mine
        if str((theirs or {}).get(key) or "") != str(mine.get(key) or "")
    ]


def history(exam: Exam, changes: Iterable[Change], *, masked: bool) -> list[dict[str, object]]:
    """Versions in words, with who made them. `masked`: an office sees personal data only as far as lists show them."""
    return [
        {
            "number": c.number,
            "at": c.at,
            "own": c.by.startswith("candidate:"),
            "changes": [_change(exam, *change, masked=masked) for change in c.changes],
        }
        for c in changes
    ]


def _change(exam: Exam, key: str, before: str, after: str, *, masked: bool) -> dict[str, object]:
    hide = MASKS.get(key) if masked else None
    return {
        "label": FIELDS.get(key, key),
        "before": hide(before) if hide else _value(exam, key, before),
        "after": hide(after) if hide else _value(exam, key, after),
        "hidden": key == "photo_sha256",
    }


def _mask_email(email: str) -> str:
    name, at, host = email.partition("@")
    return f"{name[:1]}***{at}{host}" if email else ""


def _mask_address(address: str) -> str:
    return address[:6] + "****" if address else ""


MASKS: Mapping[str, Callable[[str], str]] = {
    "identity": mask,
    "phone": queries.mask_phone,
    "email": _mask_email,
    "address": _mask_address,
}


def _value(exam: Exam, key: str, value: str) -> object:
    programme = exams.programme(exam)
    if key == "category":
        return documents.category_name(programme, value)
    if key == "route":
        return documents.route_name(programme, value)
    if key == "point_code":
        return office(value).name if points().filter(code=value).exists() else value
    return documents.fact_value(key, value)


def _point(exam: Exam, code: str) -> list[Pair]:
    opening = exams.opening(exam, code) if code else None
    if opening is None:
        return [(FIELDS["point_code"], code)]
    return [
        (FIELDS["point_code"], opening.office.name),
        (documents.PLACE["address"], opening.address),
        (documents.PLACE["hours"], opening.hours),
        (documents.PLACE["phone"], opening.phone),
    ]


def state_words(state: str) -> object:
    return STATES.get(state, state)
