"""Every print stands in the ledger, and nothing in it changes."""

from datetime import datetime
from threading import Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from keju.kernel.calendar import CHINA
from keju.kernel.documents import queries, services
from keju.kernel.documents.models import Print
from keju.kernel.documents.services import Sheet
from keju.kernel.documents.tests import sample
from keju.kernel.offices import Actor, acting

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 1, 9, tzinfo=CHINA)
BEIJING = Actor(
    ref="person:1", name="甲", role="region_officer", office_code="11", office_path="/11/", person_id=1
)
HEBEI = Actor(
    ref="person:2", name="乙", role="region_officer", office_code="13", office_path="/13/", person_id=2
)
CANDIDATE = Actor(ref="candidate:7", name="丙", role="candidate", candidate_id=7)


def print_one(n=1, by=BEIJING, **facts):
    facts = {"office_path": "/11/1101/", "candidate_id": 7, "subject": f"ticket:{n}"} | facts
    with acting(by):
        return services.print_document(
            kind="ticket", template=sample.TEMPLATE, data=sample.data(n), files=sample.files(n), exam=None,
            plan_version="plan:abc", by=by, at=AT, **facts,
        )  # fmt: skip


def entries(viewer, n=1):
    with acting(viewer):
        return queries.prints(viewer=viewer, exam_slug="", kind="ticket", subject=f"ticket:{n}")


def test_copies_are_counted_whoever_prints_and_content_has_its_own_count():
    first, second = print_one(), print_one()
    own = print_one(by=CANDIDATE)
    assert [p.record.copy for p in (first, second, own)] == [1, 2, 3]
    assert first.pdf == second.pdf and first.record.pages == 1 and first.record.plan_version == "plan:abc"
    assert print_one(language="en").record.copy == 1
    assert len(entries(CANDIDATE)) == 4 and entries(HEBEI) == []


def test_the_ledger_only_grows():
    print_one()
    for statement in (
        "UPDATE documents_print SET copy = 9",
        "DELETE FROM documents_print",
        "TRUNCATE documents_print",
    ):
        with (
            acting(BEIJING),
            pytest.raises(DatabaseError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_void_holds_for_the_prints_before_it_only():
    print_one()
    with acting(BEIJING):
        services.void(kind="ticket", subject="ticket:1", reason="座位有误", exam=None, by=BEIJING, at=AT)
    print_one()
    assert [(e.row.copy, e.void_reason) for e in entries(BEIJING)] == [(2, ""), (1, "座位有误")]
    with acting(BEIJING):
        for subject, reason in (("ticket:1", " "), ("ticket:none", "x")):
            with pytest.raises(ValidationError):
                services.void(kind="ticket", subject=subject, reason=reason, exam=None, by=BEIJING, at=AT)
    with acting(HEBEI), pytest.raises(ValidationError):
        services.void(kind="ticket", subject="ticket:1", reason="x", exam=None, by=HEBEI, at=AT)


def test_a_batch_is_one_event_and_few_statements(django_assert_max_num_queries):
    sheets = [
        Sheet(f"ticket:{n % 20}", sample.data(n % 20), "/11/1101/", files=sample.files(n % 20))
        for n in range(40)
    ]
    with acting(BEIJING), django_assert_max_num_queries(14):
        printed = services.print_batch(
            kind="ticket", template=sample.TEMPLATE, sheets=sheets, exam=None, by=BEIJING, at=AT
        )
    assert [p.record.copy for p in printed] == [1] * 20 + [2] * 20
    with acting(Actor.system("test")), connection.cursor() as cursor:
        cursor.execute("SELECT data->>'documents' FROM audit_event WHERE kind = 'documents.print.made'")
        assert cursor.fetchall() == [("40",)]


def test_the_ledger_pages_by_key():
    for n in range(5):
        print_one(n)
    with acting(BEIJING):
        page = queries.ledger(viewer=BEIJING, exam_slug="", size=2)
        seen = [e.row.subject for e in page.entries]
        while page.next:
            page = queries.ledger(viewer=BEIJING, exam_slug="", size=2, after=page.next)
            seen += [e.row.subject for e in page.entries]
        assert seen == [f"ticket:{n}" for n in (4, 3, 2, 1, 0)]
        assert queries.kinds(viewer=BEIJING, exam_slug="") == ["ticket"]
        assert Print.objects.count() == 5
        assert queries.ledger(viewer=BEIJING, exam_slug="", text="ticket:3").shown == 1


@pytest.mark.django_db(transaction=True)
def test_clerks_printing_at_once_get_numbers_of_their_own():
    numbers = []

    def clerk():
        try:
            for _ in range(5):
                numbers.append(print_one().record.copy)
        finally:
            connection.close()

    threads = [Thread(target=clerk) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(1, 21))
