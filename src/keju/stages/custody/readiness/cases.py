"""What went wrong, on the readiness board: exceptions of handovers, damage, incidents, people who saw questions."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.readiness import AMBER, GREEN, MUST, PRINCIPLE, RED, Row, provides
from keju.rulebook.words import Words, t
from keju.stages.custody.params import Params
from keju.stages.custody.queries import standing
from keju.stages.custody.rules.cases import CaseKind

UNINSTRUCTED = t(
    "{n}件交接异常等待上级指示", "{n:exception waits|exceptions wait} for the superior's instruction"
)
UNTREATED = t("破损个案{n}还没有处理完毕", "Damage case {n} is not treated and closed")
UNSEALED = t(
    "个案{n}的破损还没有拍照、重封、盖章", "The damage of case {n} is not photographed, resealed and stamped"
)
OPEN = t("失窃、损毁或泄密事件{n}没有结案", "Incident {n}: papers stolen, lost or leaked; not closed")
NOT_APART = t("个案{n}试题外露，还没有隔离登记", "Case {n}: questions were exposed and nobody is isolated")


@provides("V11.3.3", strength=PRINCIPLE, title=t("交接异常", "Abnormal handovers"))
def instructed(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """Of every office at which something was abnormal: red until its superior has instructed."""
    for office_path, n in sorted(standing.exceptions(exam, path).items()):
        yield Row(
            office_path, RED if n else GREEN, UNINSTRUCTED.format(n=n) if n else None, "custody-exceptions", lacking=n,
            mends="custody:case:instruct",
        )  # fmt: skip


@provides("V12.5", "V12.6.1", "V12.6.2", "V12.6.3", strength=MUST)
def settled(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """A row for each case and clause that it is subject to. Damage is late after the hours of its treatment."""
    hours = timedelta(hours=exams.params(exam, Params).case_hours)
    for number, office_path, kind, state, reported_at, bare in standing.cases(exam, path):
        late, closed = at > reported_at + hours, state == "closed"
        said: dict[str, Words | None] = {"V12.6.3": NOT_APART if bare and not closed else None}
        if kind == CaseKind.INCIDENT:
            said["V12.5"] = None if closed else OPEN
        if kind == CaseKind.DAMAGE:
            said["V12.6.1"] = None if closed else UNTREATED
            said["V12.6.2"] = None if state in ("treated", "closed") else UNSEALED
        for rule, words in said.items():
            soon = rule in ("V12.6.1", "V12.6.2") and not late
            yield Row(
                office_path, GREEN if words is None else AMBER if soon else RED, words and words.format(n=number),
                "custody-case", {"case_id": number}, mends="custody:case:report", lacking=int(words is not None), rule=rule,
                strength=MUST if rule == "V12.6.1" else PRINCIPLE,
            )  # fmt: skip
