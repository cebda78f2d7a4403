"""Conservation on the readiness board: nothing of what was printed is missing without a case."""

from collections.abc import Iterator
from datetime import datetime

from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.kernel.readiness import AMBER, GREEN, MUST, RED, Row, is_site, provides
from keju.rulebook.words import t
from keju.stages.custody.queries import closure, standing
from keju.stages.custody.queries.quantities import confirmations
from keju.stages.custody.rules.closure import Verdict

MISSING = t(
    "{n}份试卷或答题卡下落不明，没有立案", "{n:paper or card is|papers or cards are} missing without a case"
)
ORDERED = t("印制的份数与确认的用量不同", "What was printed is not what was ordered")
NOT_MADE = t("用量已确认，试卷还没有印制", "The quantities are confirmed and the papers are not made yet")


@provides("V11.2.2", strength=MUST, title=t("试卷份数相符", "Papers add up"))
def closed(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """A row for each office one level below that has papers, and for a site itself; for a region that waits for its papers."""
    viewer = Actor.system("custody", path)
    made = {lot.point[:2] for lot in standing.lots(exam, path, rooms=is_site(path))}
    for region in sorted(confirmations(exam, viewer=viewer).keys() - made):
        yield Row(
            path_of(region), AMBER, NOT_MADE, "custody-making", mends="custody:containers:make", lacking=1
        )  # fmt: skip
    here = is_site(path)
    by_child: dict[str, list[closure.Line]] = {}
    for line in closure.lines(exam, path, viewer=viewer):
        by_child.setdefault(path if here else path_of(line.child), []).append(line)
    for office_path, lines in by_child.items():
        lost = sum(max(0, line.sums.counts.missing - line.sums.in_cases) for line in lines)
        wrong = any(line.verdict is Verdict.WRONG for line in lines)
        state = RED if wrong else AMBER if any(x.sums.counts.missing for x in lines) else GREEN
        words = (MISSING.format(n=lost) if lost else ORDERED) if wrong else None
        code = lines[0].child if not here else "-".join(path.strip("/").split("/")[1:])
        yield Row(office_path, state, words, "custody-closure-of", {"office": code}, lacking=int(wrong))
