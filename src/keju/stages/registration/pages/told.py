"""A registration in words: sections of labels and values for the review page, the candidate and the offices."""

from collections.abc import Iterable
from typing import Any

from keju.algorithms.identity import mask
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices.queries import office, points
from keju.stages.registration import documents
from keju.stages.registration.documents import FIELDS, STATES
from keju.stages.registration.pages.journey import STEPS, Journey
from keju.stages.registration.queries import Change
from keju.stages.registration.services import Submission

HIDDEN = {"identity", "phone", "email", "address"}
Pair = tuple[object, object]


def sections(exam: Exam, s: Submission, journey: Journey | None = None) -> list[dict[str, object]]:
    """What is stated, section by section; with a journey each links to its step."""
    rows: dict[str, list[Pair]] = {
        "person": [
            (FIELDS["name"], s.name),
            (FIELDS["identity"], mask(s.identity)),
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
    )


def history(exam: Exam, changes: Iterable[Change], *, masked: bool) -> list[dict[str, object]]:
    """Versions in words. `masked`: an office sees that a telephone changed, not which it is."""
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
    hidden = key in {"identity", "photo_sha256"} or (masked and key in HIDDEN)
    return {
        "label": FIELDS.get(key, key),
        "before": "" if hidden else _value(exam, key, before),
        "after": "" if hidden else _value(exam, key, after),
        "hidden": hidden,
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
