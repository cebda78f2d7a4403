"""Inspections, findings with owner and term, and how they are closed (P2.4, P6.1, P7.3, V2.2). Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from keju.rulebook import Refusal, rule
from keju.rulebook.precautions import InspectionList, Severity

MOST_PHOTOS = 6
"""Photos of one entry: what proves it, not an album."""
MOST_TEAM = 20


@dataclass(frozen=True)
class Term:
    """How long mending may take, in days after the finding, by severity."""

    grave: int
    major: int
    minor: int

    def days(self, severity: Severity) -> int:
        return {"grave": self.grave, "major": self.major, "minor": self.minor}[severity]


@rule("P7.3", "V2.2")
def latest_due(severity: Severity, raised_on: date, term: Term, exam_day: date | None) -> date:
    """The last day that may be set: the days of the severity, and not later than the day before the exam where the finding
    was made before that.
    """
    latest = raised_on + timedelta(days=term.days(severity))
    if exam_day is None or raised_on >= exam_day:
        return latest
    return min(latest, max(raised_on, exam_day - timedelta(days=1)))


@rule("P2.4", "P6.1", "V2.2")
def check_plan(
    checklist: InspectionList,
    kinds: Mapping[str, str],
    planned_on: date,
    exam_days: tuple[date, date] | None,
    team: int,
    by_code: str = "",
) -> Iterator[Refusal]:
    """A list is used where it is meant to be and when: before the exam, or on its days; by another office than the one
    inspected, unless the programme says otherwise of the list. `kinds`: office code → kind.
    """
    if not kinds:
        yield Refusal(checklist.rule, "security_no_place", field="offices")
    for code, kind in sorted(kinds.items()):
        if kind not in checklist.at:
            yield Refusal(
                checklist.rule,
                "security_not_for_place",
                {"office": code, "list": checklist.name},
                field="offices",
            )
    if by_code in kinds and not checklist.by_itself:
        yield Refusal(checklist.rule, "security_own_place", {"list": checklist.name}, field="offices")
    if not 1 <= team <= MOST_TEAM:
        yield Refusal(checklist.rule, "security_team", {"most": MOST_TEAM}, field="team")
    if exam_days is None:
        return
    first, last = exam_days
    if checklist.when == "before" and planned_on >= first:
        yield Refusal(checklist.rule, "security_before_exam", {"day": first}, field="planned_on")
    if checklist.when == "during" and not first <= planned_on <= last:
        yield Refusal(
            checklist.rule, "security_during_exam", {"first": first, "last": last}, field="planned_on"
        )


@rule("P2.4", "P6.1", "V2.2")
def check_answer(
    clause: str, items: Collection[str], item: str, outcome: str, photos: int
) -> Iterator[Refusal]:
    """An answer is to an item of the list, with few photos."""
    if item not in items or outcome not in ("right", "wrong", "absent"):
        yield Refusal(clause, "security_strange_item", {"item": item})
    if photos > MOST_PHOTOS:
        yield Refusal(clause, "security_photos", {"most": MOST_PHOTOS}, field="photos")


def unanswered(items: Sequence[str], outcomes: Mapping[str, str]) -> list[str]:
    """The items that nobody has answered yet, in the list's order."""
    return [item for item in items if item not in outcomes]


@rule("P2.4", "P6.1", "V2.2")
def check_finish(clause: str, items: Sequence[str], outcomes: Mapping[str, str]) -> Iterator[Refusal]:
    """An inspection is done when every item of its list is answered."""
    left = unanswered(items, outcomes)
    if left:
        yield Refusal(clause, "security_unanswered", {"n": len(left)})


@rule("P7.3", "V2.2")
def check_finding(
    clause: str, words: str, owner_is_on_line: bool, owner_is_known: bool, due_on: date | None, today: date, latest: date,
    photos: int,
) -> Iterator[Refusal]:  # fmt: skip
    """A finding says what is wrong, belongs to a person of the place's office or one above, and has a day within its term."""
    if not words.strip():
        yield Refusal(clause, "security_finding_words", field="words")
    if not owner_is_on_line:
        yield Refusal(clause, "security_finding_office", field="owner_code")
    elif not owner_is_known:
        yield Refusal(clause, "security_finding_owner", field="owner")
    if due_on is None or not today <= due_on <= latest:
        yield Refusal(clause, "security_finding_term", {"first": today, "latest": latest}, field="due_on")
    if photos > MOST_PHOTOS:
        yield Refusal(clause, "security_photos", {"most": MOST_PHOTOS}, field="photos")


@rule("P7.3", "V2.2")
def check_mend(clause: str, state: str, note: str, photos: int) -> Iterator[Refusal]:
    """What is open is mended with evidence: what was done, and a photo where it can be seen."""
    if state != "open":
        yield Refusal(clause, "security_not_open", {"state": state})
    if not note.strip():
        yield Refusal(clause, "security_no_evidence", field="note")
    if photos > MOST_PHOTOS:
        yield Refusal(clause, "security_photos", {"most": MOST_PHOTOS}, field="photos")


@rule("P7.3", "V2.2")
def check_reinspect(
    clause: str, state: str, mended_by: str, owner_ref: str, by: str, note: str
) -> Iterator[Refusal]:
    """Another person than who mended it, and than its owner, looks again at what is said to be mended, and says what they
    saw.
    """
    if state != "mended":
        yield Refusal(clause, "security_not_mended")
    elif by in (mended_by, owner_ref):
        yield Refusal(clause, "security_same_person")
    if not note.strip():
        yield Refusal(clause, "security_no_evidence", field="note")


@rule("P7.3", "V2.2")
def check_extend(
    clause: str, state: str, owner_ref: str, by: str, due_on: date, new: date, latest: date, note: str
) -> Iterator[Refusal]:
    """More time is given with a reason, by another than the owner, and never more than a new term from today."""
    if state == "closed":
        yield Refusal(clause, "security_closed")
    if by == owner_ref:
        yield Refusal(clause, "security_same_person")
    if not due_on < new <= latest:
        yield Refusal(
            clause,
            "security_finding_term",
            {"first": due_on + timedelta(days=1), "latest": latest},
            field="due_on",
        )
    if not note.strip():
        yield Refusal(clause, "security_no_evidence", field="note")
