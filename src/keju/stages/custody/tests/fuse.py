"""A process of its own that does some work and is killed at a chosen point, and what the papers look like from outside."""

import contextlib
import os
import signal
import traceback
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models import Sum

from keju.kernel.accounts.models import Proof, SigningSheet
from keju.kernel.approvals.models import Proposal, Signature
from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam
from keju.kernel.notices.models import Notice
from keju.kernel.offices import acting
from keju.stages.custody.models import (
    Alarm,
    Attempt,
    Container,
    Destruction,
    Handover,
    HandoverScan,
    Operation,
    SealRoom,
    Step,
)
from keju.stages.custody.models.chain import FATES
from keju.stages.custody.tests.hands import SYSTEM

FAILED = 7


STATEMENT, COMMIT, COMMITTED = "statement", "commit", "committed"
Point = tuple[str, int]
"""The n-th statement about to be sent, the n-th commit about to be sent, or the n-th that was done."""


class Fuse:
    """Counts the points that a process passes; it dies at one of them, if it gets there."""

    def __init__(self, dies_at: Point | None = None) -> None:
        self.passed: Counter[str] = Counter()
        self.dies_at = dies_at

    def reach(self, kind: str) -> None:
        self.passed[kind] += 1
        if self.dies_at == (kind, self.passed[kind]):
            os.kill(os.getpid(), signal.SIGKILL)


@contextlib.contextmanager
def laid(fuse: Fuse) -> Iterator[Fuse]:
    """Inside, every statement and commit of this process passes the fuse, whichever connection sends it."""
    execute, many, commit = CursorWrapper.execute, CursorWrapper.executemany, BaseDatabaseWrapper._commit  # type: ignore[attr-defined]

    def executed(self: CursorWrapper, *args: object, **more: object) -> object:
        fuse.reach(STATEMENT)
        return execute(self, *args, **more)  # type: ignore[arg-type]

    def executed_many(self: CursorWrapper, *args: object, **more: object) -> object:
        fuse.reach(STATEMENT)
        return many(self, *args, **more)  # type: ignore[arg-type]

    def committed(self: BaseDatabaseWrapper) -> None:
        fuse.reach(COMMIT)
        commit(self)
        fuse.reach(COMMITTED)

    with pytest.MonkeyPatch.context() as wire:
        wire.setattr(CursorWrapper, "execute", executed)
        wire.setattr(CursorWrapper, "executemany", executed_many)
        wire.setattr(BaseDatabaseWrapper, "_commit", committed)
        yield fuse


def killed(work: Callable[[], object], dies_at: Point) -> bool:
    """A process of its own does the work, as the server's and the worker's do. Whether it was killed at that point; False: it
    never came there."""
    connections.close_all()  # nothing of ours is in the child's hands
    child = os.fork()
    if child == 0:
        try:
            with laid(Fuse(dies_at)):
                work()
        except BaseException:
            traceback.print_exc()
            os._exit(FAILED)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the work failed: see standard error"
    return os.WIFSIGNALED(status)


def picture(exam: Exam) -> dict[str, object]:
    """Everything that must be as it would be had nobody died; without numbers that a rolled back transaction uses up."""
    with acting(SYSTEM):
        codes = dict(Container.objects.filter(exam=exam).values_list("pk", "code"))
        steps = Step.objects.filter(exam=exam).order_by("container_id", "number")
        return {
            "steps": sorted(
                (codes[s.container_id], s.number, s.act, s.place, s.custodian, codes.get(s.parent_id or 0, ""),
                 bool(s.seal), s.frozen, *(getattr(s, fate) for fate in FATES))
                for s in steps
            ),
            "operations": Counter(Operation.objects.filter(exam=exam).values_list("act", flat=True)),
            "handovers": sorted(Handover.objects.values_list("kind", "state", "containers")),
            "scans": sorted(HandoverScan.objects.values_list("code", "verdict", "seen")),
            "proposals": Counter(Proposal.objects.values_list("kind", "state")),
            "signatures": Signature.objects.count(),
            "proofs": Proof.objects.count(),
            "wrong codes": SigningSheet.objects.aggregate(all=Sum("failures"))["all"],
            "attempts": sorted(Attempt.objects.values_list("kind", "subject")),
            "seal rooms": sorted(SealRoom.objects.values_list("site_code", "session")),
            "destroyed": sorted(Destruction.objects.exclude(done_at=None).values_list("point_code", "papers")),
            "alarms": sorted(Alarm.objects.values_list("kind", "subject")),
            "notices": Counter(Notice.objects.filter(kind="custody").values_list("title_zh", flat=True)),
            "events": Counter(
                Event.objects.filter(kind__startswith="custody.")
                .exclude(kind="custody.chain.repeated")
                .exclude(data__again=True)
                .values_list("kind", flat=True)
            ),
        }  # fmt: skip
