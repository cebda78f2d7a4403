"""Long work of this stage: sealing a bag."""

from datetime import datetime

from keju.kernel.exams.models import Exam
from keju.kernel.jobs.progress import Progress
from keju.kernel.jobs.registry import job
from keju.kernel.offices import Actor, acting
from keju.rulebook.words import t
from keju.stages.archive import queries, services

SEAL = "archive.seal"


@job(SEAL, t("封存考试档案", "Sealing the archive"))
def seal(progress: Progress, *, by: Actor, at: datetime, exam: Exam) -> None:
    """A bag of the exam as it stands lies in the archive folder. Killed, it starts anew; a half one is no bag."""
    progress.begin(1)
    folder = queries.home() / f"{exam.slug}-{at:%Y%m%d-%H%M%S}"
    with acting(by):
        done = services.seal(exam=exam, folder=folder, by=by, at=at)
    words = t("{files}个文件，{rows}条记录，摘要{digest}", "{files} files, {rows} rows, digest {digest}")
    progress.note(words.format(files=done.files, rows=done.rows, digest=done.digest))
    progress.step()
