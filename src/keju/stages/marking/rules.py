"""Chapter 17, scoring. Pure: a score is a function of readings, decisions and key, and of nothing else."""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import eq

from keju.rulebook import Refusal, rule

#: The way scores are computed; part of a run's identity. Change it whenever the meaning of a score changes.
SCORING_VERSION = "1"
#: Places on a card that persons decide, beside its questions from 1.
CARD, IDENTITY = 0, -1
ACCEPT, REFUSE = "accept", "refuse"
#: Verdicts on a card's two bubbles of the invigilators: (absent, violation).
STAFF_MARKS: Mapping[str, tuple[bool, bool]] = {
    "absent": (True, False),
    "violation": (False, True),
    "unmarked": (False, False),
}
VERDICTS = (ACCEPT, REFUSE, *STAFF_MARKS)
SEPARATOR = ","


@dataclass(frozen=True)
class SubjectPlace:
    """Where a subject stands on its session's card: questions `first`…`first + questions - 1`, from 1."""

    code: str
    first: int
    questions: int
    options: str


@rule("V17.1.0")
def check_key(key: Sequence[str], places: Iterable[SubjectPlace]) -> Iterator[Refusal]:
    """Every question has exactly one right option: no gap and no placeholder is ever scored against."""
    subjects = list(places)
    wanted = sum(s.questions for s in subjects)
    if len(key) != wanted:
        yield Refusal("V17.1.0", "marking_key_length", {"wanted": wanted, "given": len(key)})
        return
    for s in subjects:
        bad = [
            q
            for q in range(s.first, s.first + s.questions)
            if len(key[q - 1]) != 1 or key[q - 1] not in s.options
        ]
        if bad:
            listed = "、".join(map(str, bad[:10]))
            yield Refusal(
                "V17.1.0",
                "marking_key_options",
                {"subject": s.code, "questions": listed, "options": s.options},
            )


@rule("V17.1.0")
def check_key_confirmed_by_another(proposed_by: str, confirmed_by: str, same: bool) -> Iterator[Refusal]:
    """A second person typed the key again, from the paper, and it agrees."""
    if proposed_by == confirmed_by:
        yield Refusal("V17.1.0", "marking_key_own")
    if not same:
        yield Refusal("V17.1.0", "marking_key_differs")


@rule("V17.1.0")
def points(answers: Sequence[str], key: Sequence[str], place: SubjectPlace) -> int:
    """One point for each question answered with exactly the right option; blank, double and wrong give none."""
    span = slice(place.first - 1, place.first - 1 + place.questions)
    return sum(map(eq, answers[span], key[span]))


@rule("V17.1.0")
def readings_digest(lines: Iterable[tuple[int, int, str]]) -> str:
    """SHA-256 over (session, registration, what the card says): what a run was computed from.

    The lines come in ascending order, so that a million need no memory; `ValueError` if they do not.
    """
    digest = hashlib.sha256()
    last = (-1, -1)
    for session, registration, said in lines:
        if (session, registration) <= last:
            raise ValueError(f"{(session, registration)} after {last}: not in order, or twice")
        last = session, registration
        digest.update(f"{session}\t{registration}\t{said}\n".encode())
    return digest.hexdigest()


@rule("V17.1.1")
def scores_digest(scores: Iterable[tuple[int, str, int]]) -> str:
    """SHA-256 over (registration, subject, points) in that order: one changed digit changes it."""
    digest = hashlib.sha256()
    for registration, subject, value in sorted(scores):
        digest.update(f"{registration}\t{subject}\t{value}\n".encode())
    return digest.hexdigest()


@rule("V17.1.2")
def check_two_administrators(data_administrator: str, system_administrator: str) -> Iterator[Refusal]:
    """Scores are frozen by two distinct administrators."""
    if data_administrator == system_administrator:
        yield Refusal("V17.1.2", "marking_one_administrator")


@rule("V17.1.0", "V15.7")
def check_ready_to_score(
    open_rooms: int, open_doubts: int, unread: int, disagreements: int
) -> Iterator[Refusal]:
    """Nothing is scored while a room record is open, a card unread, a mark in doubt, or card and record disagree."""
    if open_rooms:
        yield Refusal("V15.7", "marking_rooms_open", {"rooms": open_rooms})
    if unread:
        yield Refusal("V17.1.0", "marking_unread", {"cards": unread})
    if open_doubts:
        yield Refusal("V17.1.0", "marking_doubts", {"doubts": open_doubts})
    if disagreements:
        yield Refusal("V15.7", "marking_disagreements", {"cards": disagreements})


