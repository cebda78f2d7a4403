"""Bank statements: real-life layouts read exactly, each line booked once, money finds its candidate or waits for a person."""

import io
from datetime import date
from decimal import Decimal

import pytest
import xlsxwriter
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.notices.models import Message
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.fees import queries, rules, services
from keju.stages.fees.models import Entry, Refund, StatementLine
from keju.stages.fees.rules import Payment
from keju.stages.fees.services import Part
from keju.stages.fees.tests.world import (
    AFTER,
    CLERK,
    DURING,
    FINANCE,
    FINANCE_11,
    SYSTEM,
    World,
    cash,
    csv_statement,
    make_world,
)
from keju.stages.registration.models import Registration

Rows = list[tuple[str, Decimal, str, str]]
ONE_COLUMN = """记账日,凭证号,发生额,余额,对方户名,对方账号,用途
20110706,V3,-12.50,"1,307.50",本行,,手续费
20110705,V2,"+1,160.00","1,320.00",某某公司,6222021234567890123,货款
20110704,V1,160.00,160.00,张三,,KJ
记录数:3,,,,,,
"""


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def imported(world: World, data: bytes, name: str = "a.csv") -> services.Imported:
    with acting(FINANCE):
        return services.import_statement(
            exam=world.exam, region_code="13", data=data, filename=name, by=FINANCE, at=DURING
        )


def codes(refused: pytest.ExceptionInfo[RuleRefused]) -> list[str]:
    return [r.code for r in refused.value.refusals]


def books(world: World) -> dict[str, Decimal]:
    with acting(SYSTEM):
        assert [c.code for c in queries.checks(world.exam) if not c.holds] == []
        return {b.account: b.amount for b in queries.trial_balance(world.exam) if b.amount}


def code(pk: int) -> str:
    return rules.reference(pk)


def workbook(rows: list[list[object]]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet()
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for n, row in enumerate(rows):
            for m, cell in enumerate(row):
                if isinstance(cell, date):
                    page.write_datetime(n, m, cell, day)
                else:
                    page.write(n, m, cell)
    return buffer.getvalue()


def test_two_columns_in_gb18030_with_header_and_totals() -> None:
    data = csv_statement(
        [("S1", Decimal("1234.50"), "王㐂", "报名费"), ("S2", Decimal(-5), "本行", "手续费")],
        balance=Decimal(100),
    )
    layout, lines = services.parse(data, "明细.csv")
    assert layout.code == "two_columns"
    assert [(x.row, x.serial, x.amount, x.balance, x.payer, x.remark) for x in lines] == [
        (3, "S1", Decimal("1234.50"), Decimal("1334.50"), "王㐂", "报名费"),
        (4, "S2", Decimal("-5.00"), Decimal("1329.50"), "本行", "手续费"),
    ]
    assert lines[0].booked_on == date(2011, 7, 5)


def test_one_signed_column_with_a_mark_newest_first() -> None:
    layout, lines = services.parse(b"\xef\xbb\xbf" + ONE_COLUMN.encode(), "a.csv")
    assert layout.code == "one_column"
    assert [(x.serial, x.amount) for x in lines] == [
        ("V1", Decimal(160)),
        ("V2", Decimal(1160)),
        ("V3", Decimal("-12.50")),
    ]
    assert lines[1].account == "6222021234567890123"


def test_a_workbook_with_a_side_column_and_real_days_and_numbers() -> None:
    data = workbook(
        [
            ["某银行交易明细"],
            ["交易日期", "交易流水号", "借贷标志", "交易金额", "余额", "对方户名", "摘要", "附言"],
            [date(2011, 7, 4), "W1", "贷", 160.0, 160.0, "李四", "汇款", "报名"],
            [date(2011, 7, 5), "W2", "借", 10.1, 149.9, "本行", "费用", ""],
            ["合计", "", "", 170.1],
        ]
    )
    layout, lines = services.parse(data, "a.xlsx")
    assert layout.code == "side_column"
    assert [(x.amount, x.remark) for x in lines] == [
        (Decimal("160.00"), "汇款 报名"),
        (Decimal("-10.10"), "费用"),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("20110704,V1,1.234,,,,", "fees_statement_amount"),
        ("20110704,V1,一百,,,,", "fees_statement_amount"),
        ("20110704,V1,0,,,,", "fees_statement_amount"),
        ("7月4日,V1,160,,,,", "fees_statement_day"),
        ("20110704,V1,160,160,,,\n20110705,V2,160,500,,,", "fees_statement_balance"),
        ("", "fees_statement_empty"),
    ],
)
def test_a_flawed_row_refuses_the_whole_file_and_is_named(text: str, code: str) -> None:
    data = f"记账日,凭证号,发生额,余额,对方户名,对方账号,用途\n{text}\n".encode()
    with pytest.raises(RuleRefused) as refused:
        services.parse(data, "a.csv")
    assert codes(refused) == [code]


