"""Running a job: the actor restored, the language too, every ending recorded, none of them a traceback on a page."""

import logging

from django.core.exceptions import ObjectDoesNotExist, ValidationError

from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.jobs import actors, keeping, registry
from keju.kernel.jobs.boards import OwnConnection, SameConnection
from keju.kernel.jobs.models import Job, State
from keju.kernel.jobs.progress import Cancelled, Progress
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused, load_programme
from keju.rulebook.words import Words, speaking, t

log = logging.getLogger(__name__)
SYSTEM = Actor.system("jobs")
ATTEMPTS = 5

STOPPED = t("已按要求停止。停止前完成的部分已经保存。", "Stopped as asked. What was finished before is kept.")
BROKEN = t(
    "系统出了差错，任务没有做完。已完成的部分已经保存，重新开始会从没做的地方接着做。仍不行请联系技术支持。",
    "Something broke and the work is unfinished. What was finished is kept; starting it again goes on from there. "
    "If it happens again, tell support.",
)
WORN_OUT = t(
    "任务多次中断，没有做完。已完成的部分已经保存。请联系技术支持。",
    "The work was interrupted several times and is unfinished. What was finished is kept. Tell support.",
)
MISCOUNTED = t(
    "任务结束了，但只做到 {done:,} 条、略过 {skipped:,} 条，应为 {total:,} 条。请检查后重新开始。",
    "The work ended with {done:,} done and {skipped:,} left out of {total:,}. Check and start it again.",
)
FORBIDDEN = t("您没有做这件事的权限。", "You are not permitted to do this.")
STALE = t(
    "在任务开始之前，别人已经改动了这些记录。请看过后重新开始。",
    "Somebody changed these records first. Look and start again.",
)
GONE = t("任务要处理的记录已经不在了。", "What the work was to deal with is no longer there.")


def run_in_worker(job_id: int) -> None:
    """The job of that row has run, or was found to be over. Never raises for a failure of the work itself."""
    with acting(SYSTEM):
        job = Job.objects.filter(pk=job_id).first()
    if job is not None:
        with OwnConnection(job.pk) as board:
            _run(job, board)


def run_here(job: Job) -> Job:
    """As `run_in_worker`, here and now in the caller's connection: for tests, demos, the rehearsal's clockwork.

    Returns the job as it ended. `services.run_now` is its name outside.
    """
    with SameConnection(job.pk) as board:
        _run(job, board)
    return job


def _run(job: Job, board: OwnConnection | SameConnection) -> None:
    with speaking(job.language):
        exam = exams.exam(job.exam_slug) if job.exam_slug else None
        progress = Progress(board)
        with acting(SYSTEM):
            begun = keeping.begin(job=job, by=SYSTEM, at=now(exam))
        if begun:
            state, words = _work(job, exam, progress)
        elif job.is_open:
            state, words = State.CANCELLED, STOPPED
        else:
            return
        with acting(SYSTEM):
            keeping.end(job=job, state=state, progress=progress, words=words, by=SYSTEM, at=now(exam))


def _work(job: Job, exam: Exam | None, progress: Progress) -> tuple[str, Words | None]:
    if job.attempts > ATTEMPTS:
        return State.FAILED, WORN_OUT
    try:
        kind = registry.kind(job.kind)
        kind.run(progress, by=actors.restored(job.actor), at=now(exam), exam=exam, **job.args)
    except Cancelled:
        return State.CANCELLED, STOPPED
    except Exception as error:
        words = _explained(error, exam)
        if words is None:
            log.exception("job %s (%s) failed", job.public, job.kind)
        return State.FAILED, words or BROKEN
    if progress.total and progress.total != progress.done + progress.skipped:
        facts = {"done": progress.done, "skipped": progress.skipped, "total": progress.total}
        return State.FAILED, MISCOUNTED.format(**facts)
    return State.DONE, None


def _explained(error: Exception, exam: Exam | None) -> Words | None:
    """A house error in its own words; None for a bug."""
    if isinstance(error, RuleRefused):
        programme = load_programme(exam.programme if exam else "veterinarian")
        said = [r.words(programme) for r in error.refusals]
        return t("；".join(w.zh for w in said), "; ".join(w.en for w in said))
    if isinstance(error, NotPermitted):
        return FORBIDDEN
    if isinstance(error, Stale):
        return STALE
    if isinstance(error, ObjectDoesNotExist):
        return GONE
    if isinstance(error, ValidationError):
        said_once = " ".join(str(m) for m in error.messages)  # already in the starter's language
        return t(said_once, said_once)
    return None
