"""Long work of custody: the papers of all regions, and a region's labels."""

from datetime import datetime
from io import BytesIO
from time import sleep
from uuid import UUID, uuid5

from keju.kernel.audit.sequencing import sequence_and_sign
from keju.kernel.exams.models import Exam
from keju.kernel.files.services import store
from keju.kernel.jobs import Progress, job
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import path_of
from keju.rulebook.words import t
from keju.stages.custody import services
from keju.stages.custody.queries import making
from keju.stages.custody.queries.evidence import NotYet
from keju.stages.custody.services.checking import CHECK, check_chain
from keju.stages.custody.services.evidence import EVIDENCE, make_evidence
from keju.stages.custody.services.labels import print_labels

MAKE_ALL, LABELS = "custody.make_all", "custody.labels"
LEFT = t("用量没有确认，或确认后有变化，没有印制", "Not made: quantities unconfirmed, or changed since")
MADE = t(
    "证据文件已签名：摘要 {digest}…，证明了 {steps:,} 步。",
    "The evidence file is signed: digest {digest}…, {steps:,} steps proved.",
)
ATTEMPTS = 4
DONE = t("本次印制 {bags:,} 袋。", "{bags:,} bags were made.")


@job(MAKE_ALL, t("印制各考区试卷", "Making the papers of all regions"))
def make_all(progress: Progress, *, by: Actor, at: datetime, exam: Exam, key: str) -> None:
    """Every region that can be made is; a transaction each. Those made before count as skipped, so it may run again."""
    with acting(by):
        regions = making.regions(exam, viewer=by)
    progress.begin(len(regions))
    bags = 0
    for region in regions:
        if region.may_make:
            with acting(by):
                bags += services.make(
                    exam=exam, region_code=region.code, key=uuid5(UUID(key), region.code), by=by, at=at
                )
        elif not region.is_made:
            progress.error(region.code, LEFT)
        progress.note(DONE.format(bags=bags))
        progress.step(int(region.may_make), skipped=int(not region.may_make))


@job(LABELS, t("打印箱包袋标签", "Printing container labels"))
def labels(
    progress: Progress, *, by: Actor, at: datetime, exam: Exam, region_code: str, language: str = "zh"
) -> None:
    """The labels of a region's boxes and packs with everything in them."""
    progress.begin(1)
    with acting(by):
        outer = making.boxes(exam, path_of(region_code), viewer=by)
        pdf = print_labels(exam=exam, containers=outer, language=language, by=by, at=at)
        name = f"labels-{region_code}.pdf"
        sha = store(
            data=pdf, name=name, content_type="application/pdf", office_path=by.office_path, by=by, at=at
        )
        progress.file(sha)
    progress.step()


@job(CHECK, t("核验试卷交接链", "Checking the chain of custody"))
def check(progress: Progress, *, by: Actor, at: datetime, exam: Exam) -> None:
    """The chain is recomputed and held against the audit log; each difference is an error of the job."""
    progress.begin(1)
    for one in check_chain(exam=exam, by=by, at=at):
        progress.error(one.subject, one.words)
    progress.step()


@job(EVIDENCE, t("制作证据文件", "Making an evidence file"))
def evidence(
    progress: Progress,
    *,
    by: Actor,
    at: datetime,
    exam: Exam,
    what: str,
    code: str,
    reason: str,
    language: str = "zh",
) -> None:
    """The signed archive of a container or a site, under a head of the log that holds everything until now."""
    progress.begin(1)
    for attempt in range(ATTEMPTS):
        sequence_and_sign(at)
        try:
            with acting(by):
                made = make_evidence(
                    exam=exam, kind=what, code=code, reason=reason, language=language, by=by, at=at
                )
                sha = store(
                    data=BytesIO(made.archive), name=made.name, content_type="application/zip", office_path=by.office_path, by=by,
                    at=at,
                )  # fmt: skip
            progress.file(sha)
            break
        except NotYet:  # the clock's sequencer was at it, or something happened meanwhile
            if attempt == ATTEMPTS - 1:
                raise
            sleep(attempt + 1)
    progress.note(MADE.format(digest=made.digest[:16], steps=made.steps))
    progress.step()