def test_no_statement_at_all_is_said_so() -> None:
    with pytest.raises(RuleRefused) as refused:
        services.parse("姓名,电话\n张三,1\n".encode(), "a.csv")
    assert codes(refused) == ["fees_statement_layout"]
    with pytest.raises(ValidationError):
        services.parse(b"PK\x03\x04 nothing", "a.xlsx")


@pytest.mark.rule("V8.1")
def test_each_line_is_booked_once_for_ever_and_the_bank_equals_the_statement(world: World) -> None:
    one, two, _ = world.ids["1301"]
    rows: Rows = [
        ("S1", Decimal(160), "张三", f"报名费{code(one).lower()}谢谢"),
        ("S2", Decimal(500), "某公司", "货款"),
        ("S3", Decimal("-3.50"), "本行", "手续费"),
    ]
    found = imported(world, csv_statement(rows, balance=Decimal(1000)))
    assert (found.added, found.matched, found.known) == (3, 1, 0)
    again = imported(world, csv_statement(rows, balance=Decimal(1000)), "b.csv")
    assert (again.added, again.known, again.statement) == (0, 3, None)
    more = [*rows, ("S4", Decimal(160), "李四", code(two))]
    assert imported(world, csv_statement(more, balance=Decimal(1000))).added == 1
    assert books(world) == {"bank": Decimal("816.50"), "suspense": Decimal("-496.50"), "advance": -320}
    with acting(FINANCE):
        assert queries.closing_balance(world.exam, "13") == Decimal("1816.50")
        events = Event.objects.filter(kind="fees.statement.imported").values_list("data", flat=True)
        assert sorted((e["added"], e["known"], e["matched"]) for e in events) == [
            (0, 3, 0),
            (1, 3, 1),
            (3, 0, 1),
        ]
    with acting(SYSTEM):
        assert Message.objects.filter(kind="fees.arrived").count() == 2


@pytest.mark.rule("V8.1")
def test_a_missing_statement_in_between_is_found(world: World) -> None:
    imported(world, csv_statement([("S1", Decimal(10), "a", "")], balance=Decimal(0)))
    with pytest.raises(RuleRefused) as refused:
        imported(world, csv_statement([("S9", Decimal(10), "a", "")], balance=Decimal(500)))
    assert codes(refused) == ["fees_statement_gap"]
    assert books(world)["bank"] == 10


@pytest.mark.rule("V8.1", "V5.3.2a", "V5.1.2")
def test_the_counter_sees_that_it_arrived_and_only_gives_the_receipt(world: World) -> None:
    one, two, three = world.ids["1301"]
    imported(
        world,
        csv_statement([("S1", Decimal(160), "张三", code(one)), ("S2", Decimal(100), "李四", code(two))]),
    )
    with acting(CLERK):
        with pytest.raises(RuleRefused) as refused:
            services.take_payments(exam=world.exam, payments=[cash(one)], by=CLERK, at=DURING)
        assert codes(refused) == ["fees_arrived_already"]
        with pytest.raises(RuleRefused) as refused:
            services.take_payments(
                exam=world.exam, payments=[Payment(two, "prepaid", Decimal(160))], by=CLERK, at=DURING
            )
        assert codes(refused) == ["fees_not_arrived"]
        briefs = queries_briefs(world, one, two, three)
        ready = services.prepayments(world.exam, briefs, DURING)
        assert [p.registration_id for p in ready] == [one]
        (taken,) = services.take_payments(exam=world.exam, payments=ready, by=CLERK, at=DURING)
        assert taken.receipt == "HB000001"
        services.take_payments(exam=world.exam, payments=[cash(two, 60)], by=CLERK, at=DURING)
        assert queries.taken_at(world.exam, "/13/1301/") == {"cash": (1, 60), "prepaid": (1, 260)}
    assert books(world) == {"bank": 260, "cash": 60, "national_payable": -160, "provincial": -160}