@rule("V17.1.0")
def check_keys(sessions: Iterable[int], confirmed: Collection[int]) -> Iterator[Refusal]:
    """Every session has a key that two persons entered."""
    for session in sessions:
        if session not in confirmed:
            yield Refusal("V17.1.0", "marking_no_key", {"session": session})


@rule("V17.1.0")
def check_rehearsal(is_rehearsal: bool) -> Iterator[Refusal]:
    """Cards are made up for rehearsals only: in an exam every card comes from a scanner."""
    if not is_rehearsal:
        yield Refusal("V17.1.0", "marking_rehearsal_only")


@rule("V17.1.1")
def check_not_frozen(frozen: bool) -> Iterator[Refusal]:
    """After the freeze nothing that a score follows from is added."""
    if frozen:
        yield Refusal("V17.1.1", "marking_frozen")


@dataclass(frozen=True)
class Place:
    """What is known about one place that somebody decides: whether it may be decided, is settled, and by this person."""

    in_doubt: bool
    settled: bool
    mine: bool


@rule("V17.1.0")
def check_place(place: Place) -> Iterator[Refusal]:
    """Persons decide only what the reader would not, once each, and not what two have settled."""
    if not place.in_doubt:
        yield Refusal("V17.1.0", "marking_not_in_doubt")
    elif place.settled:
        yield Refusal("V17.1.0", "marking_settled")
    elif place.mine:
        yield Refusal("V17.1.0", "marking_decided_already")


@rule("V17.1.0")
def check_answer(answer: str, options: str) -> Iterator[Refusal]:
    """What a person sees in a question: options in order, or blank."""
    if list(answer) != sorted(set(answer)) or any(a not in options for a in answer):
        yield Refusal("V17.1.0", "marking_decision_options", {"options": options})


@rule("V17.1.0")
def check_verdict(verdict: str, whose: bool, taken: bool) -> Iterator[Refusal]:
    """A card counts only if it is known whose it is, and for a candidate without another card that counts.

    `whose`: its candidate is known and of this bag; `taken`: another card of theirs counts.
    """
    if verdict not in VERDICTS:
        yield Refusal("V17.1.0", "marking_verdict")
    elif verdict != REFUSE and not whose:
        yield Refusal("V17.1.0", "marking_no_candidate")
    elif verdict != REFUSE and taken:
        yield Refusal("V17.1.0", "marking_card_taken")


@rule("V17.1.0")
def check_identity(ticket: str, here: Collection[str], taken: bool) -> Iterator[Refusal]:
    """A card without readable codes belongs to somebody of this room who has no other card."""
    if ticket not in here:
        yield Refusal("V17.1.0", "marking_ticket_not_here", {"ticket": ticket})
    elif taken:
        yield Refusal("V17.1.0", "marking_card_taken")


@rule("V15.7")
def check_missing(present: bool | None, has_card: bool, mine: bool, reason: str) -> Iterator[Refusal]:
    """A card is declared lost for somebody who was present and has none, with a reason, by two persons."""
    if not present:
        yield Refusal("V15.7", "marking_missing_absent")
    if has_card:
        yield Refusal("V17.1.0", "marking_missing_read")
    if mine:
        yield Refusal("V17.1.0", "marking_decided_already")
    if not reason.strip():
        yield Refusal("V17.1.0", "marking_missing_reason", field="reason")


def disagreement(present: bool | None, said_violation: bool, card_absent: bool, card_violation: bool) -> str:
    """How a card and the room record differ: "absent", "violation", or "" where they agree. `present` None: no record."""
    if present is None or present == card_absent:
        return "absent"
    return "violation" if said_violation != card_violation else ""


def resolve(answers: Sequence[str], decisions: Mapping[int, str]) -> list[str]:
    """The answers with each doubt (by question, from 1) replaced by what two persons agreed on."""
    return [decisions.get(q, a) for q, a in enumerate(answers, 1)]


def pack(answers: Sequence[str]) -> str:
    """The answers as one stored line."""
    return SEPARATOR.join(answers)


def unpack(line: str) -> list[str]:
    """The answers of a stored line; none of an empty one."""
    return line.split(SEPARATOR) if line else []


def dump(value: object) -> str:
    """A list as JSON text for a bulk insert."""
    return json.dumps(value, ensure_ascii=False)


def load(text: str) -> list[str]:
    """The list of a JSON text."""
    return [str(item) for item in json.loads(text)]
