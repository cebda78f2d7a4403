"""What the lists of handovers, journeys, cases and alarms show, in whole, as spreadsheets."""

from collections.abc import Iterable, Sequence

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.files.responses import answer
from keju.kernel.sheets import XLSX, Column, write_table
from keju.rulebook.words import Words, t
from keju.stages.custody.forms import cases as of_cases
from keju.stages.custody.forms import journeys as of_journeys
from keju.stages.custody.forms.handovers import HandoverFilter
from keju.stages.custody.queries import alarms as wrong
from keju.stages.custody.queries import cases as reported
from keju.stages.custody.queries import handovers as formal
from keju.stages.custody.queries import journeys as moving
from keju.stages.custody.queries.naming import HANDOVER_STATES, SORT_NAMES, place_names
from keju.stages.custody.rules.journeys import Leg, Mode

READ = "custody:chain:read"
NUMBER, STATE = Column("number", t("编号", "No."), kind="int"), Column("state", t("状态", "State"))
PIECES = Column("pieces", t("件数", "Pieces"), kind="int")
SENDER, RECEIVER = Column("sender", t("移交方", "Sender")), Column("receiver", t("接收方", "Receiver"))
HANDOVERS = (
    NUMBER,
    Column("kind", t("交接", "Handover")),
    STATE,
    PIECES,
    SENDER,
    RECEIVER,
    Column("place", t("地点", "Place")),
    Column("arrives", t("预计到达", "Expected")),
    Column("ended", t("完成", "Closed")),
    Column("receipt", t("交接单送达上级", "Sheet went up")),
)
JOURNEYS = (
    NUMBER,
    SENDER,
    RECEIVER,
    STATE,
    Column("mode", t("方式", "By")),
    Column("leg", t("程", "Leg")),
    Column("depart", t("计划出发", "Planned to leave")),
    Column("arrive", t("计划到达", "Planned to arrive")),
    Column("departed", t("出发", "Left")),
    Column("arrived", t("到达", "Arrived")),
    Column("trouble", t("遇到问题", "Trouble since")),
)
CASES = (
    NUMBER,
    Column("words", t("情况", "What happened")),
    STATE,
    Column("sort", t("种类", "Kind")),
    Column("office", t("单位", "Office")),
    Column("reported", t("时间", "When")),
    PIECES,
    Column("instruction", t("上级指示", "Superior's instruction")),
    Column("cause", t("原因", "Cause")),
    Column("handling", t("处理", "Handling")),
    Column("closed", t("结案", "Closed")),
)
ALARMS = (
    Column("words", t("报警", "Alarm")),
    Column("rule", t("条款", "Clause")),
    Column("since", t("自", "Since")),
    Column("subject", t("对象", "About")),
    Column("office", t("单位", "Office")),
)


@require_GET
@office_page(READ)
def handovers(request: Request) -> HttpResponse:
    exam, chosen = request.exam, HandoverFilter(request.GET).chosen()
    rows = list(formal.listed(exam, viewer=actor(request), **chosen))
    places = place_names(exam, {r.place for r in rows})
    return _sheet(
        HANDOVERS,
        (
            (
                r.pk, formal.kind_of(exam, r.kind).name, HANDOVER_STATES[r.state], r.containers, r.sender_code,
                r.receiver_code, places[r.place], r.arrives_at, r.ended_at, r.receipt_at,
            )
            for r in rows
        ),
        t("交接.xlsx", "handovers.xlsx"),
    )  # fmt: skip


@require_GET
@office_page(READ)
def journeys(request: Request) -> HttpResponse:
    chosen = of_journeys.JourneyFilter(request.GET).chosen()
    found = moving.listed(request.exam, viewer=actor(request), **chosen)
    return _sheet(
        JOURNEYS,
        (
            (
                r.pk, r.sender_code, r.receiver_code, of_journeys.STATES[r.state][1], of_journeys.MODES[Mode(r.mode)],
                of_journeys.LEGS[Leg(r.leg)], r.depart_at, r.arrive_at, r.departed_at, r.arrived_at, r.trouble_since,
            )
            for r in found
        ),
        t("试卷运送.xlsx", "journeys.xlsx"),
    )  # fmt: skip


@require_GET
@office_page(READ)
def cases(request: Request) -> HttpResponse:
    chosen = of_cases.CaseFilter(request.GET).chosen()
    found = reported.cases(request.exam, viewer=actor(request), **chosen)
    return _sheet(
        CASES,
        (
            (
                r.pk, r.words, of_cases.STATES[r.state][1], SORT_NAMES[r.sort], r.office_code, r.reported_at,
                r.n, r.instruction, r.cause, r.handling, r.closed_at,
            )
            for r in found
        ),
        t("破损和事件.xlsx", "cases.xlsx"),
    )  # fmt: skip


@require_GET
@office_page(READ)
def alarms(request: Request) -> HttpResponse:
    """All of them, the longest first; the home of papers shows the first."""
    exam = request.exam
    found = wrong.alarms(exam, actor(request).office_path, now(exam))
    rows = ((a.words, a.rule, a.since, a.subject, a.office_path) for a in found)
    return _sheet(ALARMS, rows, t("报警.xlsx", "alarms.xlsx"))


def _sheet(columns: Sequence[Column], rows: Iterable[Sequence[object]], name: Words) -> HttpResponse:
    return answer(write_table(columns, rows), XLSX, str(name))
