"""The short check (V4.3): which questions, in which order, what counts as passed; no training, no duty. Pure."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from keju.rulebook import Refusal, rule
from keju.rulebook.teaching import CheckQuestion
from keju.rulebook.words import Words

LEAST, MOST_WRONG = 12, 5
"""Questions of a pool at least; wrong answers of a question at most."""


@dataclass(frozen=True)
class Asked:
    """A question as one person sees it: its answers in their order, and which of them (from 0) is right."""

    question: CheckQuestion
    answers: tuple[Words, ...]
    right: int


@rule("V4.3")
def drawn(pool: Sequence[CheckQuestion], count: int, seed: str) -> list[Asked]:
    """`count` questions of the pool (all, if it has fewer) and their answers, in an order that follows from the seed alone.

    By SHA-256 of seed and code: whoever has pool and seed finds the same, whatever the programming language.
    """
    ordered = sorted(pool, key=lambda question: _rank(seed, question.code))[:count]
    return [_shuffled(question, seed) for question in ordered]


@rule("V4.3")
def right_answers(asked: Sequence[Asked], answers: Sequence[int | None]) -> int:
    """How many are right; what was left out is wrong."""
    given = [*answers, *[None] * len(asked)]
    return sum(given[n] == one.right for n, one in enumerate(asked))


@rule("V4.3")
def is_pass(right: int, asked: int, percent: int) -> bool:
    """Whether at least so many per cent are right, without rounding in anybody's favour or against it."""
    return asked > 0 and right * 100 >= percent * asked


@rule("V4.3")
def tries_left(tries: int, courses: int, each: int) -> int:
    """Each course attended gives `each` tries; so who failed them all attends again. `tries`: those ended."""
    return max(0, each * courses - tries)


@rule("V4.1", "V4.3")
def check_begin(*, attended: bool, passed: bool, left: int, name: Words) -> Iterator[Refusal]:
    """A check is begun by who attended a course of the module, has not passed yet and has a try left."""
    if passed:
        yield Refusal("V4.3", "training_passed", {"module": name})
    elif not attended:
        yield Refusal("V4.1", "training_not_attended", {"module": name})
    elif left <= 0:
        yield Refusal("V4.3", "training_no_try", {"module": name})


@rule("P8.1")
def check_pledge(signed_as: str, name: str, *, agreed: bool) -> Iterator[Refusal]:
    """A pledge is signed with one's own name, by who says that they agree."""
    if not agreed:
        yield Refusal("P8.1", "training_pledge_open", field="agreed")
    if "".join(signed_as.split()) != "".join(name.split()):
        yield Refusal("P8.1", "training_pledge_name", field="signed_as")


@rule("V4.2")
def check_pool(questions: Sequence[CheckQuestion]) -> Iterator[Refusal]:
    """A pool is large enough, its codes are distinct, and no two answers of a question are the same."""
    if len(questions) < LEAST:
        yield Refusal("V4.2", "training_pool_small", {"have": len(questions), "need": LEAST})
    codes = [q.code for q in questions]
    for code in sorted({c for c in codes if codes.count(c) > 1}):
        yield Refusal("V4.2", "training_pool_twice", {"code": code})
    for q in questions:
        answers = [q.right, *q.wrong]
        if not 1 <= len(q.wrong) <= MOST_WRONG or len({a.zh for a in answers}) < len(answers):
            yield Refusal("V4.2", "training_pool_answers", {"code": q.code, "most": MOST_WRONG + 1})


def _shuffled(question: CheckQuestion, seed: str) -> Asked:
    answers = (question.right, *question.wrong)
    order = sorted(range(len(answers)), key=lambda n: _rank(seed, f"{question.code}/{n}"))
    return Asked(question, tuple(answers[n] for n in order), order.index(0))


def _rank(seed: str, what: str) -> bytes:
    return hashlib.sha256(f"{seed}/{what}".encode()).digest()
