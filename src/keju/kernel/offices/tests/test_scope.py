"""Row-level security: an office sees its subtree, nobody sees by default."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from keju.kernel.audit import record, write
from keju.kernel.audit.models import Event
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.divisions import points, regions
from keju.kernel.offices.models import Office
from keju.kernel.offices.services import load_tree

AT = datetime(2011, 7, 1, 1, 0, tzinfo=UTC)


def office(path: str) -> Actor:
    return Actor(ref="person:1", name="", role="clerk", office_path=path)


@write(None)
def note(*, by: Actor, at: datetime) -> None:
    record("test.x.noted", by=by, at=at, subject="x:1")


@pytest.fixture
def events(db: None) -> None:
    for path in ("/11/", "/11/1101/", "/12/1201/", "/1/", "/110/"):
        with acting(office(path)):
            note(by=office(path), at=AT)


def seen(path: str) -> set[str]:
    with acting(office(path)):
        return set(Event.objects.values_list("office_path", flat=True))


@pytest.mark.rule("V1.5")
def test_an_office_sees_exactly_its_subtree(events: None) -> None:
    assert seen("/11/") == {"/11/", "/11/1101/"}
    assert seen("/11/1101/") == {"/11/1101/"}
    assert seen("/12/") == {"/12/1201/"}
    assert len(seen("/")) == 5


@pytest.mark.rule("V1.5")
def test_nothing_set_shows_nothing(events: None) -> None:
    assert Event.objects.count() == 0
    assert seen("") == set()


def test_an_emptied_setting_shows_nothing(events: None) -> None:
    """After a transaction-local setting ends it reads as '' and not as NULL: the trap this policy avoids."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('keju.path', '', true)")
    assert Event.objects.count() == 0


def test_scopes_nest_and_are_restored(events: None) -> None:
    with acting(office("/11/")):
        with acting(office("/")):
            assert Event.objects.count() == 5
        assert Event.objects.count() == 2
        with pytest.raises(RuntimeError):
            with acting(office("/")):
                raise RuntimeError
        assert Event.objects.count() == 2
    assert Event.objects.count() == 0


def test_an_inner_scope_is_left_in_order_whatever_happens_in_it(events: None) -> None:
    """An error of the database cannot be followed by a statement: the rollback to the savepoint restores the scope."""
    with acting(office("/11/")):
        with pytest.raises(DatabaseError), transaction.atomic(), acting(office("/")):
            Event.objects.filter(subject="x:1").update(kind="forged")
        assert Event.objects.count() == 2
        with pytest.raises(RuntimeError), transaction.atomic(), acting(office("/")):
            raise RuntimeError
        assert Event.objects.count() == 2


def test_acting_as_who_acts_already_asks_the_database_nothing(
    events: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with acting(office("/11/")), django_assert_num_queries(1), acting(office("/11/")):
        assert Event.objects.count() == 2
    with acting(office("/11/")), django_assert_num_queries(3), acting(office("/12/")):
        assert Event.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_scope_ends_with_the_transaction() -> None:
    with acting(office("/")):
        pass
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('keju.path', true), '')")
        assert cursor.fetchone() == ("",)


def test_the_application_role_is_weak(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (False, False, False)
        cursor.execute(
            "SELECT count(*) FROM pg_tables WHERE tableowner = current_user AND schemaname = 'public'"
        )
        assert cursor.fetchone() == (0,)


def test_the_tree_has_the_countrys_divisions(db: None) -> None:
    assert len(list(regions())) == 31
    prefectures = [p for p in points() if p.name_zh not in {"北京市", "天津市", "上海市", "重庆市"}]
    assert len(prefectures) == 333
    added = load_tree(by=Actor.system("test"), at=AT)
    assert added == Office.objects.count() == 3 + 31 + 337
    assert load_tree(by=Actor.system("test"), at=AT) == 0
    assert Office.objects.get(code="1301").name_en == "Shijiazhuang"


@pytest.mark.rule("V17.1.1")
@pytest.mark.parametrize("may", ["read", "add", "change"])
@pytest.mark.django_db(transaction=True)
def test_a_candidates_own_session_may_do_no_more_than_the_table_says(may, owner_connection) -> None:
    """By SQL as the application's role: a candidate reads the own row, and writes only where the table allows it."""
    from keju.kernel.offices.tenancy import protect

    owner_connection.execute(
        'CREATE TABLE trial (id int, office_path text COLLATE "C", candidate_id bigint);'
        "INSERT INTO trial VALUES (1, '/11/', 7), (2, '/11/', 8)"
    )
    owner_connection.execute(protect("trial", candidate="candidate_id", candidate_may=may).sql)
    seven = Actor("candidate:7", "", "candidate", candidate_id=7)

    def done(statement: str) -> int:
        try:
            with acting(seven), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.rowcount
        except DatabaseError:
            return -1

    assert done("SELECT * FROM trial") == 1
    assert done("UPDATE trial SET id = 9") == (1 if may == "change" else 0)
    assert done("INSERT INTO trial VALUES (3, '/11/', 7)") == (-1 if may == "read" else 1)
    assert done("INSERT INTO trial VALUES (4, '/11/', 8)") == -1
    assert done("DELETE FROM trial WHERE candidate_id = 8") == 0
