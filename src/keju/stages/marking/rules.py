"""Chapter 17, scoring. Pure: a score is a function of readings, decisions and key, and of nothing else."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from keju.rulebook import Refusal, rule

#: The way scores are computed; part of a run's identity. Change it whenever the meaning of a score changes.
SCORING_VERSION = "1"
DOUBT = "?"


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
    return sum(a == k for a, k in zip(answers[span], key[span], strict=True))


@rule("V17.1.0")
def readings_digest(lines: Iterable[tuple[int, int, str]]) -> str:
    """SHA-256 over (registration, session, resolved answers) in that order: what a run was computed from."""
    digest = hashlib.sha256()
    for registration, session, answers in sorted(lines):
        digest.update(f"{registration}\t{session}\t{answers}\n".encode())
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
def check_ready_to_score(open_doubts: int, unread: int, disagreements: int) -> Iterator[Refusal]:
    """Nothing is scored while a card is unread, a mark is in doubt, or card and room record disagree."""
    if unread:
        yield Refusal("V17.1.0", "marking_unread", {"cards": unread})
    if open_doubts:
        yield Refusal("V17.1.0", "marking_doubts", {"doubts": open_doubts})
    if disagreements:
        yield Refusal("V15.7", "marking_disagreements", {"cards": disagreements})


@rule("V17.1.0")
def check_decision(answer: str, options: str, mine: bool) -> Iterator[Refusal]:
    """A decision is some of the options in order, or blank; the two who decide are different persons."""
    if mine:
        yield Refusal("V17.1.0", "marking_decided_already")
    if list(answer) != sorted(set(answer)) or any(a not in options for a in answer):
        yield Refusal("V17.1.0", "marking_decision_options", {"options": options})


def resolve(answers: Sequence[str], decisions: Mapping[int, str]) -> list[str]:
    """The answers with each doubt (by question, from 1) replaced by what two persons agreed on."""
    return [decisions.get(q, a) for q, a in enumerate(answers, 1)]


def pack(answers: Sequence[str]) -> str:
    """The answers as one stored line."""
    return json.dumps(list(answers), separators=(",", ":"))


def dump(value: object) -> str:
    """A list as JSON text for a bulk insert."""
    return json.dumps(value, ensure_ascii=False)


def unpack(line: str) -> list[str]:
    """The answers of a stored line."""
    return [str(a) for a in json.loads(line)]
