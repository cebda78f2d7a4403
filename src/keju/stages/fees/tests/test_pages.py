"""The money pages as finance officers meet them."""

import json
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import acting
from keju.kernel.sheets import Column, read_table
from keju.rulebook.words import t
from keju.stages.announcement.models import Notice
from keju.stages.fees import queries, services
from keju.stages.fees.models import (
    Entry,
    FiscalReceipt,
    Match,
    Refund,
    RefundBatch,
    Remittance,
    StatementLine,
)
from keju.stages.fees.rules import reference
from keju.stages.fees.tests.world import (
    AFTER,
    DURING,
    SYSTEM,
    World,
    cash,
    csv_statement,
    make_world,
    set_clock,
)
from keju.stages.registration.services import mark_confirmed

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    """Hebei's first point has confirmed everybody; it is the day after."""
    world = make_world()
    with acting(SYSTEM):
        ids = world.ids["1301"]
        services.take_payments(exam=world.exam, payments=[cash(pk) for pk in ids], by=SYSTEM, at=DURING)
        mark_confirmed(exam=world.exam, registration_ids=ids, by=SYSTEM, at=DURING)
    set_clock(world.exam, AFTER)
    return world


def at(name: str, **more: object) -> str:
    return reverse(name, kwargs={"exam": "vet-2011", **more})


