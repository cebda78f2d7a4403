"""Long work: reading many images by several processes, and the practice scanner of rehearsals."""

from datetime import datetime

from keju.algorithms.omr import reading_pool
from keju.kernel.exams.models import Exam
from keju.kernel.files import queries as files
from keju.kernel.jobs import Progress, job
from keju.kernel.offices import Actor, acting
from keju.rulebook.words import Words, t
from keju.stages.marking import services
from keju.stages.marking.services import NOTHING, PRACTICE_JOB, READ_JOB, ReadResult

AT_ONCE = 20
DONE = t(
    "读取 {read} 张，待裁定 {persons} 张，已读过 {already} 张，不能读取 {refused} 张。",
    "{read} read, {persons} for persons, {already} read before, {refused} could not be read.",
)


@job(READ_JOB, t("读取答题卡", "Reading answer cards"))
def read(progress: Progress, *, by: Actor, at: datetime, exam: Exam, batch_id: int, shas: list[str]) -> None:
    """The images are read, twenty a transaction; what was read before a crash is not read again."""
    progress.begin(len(shas))
    done = NOTHING
    with reading_pool() as reader:
        for start in range(0, len(shas), AT_ONCE):
            part = shas[start : start + AT_ONCE]
            with acting(by):
                images = files.read_many(part, viewer=by)
                done = done.plus(
                    services.read_images(
                        exam=exam,
                        batch_id=batch_id,
                        images=[images[sha] for sha in part],
                        by=by,
                        at=at,
                        reader=reader,
                    )
                )
            progress.step(len(part))
    progress.note(_words(done))


@job(PRACTICE_JOB, t("模拟扫描", "Practice scanner"))
def practise(progress: Progress, *, by: Actor, at: datetime, exam: Exam, batch_ids: list[int]) -> None:
    """Each bag is filled in and read, one a transaction."""
    progress.begin(len(batch_ids))
    done = NOTHING
    with reading_pool() as reader:
        for batch_id in batch_ids:
            with acting(by):
                done = done.plus(
                    services.scan_practice(exam=exam, batch_id=batch_id, by=by, at=at, reader=reader)
                )
            progress.step()
    progress.note(_words(done))


def _words(done: ReadResult) -> Words:
    return DONE.format(
        read=done.read, persons=done.to_persons, already=done.already, refused=sum(done.refused.values())
    )
