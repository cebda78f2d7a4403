"""Every night the chain is recomputed and held against the audit log; the centre is told at once of what differs."""

from datetime import datetime, time

from keju.kernel.audit import record, write
from keju.kernel.calendar import CHINA
from keju.kernel.exams.models import Exam
from keju.kernel.jobs import queries as jobs
from keju.kernel.jobs import services as work
from keju.kernel.notices.services.offices import deliver
from keju.kernel.offices import Actor, acting
from keju.rulebook.words import Words, t
from keju.stages.custody import events
from keju.stages.custody.queries import verifying
from keju.stages.custody.queries.verifying import Broken

NATION = Actor.system("custody")
CHECK = "custody.check"
FROM = time(3)  # nobody moves papers then, and the workers are free
SHOWN = 20
RULES = ["V12.2.0"]
TITLE = t("试卷交接链与审计日志有{n}处不符", "The chain of custody differs from the audit log ({n})")
NEXT = t(
    "可能有人绕过系统改动了数据库。请保留现场，不要恢复备份，立即报告机要、保密部门，"
    "并在服务器上运行“keju evidence chain”和“keju audit verify”。",
    "Somebody may have changed the database behind the system. Keep everything as it is, restore no backup, report to the "
    "confidential and secrecy officers at once, and run “keju evidence chain” and “keju audit verify” on the server.",
)
MORE = t("……另有{n}处。", "… and {n} more.")


def check_by_night(*, exam: Exam, by: Actor, at: datetime) -> None:
    """From three o'clock on the day's check waits for a worker, or was made; a year without papers has none."""
    here = at.astimezone(CHINA)
    begin = datetime.combine(here.date(), FROM, CHINA)
    if here < begin:
        return
    with acting(NATION):
        if verifying.has_chain(exam) and not jobs.was_started(CHECK, exam.slug, since=begin):
            work.start(CHECK, exam=exam, by=NATION, at=at)


def check_chain(*, exam: Exam, by: Actor, at: datetime) -> list[Broken]:
    """How many differences there are is on record; with any, the centre has them in its inbox. Returns them."""
    with acting(NATION):
        found = verifying.differences(exam)
        _report(exam=exam, found=found, by=by, at=at)
    return found


@write(None)
def _report(*, exam: Exam, found: list[Broken], by: Actor, at: datetime) -> None:
    record(
        events.CHAIN_CHECKED, by=by, at=at, subject=f"exam:{exam.slug}", exam=exam.slug, office_path="/", rules=RULES,
        data={"differences": len(found), "first": [one.subject for one in found[:SHOWN]]},
    )  # fmt: skip
    if found:
        deliver(
            exam=exam,
            title=TITLE.format(n=len(found)),
            body=_body(found),
            to=["centre"],
            kind="custody",
            by=NATION,
            at=at,
        )


def _body(found: list[Broken]) -> Words:
    lines = [t(f"{one.subject}：{one.words.zh}", f"{one.subject}: {one.words.en}") for one in found[:SHOWN]]
    if len(found) > SHOWN:
        lines.append(MORE.format(n=len(found) - SHOWN))
    lines.append(NEXT)
    return t("\n".join(line.zh for line in lines), "\n".join(line.en for line in lines))
