"""What is wrong with the papers right now: every part of custody says it for itself, here it is asked together.

An alarm is a fact of the moment, computed from the log at each look; nobody can forget to raise it and nobody can silence
it but by mending the cause. The minute's job keeps when each one was first seen and tells the offices above.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from keju.kernel.exams.models import Exam
from keju.rulebook.words import Words


@dataclass(frozen=True)
class Alarm:
    """`kind`: what is wrong ("receipt_late"); `subject`: with what ("handover:12", "container:B0000017X"), one alarm of a
    kind each; `office_path`: whose it is; `since`: since when it is wrong; `url`, `args`: the page where it is mended."""

    kind: str
    rule: str
    subject: str
    office_path: str
    since: datetime
    words: Words
    url: str
    args: dict[str, object] = field(default_factory=dict)


class Watch(Protocol):
    """All alarms of one kind at and under a path, in a few statements for a whole nation."""

    def __call__(self, exam: Exam, path: str, at: datetime) -> Iterable[Alarm]: ...


_watches: dict[str, Watch] = {}


def watches(kind: str) -> Callable[[Watch], Watch]:
    """Register `fn(exam, path, at)` as what watches for alarms of this kind."""

    def register(fn: Watch) -> Watch:
        if _watches.setdefault(kind, fn) is not fn:
            raise ValueError(f"two watches for {kind}")
        return fn

    return register


def alarms(exam: Exam, path: str, at: datetime) -> list[Alarm]:
    """Everything that is wrong at and under the path at that moment, the longest first."""
    found = [alarm for watch in _watches.values() for alarm in watch(exam, path, at)]
    return sorted(found, key=lambda a: (a.since, a.kind, a.subject))
