"""How candidates are reached: kept in one statement for any number, sealed, and changed by nobody else."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keju.algorithms.identity import compose
from keju.kernel.accounts import queries
from keju.kernel.accounts.models import Candidate
from keju.kernel.accounts.services import Contact, NewCandidate, ensure_candidates, keep_contact
from keju.kernel.audit import NotPermitted
from keju.kernel.audit.models import Event
from keju.kernel.offices import Actor, acting

AT = datetime(2011, 6, 1, tzinfo=UTC)
SYSTEM = Actor.system("test")


@pytest.fixture
def ids(db: None) -> list[int]:
    people = [
        NewCandidate(
            compose("110101", date(1985, 3, 4), n), f"考生{n}", "13800000000", email=f"{n}@example.org"
        )
        for n in range(50)
    ]
    with acting(SYSTEM):
        return list(ensure_candidates(people=people, by=SYSTEM, at=AT).values())


def rows(ids: list[int]) -> list[tuple[str, str, str]]:
    with acting(SYSTEM):
        found = Candidate.objects.in_bulk(ids)
    return [(found[pk].phone, found[pk].email, found[pk].language) for pk in ids]


def test_what_is_given_is_kept_and_the_rest_stands(ids: list[int]) -> None:
    with acting(SYSTEM):
        kept = keep_contact(
            contacts=[Contact(ids[0], phone="139 0000 0000"), Contact(ids[1], email="", language="en")],
            by=SYSTEM,
            at=AT,
        )
        event = Event.objects.get(kind="accounts.contact.kept")
    assert kept == 2
    assert rows(ids[:3]) == [
        ("139 0000 0000", "0@example.org", "zh"),
        ("13800000000", "", "en"),
        ("13800000000", "2@example.org", "zh"),
    ]
    assert event.data == {"count": 2, "given": ["phone", "email", "language"]}


def test_any_number_is_one_statement_and_the_last_of_two_counts(ids: list[int]) -> None:
    contacts = [Contact(pk, phone=f"130{n:08d}") for n, pk in enumerate(ids)] + [Contact(ids[0], phone="131")]
    with (
        acting(SYSTEM),
        CaptureQueriesContext(
            connection,
        ) as seen,
    ):
        keep_contact(contacts=contacts, by=SYSTEM, at=AT)
    assert sum("UPDATE accounts_candidate" in q["sql"] for q in seen.captured_queries) == 1
    assert [phone for phone, _, _ in rows(ids)] == ["131", *(f"130{n:08d}" for n in range(1, 50))]


def test_nothing_is_stored_in_clear(ids: list[int]) -> None:
    with acting(SYSTEM):
        keep_contact(contacts=[Contact(ids[0], phone="13900000000", email="a@b.example")], by=SYSTEM, at=AT)
        with connection.cursor() as cursor:
            cursor.execute("SELECT phone, email FROM accounts_candidate WHERE id = %s", [ids[0]])
            stored = b"".join(bytes(value) for value in cursor.fetchone())
    assert b"13900000000" not in stored
    assert b"a@b.example" not in stored


def test_candidates_change_their_own_only(ids: list[int]) -> None:
    with acting(SYSTEM):
        by = queries.candidate_actor(Candidate.objects.get(pk=ids[0]))
    with acting(by):
        keep_contact(contacts=[Contact(ids[0], email="new@example.org")], by=by, at=AT)
        with pytest.raises(NotPermitted):
            keep_contact(contacts=[Contact(ids[1], email="mine@example.org")], by=by, at=AT)
    assert [email for _, email, _ in rows(ids[:2])] == ["new@example.org", "1@example.org"]


def test_messages_are_written_in_chinese_or_english(ids: list[int]) -> None:
    with acting(SYSTEM), pytest.raises(ValidationError):
        keep_contact(contacts=[Contact(ids[0], language="fr")], by=SYSTEM, at=AT)
