"""Long work: numbering a region, and the papers of a whole site."""

from datetime import datetime
from typing import IO

from keju.kernel.exams.models import Exam
from keju.kernel.files.services import store
from keju.kernel.jobs import Progress, job
from keju.kernel.offices import Actor, acting
from keju.rulebook.words import t
from keju.stages.tickets import queries, services
from keju.stages.tickets.services import EVERYTHING, TICKETS

GENERATE, SHEETS = "tickets.generate", "tickets.sheets"
DONE = t("{n:,} 个准考证号，{hosts} 个承考考点。", "{n:,} numbers at {hosts} host points.")
UNCHANGED = t(
    "{n:,} 个准考证号没有变化（座位编排没有变）。",
    "The {n:,} numbers stand as they were: the plans did not change.",
)
LOST = t(
    "该考生姓名中的 {codes} 字体中没有，将印成带框的编码。请核对姓名用字，或请技术支持补充字体。",
    "The typeface has no {codes}, which is in this candidate's name; it prints as a framed code. Check how the name is "
    "written, or ask support for the character.",
)


@job(GENERATE, t("生成准考证", "Generating tickets"))
def generate(progress: Progress, *, by: Actor, at: datetime, exam: Exam, region_code: str) -> None:
    """All numbers of the region in one transaction; safe to run again."""
    with acting(by):
        done = services.generate(exam=exam, region_code=region_code, by=by, at=at)
    progress.begin(done.count)
    progress.note((DONE if done.changed else UNCHANGED).format(n=done.count, hosts=done.hosts))
    progress.step(done.count)


@job(SHEETS, t("打印考试地点材料", "Printing papers of a site"))
def sheets(
    progress: Progress,
    *,
    by: Actor,
    at: datetime,
    exam: Exam,
    site_code: str,
    paper: str,
    language: str = "zh",
    layout: str = "",
) -> None:
    """One kind, all of them, or the site's tickets; names that would not print whole are reported first."""
    progress.begin(len(services.KINDS) if paper == EVERYTHING else 1)
    with acting(by):
        for lost in queries.unprintable(viewer=by, exam=exam, site_code=site_code):
            progress.error(lost.number, LOST.format(codes=lost.codes))
        if paper == EVERYTHING:
            with services.print_pack(
                exam=exam,
                site_code=site_code,
                language=language,
                layout=layout,
                step=progress.step,
                by=by,
                at=at,
            ) as archive:
                progress.file(_kept(archive, f"{site_code}.zip", "application/zip", by, at))
            return
        pdf = (
            services.print_tickets(exam=exam, site_code=site_code, by=by, at=at)
            if paper == TICKETS
            else services.print_sheets(
                exam=exam, site_code=site_code, kind=paper, language=language, layout=layout, by=by, at=at
            )
        )
        progress.file(_kept(pdf, f"{site_code}-{paper}.pdf", "application/pdf", by, at))
    progress.step()


def _kept(data: bytes | IO[bytes], name: str, content_type: str, by: Actor, at: datetime) -> str:
    return store(data=data, name=name, content_type=content_type, office_path=by.office_path, by=by, at=at)
