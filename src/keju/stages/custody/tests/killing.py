"""Proving that a piece of work survives: killed and sent again, the papers are as had nobody died."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from keju.kernel.audit import Stale
from keju.kernel.exams.models import Exam
from keju.kernel.jobs.tests.fuse import COMMIT, COMMITTED, Fuse, Moment, killed, laid
from keju.rulebook import RuleRefused
from keju.stages.custody.tests.picture import OTHERS, picture


@dataclass(frozen=True)
class Work:
    """One thing that a device or the worker asks for, by its key; done with the `done`-th commit.

    `look`: the same in the caller's transaction, where asking needs its own.
    """

    ask: Callable[[], object]
    look: Callable[[], object] | None = None
    done: int = 1

    def again(self) -> None:
        """What is done already may be refused; what counts is what stands."""
        with contextlib.suppress(RuleRefused, Stale):
            self.ask()


Proof = Callable[[Exam, Work], None]


def briefly(exam: Exam, work: Work) -> None:
    """Killed when everything is written but nothing committed, and when only the answer is lost."""
    before = picture(exam)
    with transaction.atomic():
        (work.look or work.ask)()
        after = picture(exam)
        transaction.set_rollback(True)
    assert before != after
    assert killed(work.again, (COMMIT, work.done)) and picture(exam) == before
    assert killed(work.again, (COMMITTED, work.done)) and picture(exam) == after, "lost after it was answered"
    work.again()
    assert picture(exam) == after


def papers(seen: dict[str, object]) -> dict[str, object]:
    """What of the picture comes about in one transaction."""
    return {what: facts for what, facts in seen.items() if what != OTHERS}


def thoroughly(exam: Exam, work: Work) -> None:
    """Killed before each statement that it sends and around each commit: the papers are as before or wholly as after.

    As before: the next process is asked the same, with whatever the dead ones left behind. As after: asked again, nothing
    is lost or twice; then everything is as it was at the beginning, and the next one is killed.
    """
    before, beginning = picture(exam), Moment()
    work.ask()  # from now on this process knows what it asks for only once
    after = picture(exam)
    assert before != after
    beginning.back()
    with laid(Fuse()) as fuse:
        work.ask()
    points = fuse.points()
    beginning.back()
    for point in points:
        assert killed(work.again, point), f"{point} was never reached"
        seen = picture(exam)
        assert papers(seen) in (papers(before), papers(after)), point
        if seen != before:
            work.again()
            assert picture(exam) == after, f"sent again after {point}"
            beginning.back()
    assert seen == after, "lost after it was answered"
    work.ask()
    work.again()
    assert picture(exam) == after