def queries_briefs(world: World, *ids: int) -> dict:
    from keju.stages.registration import queries as registration

    return registration.briefs(viewer=CLERK, exam=world.exam, ids=ids)


@pytest.mark.rule("V8.1", "V8.3")
def test_too_much_twice_and_too_late_is_owed_back(world: World) -> None:
    one, two, three = world.ids["1301"]
    with acting(SYSTEM):
        Registration.objects.filter(pk=three).update(state="withdrawn")
    with acting(CLERK):
        services.take_payments(exam=world.exam, payments=[cash(two)], by=CLERK, at=DURING)
    imported(
        world,
        csv_statement(
            [
                ("S1", Decimal(200), "张三", code(one)),  # too much
                ("S2", Decimal(160), "李四", code(two)),  # paid at the counter already
                ("S3", Decimal(160), "王五", code(three)),  # withdrawn
                ("S4", Decimal(160), "张三", code(one)),  # a second time
            ]
        ),
    )
    with acting(SYSTEM):
        owed: dict[int, Decimal] = {}
        for row in Refund.objects.all():
            owed[row.registration_id] = owed.get(row.registration_id, Decimal(0)) + row.amount
        assert owed == {one: 200, two: 160, three: 160}
        assert set(Refund.objects.values_list("cause", flat=True)) == {"surplus"}
        assert Message.objects.filter(kind="fees.surplus").count() == 3
    found = books(world)
    assert (found["advance"], found["refund_payable"]) == (-160, -520)


@pytest.mark.rule("V8.1", "V8.3")
def test_money_of_a_registration_that_lapses_later_is_found_and_owed_back(world: World) -> None:
    one, two, _ = world.ids["1301"]
    imported(
        world,
        csv_statement([("S1", Decimal(160), "a", code(one)), ("S2", Decimal(160), "b", code(two))]),
    )
    with acting(SYSTEM):
        Registration.objects.filter(pk=one).update(state="withdrawn")
        Registration.objects.filter(pk=two).update(office_path="/11/1101/", point_code="1101")
        assert services.regions_with_lapsed(world.exam) == ["13"]
        facts = {"exam": world.exam, "region_codes": ["13"], "by": SYSTEM, "at": AFTER}
        assert services.release_lapsed(**facts) == 2
        assert services.release_lapsed(**facts) == 0
        assert services.regions_with_lapsed(world.exam) == []
        assert set(Refund.objects.values_list("cause", "amount")) == {("lapsed", Decimal(160))}
    assert "advance" not in books(world)


@pytest.mark.rule("V8.1")
def test_an_employer_pays_for_several_by_one_transfer(world: World) -> None:
    one, two, three = world.ids["1301"]
    listed = f"{code(one)} {code(two)}"
    rows: Rows = [("S1", Decimal(320), "畜牧局", listed), ("S2", Decimal(300), "兽医站", listed)]
    assert imported(world, csv_statement(rows)).matched == 1
    assert books(world)["suspense"] == -300  # the sum does not fit: a person looks at it
    with acting(FINANCE):
        line = StatementLine.objects.exclude(open=0).get()
        parts = services.fee_parts(exam=world.exam, amounts=[(code(three), None)], viewer=FINANCE, at=DURING)
        assert parts == [Part("fee", Decimal(160), three)]
        facts = {"exam": world.exam, "line_id": line.pk, "by": FINANCE, "at": DURING}
        with pytest.raises(RuleRefused) as refused:
            services.match_line(parts=parts, reason="函", **facts)
        assert codes(refused) == ["fees_line_sum"]
        with pytest.raises(RuleRefused) as refused:
            services.match_line(parts=[*parts, Part("stray", Decimal(140))], reason=" ", **facts)
        assert codes(refused) == ["fees_line_reason"]
        services.match_line(parts=[*parts, Part("stray", Decimal(140))], reason="单位来函", **facts)
        with pytest.raises(RuleRefused) as refused:
            services.match_line(parts=parts, reason="再来", **facts)
        assert "fees_line_done" in codes(refused)
        with pytest.raises(RuleRefused) as refused:
            services.fee_parts(exam=world.exam, amounts=[("KJ0000000", None)], viewer=FINANCE, at=DURING)
        assert codes(refused) == ["fees_line_reference"]
        event = Event.objects.get(kind="fees.line.matched")
        assert event.data["reason"] == "单位来函"
    found = books(world)
    assert (found["advance"], found["refund_payable"]) == (-480, -140)
    assert "suspense" not in found


