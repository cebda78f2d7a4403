"""Where other parts of custody have their say in a handover: before it is prepared or signed, and after it is closed."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Literal, Protocol, TypeVar

from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook import Refusal
from keju.stages.custody.models import Handover

Moment = Literal["prepare", "sign"]


class Judge(Protocol):
    """What stands against the handover now."""

    def __call__(
        self, exam: Exam, row: Handover, container_ids: list[int], at: datetime
    ) -> Iterator[Refusal]: ...


class Follower(Protocol):
    """What else is so, in the transaction that closed the handover; `container_ids`: those that were handed over."""

    def __call__(
        self, *, exam: Exam, row: Handover, container_ids: list[int], by: Actor, at: datetime
    ) -> object: ...


_judges: dict[tuple[Moment, str], list[Judge]] = {}
_followers: dict[str, list[Follower]] = {}
J = TypeVar("J", bound=Judge)
F = TypeVar("F", bound=Follower)


def judges(moment: Moment, *names: str) -> Callable[[J], J]:
    """Register `fn(exam, row, container_ids, at)`: at that moment it judges handovers of these kinds, or to places of these
    kinds ("store")."""

    def register(fn: J) -> J:
        for name in names:
            known = _judges.setdefault((moment, name), [])
            if fn not in known:
                known.append(fn)
        return fn

    return register


def follows(*names: str) -> Callable[[F], F]:
    """Register `fn(*, exam, row, container_ids, by, at)`: it runs when one of these kinds, or to such a place, is closed."""

    def register(fn: F) -> F:
        for name in names:
            known = _followers.setdefault(name, [])
            if fn not in known:
                known.append(fn)
        return fn

    return register


def refusals(
    moment: Moment, exam: Exam, row: Handover, container_ids: list[int], at: datetime
) -> Iterator[Refusal]:
    """What every judge concerned says."""
    for name in (row.kind, row.place.partition(":")[0]):
        for judge in _judges.get((moment, name), ()):
            yield from judge(exam, row, container_ids, at)


def after_closing(*, exam: Exam, row: Handover, container_ids: list[int], by: Actor, at: datetime) -> None:
    """Every follower concerned has run."""
    for name in (row.kind, row.place.partition(":")[0]):
        for follower in _followers.get(name, ()):
            follower(exam=exam, row=row, container_ids=container_ids, by=by, at=at)
