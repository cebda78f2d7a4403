"""Long work of this stage: printing the certificates of a point."""

from datetime import datetime

from keju.kernel.exams.models import Exam
from keju.kernel.jobs.progress import Progress
from keju.kernel.jobs.registry import job
from keju.kernel.offices import Actor, acting
from keju.rulebook.words import t
from keju.stages.certificates import queries, services

PRINT = "certificates.print"
AT_ONCE = 100


@job(PRINT, t("打印证书", "Printing of certificates"))
def print_point(progress: Progress, *, by: Actor, at: datetime, exam: Exam, point: str) -> None:
    """All valid certificates of a point in one PDF, kept for whoever asked. Killed, it starts anew and prints again."""
    with acting(by):
        ids = queries.ids(viewer=by, exam=exam, point_code=point)
    progress.begin(len(ids))
    parts = []
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        with acting(by):
            parts.append(services.print_certificates(exam=exam, certificate_ids=some, by=by, at=at))
        progress.step(len(some))
    with acting(by):
        progress.file(services.keep_print(exam=exam, pdf=services.joined(parts), point=point, by=by, at=at))
