"""The reconciliation closes to zero; a fen too much is named by its entry."""

import psycopg
import pytest
from django.test import Client
from django.urls import reverse

from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import acting
from keju.stages.fees import queries, services
from keju.stages.fees.models import Posting
from keju.stages.fees.tests.world import (
    AFTER,
    DURING,
    FINANCE,
    SYSTEM,
    World,
    cash,
    csv_statement,
    make_world,
    set_clock,
)

Owner = psycopg.Connection[tuple[object, ...]]


def filled() -> World:
    world = make_world()
    with acting(SYSTEM):
        ids = world.ids["1301"] + world.ids["1101"]
        payments = [cash(pk) for pk in world.ids["1301"]] + [cash(pk, 130) for pk in world.ids["1101"]]
        services.take_payments(exam=world.exam, payments=payments, by=SYSTEM, at=DURING)
        services.mark_refundable(
            exam=world.exam, region_code="13", registration_ids=ids[:1], by=SYSTEM, at=AFTER
        )
        services.import_statement(
            exam=world.exam,
            region_code="13",
            data=csv_statement([("S1", 77, "某人", "不明")]),  # type: ignore[list-item]
            filename="a.csv",
            by=FINANCE,
            at=AFTER,
        )
    set_clock(world.exam, AFTER)
    return world


@pytest.mark.rule("V8.1", "V8.2a", "V8.3")
@pytest.mark.django_db(transaction=True)
def test_a_fen_too_much_names_its_entry(owner_connection: Owner, client: Client) -> None:
    """Somebody with the database's own rights changes two postings so that the ledger still sums to zero."""
    world = filled()
    with acting(SYSTEM):
        assert all(c.holds for c in queries.checks(world.exam))
        assert queries.reconciliation(world.exam)["rest"] == 0
        assert queries.reconciliation(world.exam, "/13/")["suspense"] == 77
        entry = Posting.objects.filter(entry__kind="booked").first().entry_id
    owner_connection.execute("ALTER TABLE fees_posting DISABLE TRIGGER USER")
    owner_connection.execute("SELECT set_config('keju.path', '/', false)")
    for account, change in (("bank", "0.01"), ("suspense", "-0.01")):
        owner_connection.execute(
            "UPDATE fees_posting SET amount = amount + %s::numeric WHERE entry_id = %s AND account = %s",
            [change, entry, account],
        )
    with acting(SYSTEM):
        found = {c.code: c for c in queries.checks(world.exam) if not c.holds}
        assert set(found) == {"booked", "suspense"}
        assert [(f.entry, f.booked - f.should) for f in found["booked"].faults] == [
            (entry, found["booked"].difference)
        ]
        assert str(found["booked"].difference) == "0.01"
        assert [c.code for c in queries.checks(world.exam, "/11/") if not c.holds] == []
    signed_in(client, "13", "region_finance")
    page = client.get(reverse("fees-books", kwargs={"exam": "vet-2011"})).content.decode()
    assert f"分录{entry}" in page
    assert "没有对平" in page


@pytest.mark.rule("V8.1", "V8.3")
@pytest.mark.django_db
def test_the_report_as_pdf_and_workbook_for_a_region_and_the_nation(client: Client) -> None:
    filled()
    signed_in(client, "centre", "centre_finance")
    exam = {"exam": "vet-2011"}
    page = client.get(reverse("fees-books", kwargs=exam)).content.decode()
    assert "河北" in page
    assert "全部对平" in page
    assert client.get(reverse("fees-books", kwargs=exam) + "?region=13").status_code == 200
    assert client.get(reverse("fees-books", kwargs=exam) + "?region=99").status_code == 404
    for region in ("", "?region=13"):
        pdf = client.post(reverse("fees-books-print", kwargs=exam) + region)
        assert pdf.content.startswith(b"%PDF")
    assert client.get(reverse("fees-books-sheet", kwargs=exam)).content.startswith(b"PK")
    other = Client()
    signed_in(other, "11", "region_finance")
    assert other.get(reverse("fees-books", kwargs=exam) + "?region=13").status_code == 404