def text(response: HttpResponse, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()[:3000]
    return response.content.decode()


def posted(client: Client, name: str, data: dict[str, Any], **more: object) -> HttpResponse:
    return client.post(at(name, **more), data)


PAGES = (
    "fees-home",
    "fees-receipts",
    "fees-refunds",
    "fees-payments",
    "fees-lines",
    "fees-orders",
    "fees-books",
    "fees-figures",
    "fees-badge",
)


@pytest.mark.parametrize(
    ("code", "role"),
    [
        ("13", "region_finance"),
        ("centre", "centre_finance"),
        ("13", "region_officer"),
        ("1301", "point_manager"),
    ],
)
def test_every_page_opens_in_both_languages(world: World, client: Client, code: str, role: str) -> None:
    signed_in(client, code, role)
    for name, language in product(PAGES, ("zh", "en")):
        text(client.get(at(name) + f"?lang={language}"))


def test_the_trial_balance_shows_zero(world: World, client: Client) -> None:
    signed_in(client, "13", "region_finance")
    page = text(client.get(at("fees-home")))
    assert "¥0.00" in page
    assert "平衡" in page
    assert page.count("¥480.00") >= 3  # cash, and both totals


@pytest.mark.rule("V8.1")
def test_anybody_reads_what_an_exam_costs(world: World, client: Client) -> None:
    for language, region in (("zh", "河北"), ("en", "Hebei")):
        page = text(client.get(at("fees-tariffs") + f"?lang={language}"))
        assert region in page
        assert "¥160.00" in page
        assert "22" in page
        assert "发改价格〔2011〕1号" in page


@pytest.mark.rule("V8.1")
def test_the_tariff_is_published_in_the_announcement(world: World, client: Client) -> None:
    """On the exam's page, in each announcement, and each region's own on its page; by the document that approves it."""
    with acting(SYSTEM):
        said = {"title_zh": "考试公告", "body_zh": "十月考试。", "drafted_by": "a", "decided_by": "b"}
        notice = Notice.objects.create(
            exam=world.exam,
            state="published",
            drafted_at=DURING,
            decided_at=DURING,
            published_at=DURING,
            **said,
        )
    for page in (at("announcement-public"), at("announcement-notice", notice_id=notice.pk)):
        shown = text(client.get(page))
        assert "¥160.00" in shown and "¥130.00" in shown and "发改价格〔2011〕1号" in shown
    shown = text(client.get(at("announcement-region", region="11")))
    assert "¥130.00" in shown and "¥160.00" not in shown
    assert text(client.get(at("fees-tariff-of", region="13"))).count("<tr>") == 2
    assert client.get(at("fees-tariff-of", region="99")).status_code == 404


@pytest.mark.rule("V8.1")
def test_the_tariff_form_refuses_a_change_after_payments_and_keeps_what_was_typed(
    world: World, client: Client
) -> None:
    signed_in(client, "13", "region_finance")
    page = text(
        posted(client, "fees-tariff", {"provincial_fee": "81", "approval": "新文件", "version": "1"}), 409
    )
    assert "已有3名考生" in page
    assert "新文件" in page
    signed_in(client, "11", "region_finance")
    assert (
        posted(
            client, "fees-tariff", {"provincial_fee": "55.50", "approval": "京", "version": "1"}
        ).status_code
        == 302
    )
    assert (
        posted(client, "fees-tariff", {"provincial_fee": "60", "approval": "京", "version": "1"}).status_code
        == 409
    )
    assert queries.fee(world.exam, "11", "general").provincial == Decimal("55.50")


@pytest.mark.rule("V5.1.2")
def test_receipts_are_registered_once(world: World, client: Client) -> None:
    signed_in(client, "13", "region_finance")
    sent = {"prefix": "冀", "first": "1", "last": "500"}
    assert posted(client, "fees-receipts", sent).status_code == 302
    assert "重叠" in text(posted(client, "fees-receipts", sent), 409)
    signed_in(client, "1301", "point_manager")
    assert posted(client, "fees-receipts", sent).status_code == 403


@pytest.mark.rule("V8.2a", "V8.2b")
def test_money_goes_to_the_centre_and_a_receipt_comes_back(world: World, client: Client) -> None:
    centre = Client()
    signed_in(client, "13", "region_finance")
    signed_in(centre, "centre", "centre_finance")
    sent = {"amount": "240", "reference": "建行 1"}
    assert posted(client, "fees-remit", sent).status_code == 302
    assert posted(client, "fees-remit", sent).status_code == 409  # the second click
    with acting(SYSTEM):
        pk = Remittance.objects.get().pk
    assert posted(client, "fees-receive", {}, remittance_id=pk).status_code == 403
    assert posted(centre, "fees-receive", {}, remittance_id=pk).status_code == 302
    assert posted(centre, "fees-receive", {}, remittance_id=pk).status_code == 409
    assert at("fees-fiscal", region="13") in text(centre.get(at("fees-home")))
    text(centre.get(at("fees-fiscal", region="13")))
    given = {"region": "13", "number": "中财 77"}
    assert posted(centre, "fees-fiscal", given, region="13").status_code == 302
    assert posted(centre, "fees-fiscal", given, region="13").status_code == 409
    with acting(SYSTEM):
        receipt = FiscalReceipt.objects.get()
    pdf = posted(client, "fees-fiscal-print", {}, receipt_id=receipt.pk)
    assert pdf.content.startswith(b"%PDF")
    other = Client()
    signed_in(other, "11", "region_finance")
    assert posted(other, "fees-fiscal-print", {}, receipt_id=receipt.pk).status_code == 404
    assert "建行 1" not in text(other.get(at("fees-home")))


@pytest.mark.rule("V8.3")
def test_two_people_send_a_batch_of_refunds_and_what_comes_back_is_owed_again(
    world: World, client: Client
) -> None:
    ids = world.ids["1301"]
    with acting(SYSTEM):
        services.mark_refundable(exam=world.exam, region_code="13", registration_ids=ids, by=SYSTEM, at=AFTER)
    signed_in(client, "13", "region_finance")
    page = text(client.get(at("fees-refunds") + "?state=owed"))
    assert page.count('name="id"') == 3
    assert "还没有退款账户" in text(client.post(at("fees-refunds"), {"way": "bank"}), 409)
    assert client.post(at("fees-refunds"), {"way": "hand"}).status_code == 302
    with acting(SYSTEM):
        batch = RefundBatch.objects.get()
    one = {"act": "release", "digest": batch.digest}
    assert "另一位财务人员" in text(posted(client, "fees-batch", one, refund_batch_id=batch.pk), 409)
    other = colleague()
    assert posted(other, "fees-batch", {**one, "digest": "x"}, refund_batch_id=batch.pk).status_code == 409
    assert posted(other, "fees-batch", one, refund_batch_id=batch.pk).status_code == 302
    assert posted(other, "fees-batch", one, refund_batch_id=batch.pk).status_code == 409  # the second click
    with acting(SYSTEM):
        assert Entry.objects.filter(kind="refund").count() == 3
        item = batch.items.first()
    bounce = {"item": item.pk, "reason": "账号不符"}
    assert posted(client, "fees-batch-bounce", bounce, refund_batch_id=batch.pk).status_code == 302
    assert "账号不符" in text(client.get(at("fees-batch", refund_batch_id=batch.pk)))
    with acting(SYSTEM):
        assert Refund.objects.filter(paid_at=None).count() == 1
    signed_in(client, "1301", "point_manager")
    assert client.post(at("fees-refunds"), {"way": "hand"}).status_code == 403


@pytest.mark.rule("V8.1")
def test_a_colleague_undoes_what_was_explained_wrongly(world: World, client: Client) -> None:
    wrong = world.ids["1302"][0]
    signed_in(client, "13", "region_finance")
    data = SimpleUploadedFile("b.csv", csv_statement([("S1", Decimal(160), "张三", "报名费")]))
    assert client.post(at("fees-statement"), {"file": data}).status_code == 302
    with acting(SYSTEM):
        line = StatementLine.objects.get()
    here = {"line_id": line.pk}
    said = {"what": "fee", "people": reference(wrong), "reason": "电话核实"}
    assert posted(client, "fees-line", said, **here).status_code == 302
    with acting(SYSTEM):
        (match,) = Match.objects.all()
    page = text(client.get(at("fees-line", **here)))
    assert "请另一位财务人员打开这一页撤销" in page and 'name="match"' not in page
    facts = {"match": match.pk, "reason": "认错了人"}
    assert "请另一位财务人员核对后撤销" in text(posted(client, "fees-line-undo", facts, **here), 409)
    other = colleague()
    assert "张三" in text(other.get(at("fees-line", **here)))
    assert "请先选中要撤销的项" in text(posted(other, "fees-line-undo", {"reason": "认错了人"}, **here), 422)
    assert "请写明撤销的理由" in text(posted(other, "fees-line-undo", {**facts, "reason": " "}, **here), 422)
    assert posted(other, "fees-line-undo", facts, **here).status_code == 302
    page = text(other.get(at("fees-line", **here)))
    assert "认错了人" in page and 'name="people"' in page
    api = f"/api/v1/fees/vet-2011/lines/{line.pk}"
    assert posted(client, "fees-line", {"what": "stray", "reason": "汇错"}, **here).status_code == 302
    parts = other.get(f"{api}/parts").json()
    assert [(p["what"], p["undone_at"] is None) for p in parts] == [("fee", False), ("stray", True)]
    body = {"parts": [parts[1]["id"]], "reason": "是缴费"}
    assert sent(client, "post", f"{api}/undo", body).status_code == 409
    assert sent(other, "post", f"{api}/undo", body).json() == {"done": 1}
    assert "已取消" in text(other.get(at("fees-refunds")))
    signed_in(client, "1301", "point_manager")
    assert posted(client, "fees-line-undo", facts, **here).status_code == 403


def colleague() -> Client:
    """Another person of Hebei's finance: signed in at Beijing's, then posted to Hebei instead."""
    client = Client()
    person = signed_in(client, "11", "region_finance")
    with acting(SYSTEM):
        person.postings.update(office_code="13", office_path="/13/")
    return client


def test_lists_leave_as_spreadsheets(world: World, client: Client) -> None:
    signed_in(client, "13", "region_finance")
    book = client.get(at("fees-payments-sheet")).content
    columns = (Column("receipt", t("票据号", "Receipt"), required=True),)
    table = read_table(book, filename="payments.xlsx", columns=columns)
    assert [r.values["receipt"] for r in table.rows] == ["HB000001", "HB000002", "HB000003"]
    assert client.get(at("fees-refunds-sheet")).status_code == 200
    lines = [("S1", Decimal(160), "张三", "报名费"), ("S2", Decimal("-12.50"), "本行", "手续费")]
    client.post(at("fees-statement"), {"file": SimpleUploadedFile("b.csv", csv_statement(lines))})
    for asked, found in (("张", "S1"), ("12.5", "S2"), ("S2", "S2"), ("手续", "S2"), ("-12.50", "S2")):
        book = client.get(at("fees-lines-sheet"), {"q": asked, "state": "open"}).content
        columns = (Column("serial", t("流水号", "Serial"), required=True),)
        table = read_table(book, filename="lines.xlsx", columns=columns)
        assert [r.values["serial"] for r in table.rows] == [found]
    page = text(client.get(at("fees-lines") + "?q=12.5"))
    assert "-¥12.50" in page and "张三" not in page
    assert "没有这样的款项" in text(client.get(at("fees-lines") + "?q=NaN"))
    assert "HB000002" in text(client.get(at("fees-payments") + "?q=HB000002"))
    text(client.get(at("fees-payments") + "?after=x&q=%00"))


@pytest.mark.rule("V1.5")
def test_the_api_has_the_same_doors(world: World, client: Client) -> None:
    api = "/api/v1/fees/vet-2011"
    assert client.get(f"{api}/tariffs").json()[1]["provincial_fee"] == "80.00"
    assert client.get(f"{api}/balance").status_code in (401, 403)
    signed_in(client, "11", "region_finance")
    assert client.get(f"{api}/standings/13").status_code == 404
    assert client.get(f"{api}/standings/11").json()["default"] is False
    assert client.get(f"{api}/payments").json() == []
    body = {"provincial_fee": "1", "approval": "x"}
    assert sent(client, "put", f"{api}/tariffs/13", body).status_code == 404
    assert sent(client, "post", f"{api}/refund-batches", {"refund_ids": [1]}).status_code == 409
    hebei = Client()
    signed_in(hebei, "13", "region_finance")
    assert sum(Decimal(b["amount"]) for b in hebei.get(f"{api}/balance").json()) == 0
    assert len(hebei.get(f"{api}/payments").json()) == 3
    made = sent(hebei, "post", f"{api}/remittances", {"amount": "240.00", "reference": "R"})
    assert made.status_code == 201
    assert sent(client, "post", f"{api}/remittances/{made.json()['id']}/receive", {}).status_code == 403
    refused = sent(hebei, "post", f"{api}/receipts", {"prefix": "HB", "first": 5, "last": 6})
    assert refused.status_code == 409
    assert refused.json()["reasons"][0]["rule"] == "V5.1.2"


def sent(client: Client, method: str, path: str, body: dict[str, Any]) -> HttpResponse:
    return getattr(client, method)(path, json.dumps(body), content_type="application/json")
