"""Long work: numbering a region, and the papers of a whole site."""

from datetime import datetime

from keju.kernel.exams.models import Exam
from keju.kernel.files.services import store
from keju.kernel.jobs import Progress, job
from keju.kernel.offices import Actor, acting
from keju.rulebook.words import current_language, t
from keju.stages.tickets import services

GENERATE, SHEETS = "tickets.generate", "tickets.sheets"
DONE = t("{n:,} 个准考证号，{hosts} 个承考考点。", "{n:,} numbers at {hosts} host points.")
UNCHANGED = t(
    "{n:,} 个准考证号没有变化（座位编排没有变）。",
    "The {n:,} numbers stand as they were: the plans did not change.",
)


@job(GENERATE, t("生成准考证", "Generating tickets"))
def generate(progress: Progress, *, by: Actor, at: datetime, exam: Exam, region_code: str) -> None:
    """All numbers of the region in one transaction; safe to run again."""
    with acting(by):
        done = services.generate(exam=exam, region_code=region_code, by=by, at=at)
    progress.begin(done.count)
    progress.note((DONE if done.changed else UNCHANGED).format(n=done.count, hosts=done.hosts))
    progress.step(done.count)


@job(SHEETS, t("打印考场材料", "Printing papers of a site"))
def sheets(progress: Progress, *, by: Actor, at: datetime, exam: Exam, site_code: str, paper: str) -> None:
    """The PDF is stored and offered for download."""
    progress.begin(1)
    with acting(by):
        pdf = services.print_sheets(
            exam=exam, site_code=site_code, kind=paper, language=current_language(), by=by, at=at
        )
        sha = store(
            data=pdf,
            name=f"{site_code}-{paper}.pdf",
            content_type="application/pdf",
            office_path=by.office_path,
            by=by,
            at=at,
        )
    progress.file(sha)
    progress.step()
