"""After the exam, on the readiness board: cards sent on, papers destroyed, spare papers back."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime

from keju.kernel.duties import queries as duties
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices.queries import path_of
from keju.kernel.readiness import AMBER, GREEN, GREY, PRINCIPLE, RED, Row, State, is_site, provides
from keju.rulebook.words import Words, t
from keju.stages.custody.queries import standing
from keju.stages.custody.rules.containers import Kind

CARDS = t("{n}个答题卡袋还没有送出", "{n:bag of cards is|bags of cards are} not sent on")
PAPERS = t("{n}份试卷还没有销毁", "{n:paper is|papers are} not destroyed")
SPARES = t(
    "{n}个备用卷袋还没有回到中心",
    "{n:bag of spare papers is|bags of spare papers are} not back at the centre",
)
CENTRE = "centre"


@provides("V16.1.2", "V16.2.1", "V16.2.2", strength=PRINCIPLE)
def returned(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """Rows of every point with papers, and of regions for cards: grey until the last session is over, red after the term."""
    lots = [] if is_site(path) else standing.lots(exam, path)
    if not lots:
        return
    over = at >= max((s.ends_at for s in exams.sessions(exam)), default=at)
    cards, papers, spares = Counter[str](), Counter[str](), Counter[str]()
    for lot in lots:
        if lot.kind == Kind.CARD_BAG:
            cards[lot.keeper] += lot.bags
        elif lot.kind == Kind.SPARE_BAG:
            spares[lot.point] += 0 if lot.keeper == CENTRE else lot.bags
        elif lot.keeper == lot.point:
            papers[lot.point] += lot.left
    points = sorted({lot.point for lot in lots})
    regions = sorted({point[:2] for point in points})
    due = {
        rule: duties.due_by_owner(exam=exam, rule=rule, owners=owners) if over else {}
        for rule, owners in (("V16.1.2/point", points), ("V16.1.2/region", regions), ("V16.2.1", points))
    }
    for code in points:
        yield _row("V16.1.2", code, cards[code], CARDS, over, due["V16.1.2/point"], at)
        yield _row("V16.2.1", code, papers[code], PAPERS, over, due["V16.2.1"], at)
        yield _row("V16.2.2", code, spares[code], SPARES, over, {}, at)
    waiting = {point[:2] for point in points if cards[point]}
    for code in regions:
        turn = over and (cards[code] > 0 or code not in waiting)
        yield _row("V16.1.2", code, cards[code], CARDS, turn, due["V16.1.2/region"], at)


def _row(
    rule: str, code: str, n: int, words: Words, over: bool, due: Mapping[str, datetime], at: datetime
) -> Row:
    state = _state(n, over, due.get(code), at)
    return Row(
        path_of(code), state, words.format(n=n) if state in (AMBER, RED) else None,
        "custody-destructions" if rule == "V16.2.1" else "custody-returns", lacking=n if over else 0, rule=rule,
        mends="custody:seal_room:run" if rule == "V16.2.1" else "custody:handover:make",
    )  # fmt: skip


def _state(n: int, over: bool, term: datetime | None, at: datetime) -> State:
    if not over:
        return GREY
    if not n:
        return GREEN
    return RED if term is not None and at >= term else AMBER