@pytest.mark.rule("V8.1", "V8.2a")
def test_what_we_did_ourselves_is_recognised_when_the_bank_shows_it(world: World) -> None:
    one, two, _ = world.ids["1301"]
    with acting(CLERK):
        payments = [Payment(one, "transfer", Decimal(160), "HK001"), cash(two)]
        services.take_payments(exam=world.exam, payments=payments, by=CLERK, at=DURING)
    with acting(SYSTEM):
        from keju.stages.registration.services import mark_confirmed

        mark_confirmed(exam=world.exam, registration_ids=[one, two], by=SYSTEM, at=DURING)
        services.bank_cash(exam=world.exam, point_code="1301", by=SYSTEM, at=DURING)
    with acting(FINANCE):
        services.remit(
            exam=world.exam, region_code="13", amount=Decimal(80), reference="R7", by=FINANCE, at=AFTER
        )
    rows: Rows = [
        ("HK001", Decimal(160), "张三", "转账"),
        ("S2", Decimal(160), "1301", "缴存现金"),
        ("S3", Decimal(-80), "中心", "上缴 R7"),
    ]
    assert imported(world, csv_statement(rows)).matched == 2
    with acting(FINANCE):
        line = StatementLine.objects.exclude(open=0).get()
        services.match_line(
            exam=world.exam,
            line_id=line.pk,
            parts=[Part("deposit", Decimal(160))],
            reason="1301缴款单",
            by=FINANCE,
            at=AFTER,
        )
    found = books(world)
    assert (found["bank"], found["in_transit"]) == (240, 80)
    assert "outstanding" not in found


@pytest.mark.rule("V1.5")
def test_another_regions_lines_do_not_exist_and_a_clerk_cannot_book(world: World) -> None:
    imported(world, csv_statement([("S1", Decimal(9), "a", "x")]))
    with acting(FINANCE_11):
        assert StatementLine.objects.count() == 0
        with pytest.raises(NotPermitted):
            services.import_statement(
                exam=world.exam, region_code="13", data=b"", filename="a.csv", by=FINANCE_11, at=DURING
            )
    with acting(CLERK), pytest.raises(NotPermitted):
        services.import_statement(
            exam=world.exam, region_code="13", data=b"", filename="a.csv", by=CLERK, at=DURING
        )


@pytest.mark.rule("V8.1")
def test_only_the_open_rest_of_a_line_ever_changes(world: World) -> None:
    imported(world, csv_statement([("S1", Decimal(9), "a", "x")]))
    for statement in (
        "UPDATE fees_statement_line SET amount = 10",
        "DELETE FROM fees_statement_line",
        "UPDATE fees_match SET amount = 1",
        "DELETE FROM fees_advance",
    ):
        with acting(SYSTEM), pytest.raises(Exception, match="permission denied"), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(statement)
    with acting(SYSTEM), pytest.raises(Exception, match="fees_line_open"), transaction.atomic():
        StatementLine.objects.update(open=10)
    with acting(SYSTEM), pytest.raises(Exception, match="fees_entry_once_per_source"), transaction.atomic():
        row = Entry.objects.filter(kind="booked").get()
        Entry.objects.create(
            exam=world.exam, office_path="/13/", kind="booked", source=row.source, at=AFTER, by="x"
        )


@pytest.mark.rule("V8.1")
def test_two_lines_cannot_be_the_same_thing(world: World) -> None:
    one = world.ids["1301"][0]
    with acting(CLERK):
        slip = Payment(one, "transfer", Decimal(160), "HK001")
        services.take_payments(exam=world.exam, payments=[slip], by=CLERK, at=DURING)
    imported(world, csv_statement([("S1", Decimal(160), "a", "x"), ("S2", Decimal(160), "a", "y")]))
    with acting(FINANCE):
        pk = queries.payment_of(world.exam, one).pk
        first, second = StatementLine.objects.order_by("pk")
        facts = {"exam": world.exam, "reason": "凭证", "by": FINANCE, "at": DURING}
        parts = [Part("slip", Decimal(160), None, f"payment:{pk}")]
        services.match_line(line_id=first.pk, parts=parts, **facts)
        with pytest.raises(Stale):
            services.match_line(line_id=second.pk, parts=parts, **facts)
    assert books(world)["suspense"] == -160
