"""Long work of this stage: exports too large to be waited for."""

from datetime import datetime
from io import SEEK_END
from typing import IO

from keju.kernel.audit import record, write
from keju.kernel.exams.models import Exam
from keju.kernel.files.services import store
from keju.kernel.jobs.progress import Progress
from keju.kernel.jobs.registry import job
from keju.kernel.offices import Actor, acting
from keju.kernel.sheets import XLSX
from keju.rulebook.words import t
from keju.stages.registration import events, queries
from keju.stages.registration.queries import Filters

EXPORT = "registration.export"


@job(EXPORT, t("导出报名名单", "Export of the registrations"))
def export(progress: Progress, *, by: Actor, at: datetime, exam: Exam, **filters: str) -> None:
    """The list as a spreadsheet, stored for whoever asked for it."""
    progress.begin(1)
    with acting(by):
        with queries.exported(viewer=by, exam=exam, filters=Filters(**filters)) as file:
            progress.file(_kept(exam=exam, file=file, by=by, at=at))
    progress.step()


@write(None)
def _kept(*, exam: Exam, file: IO[bytes], by: Actor, at: datetime) -> str:
    sha = store(
        data=file,
        name=f"{exam.slug}-registrations.xlsx",
        content_type=XLSX,
        office_path=by.office_path,
        by=by,
        at=at,
    )
    record(
        events.LIST_EXPORTED,
        by=by,
        at=at,
        subject="registrations",
        exam=exam.slug,
        data={"bytes": file.seek(0, SEEK_END)},
    )
    return sha
