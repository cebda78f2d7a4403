"""COPY into protected tables."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from keju.kernel.offices import Actor, acting
from keju.kernel.offices.bulk import FEW, insert_rows, insert_rows_returning, update_rows

pytestmark = pytest.mark.django_db
BEIJING = Actor(ref="person:1", name="甲", role="region_officer", office_path="/11/", person_id=1)
COLUMNS = ["kind", "exam_slug", "office_path", "subject", "up_to", "part", "reason", "voided_by", "voided_at"]


def row(n, office_path="/11/1101/", reason="错印"):
    return ["ticket", "x", office_path, f"ticket:{n}", n, "", reason, "person:1", "2026-01-01T00:00:00+08:00"]


FILE_COLUMNS = ["sha256", "office_path", "name", "content_type", "size", "stored_by", "stored_at"]


def file_row(n):
    return [
        f"{n:064x}",
        "/11/1101/",
        f"名\t\\{n}\n",
        "text/plain",
        n,
        "person:1",
        "2026-01-01T00:00:00+08:00",
    ]


def count(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return cursor.fetchone()[0]


@pytest.mark.parametrize("n", [0, 1, FEW, FEW + 1])
def test_few_and_many_are_the_same(n):
    with acting(BEIJING):
        assert insert_rows("files_file", FILE_COLUMNS, (file_row(i) for i in range(n))) == n
        ids = insert_rows_returning("files_file", FILE_COLUMNS, (file_row(100 + i) for i in range(n)))
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, size, name FROM files_file WHERE size >= 100 ORDER BY size")
            assert cursor.fetchall() == [(pk, 100 + i, f"名\t\\{100 + i}\n") for i, pk in enumerate(ids)]
        assert ids == sorted(set(ids))
        assert count("files_file") == 2 * n


def test_rows_stand_exactly_and_ids_come_in_order():
    with acting(BEIJING):
        assert insert_rows("files_file", FILE_COLUMNS, (file_row(n) for n in range(500))) == 500
        ids = insert_rows_returning("files_file", FILE_COLUMNS, (file_row(n) for n in range(500, 1000)))
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, size, name FROM files_file WHERE size >= 500 ORDER BY size")
            found = cursor.fetchall()
    assert found == [(i, n, f"名\t\\{n}\n") for i, n in zip(ids, range(500, 1000), strict=True)]


@pytest.mark.parametrize("size", [2, 400])
@pytest.mark.parametrize("fn", [insert_rows, insert_rows_returning])
def test_row_level_security_binds_bulk_too(fn, size):
    with acting(BEIJING):
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            fn("documents_voiding", COLUMNS, [*(row(n) for n in range(1, size)), row(size, "/13/1301/")])
        assert count("documents_voiding") == 0


@pytest.mark.parametrize("size", [2, 400])
def test_constraints_bind_and_nothing_half_stands(size):
    with acting(BEIJING):
        with pytest.raises(IntegrityError), transaction.atomic():
            insert_rows(
                "documents_voiding", COLUMNS, [*(row(n) for n in range(3, size + 2)), row(2, reason="")]
            )
        assert count("documents_voiding") == 0
        insert_rows("documents_voiding", COLUMNS, [row(1)])
        insert_rows("documents_voiding", COLUMNS, [row(2)])
        assert count("documents_voiding") == 2


MANY = 5_000


def test_many_rows_are_planned_for_at_once():
    """What the planner knows of a table that grew is right in the very transaction."""
    with acting(BEIJING), connection.cursor() as cursor:
        insert_rows("files_file", FILE_COLUMNS, (file_row(n) for n in range(MANY)))
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'files_file'")
        assert cursor.fetchone() == (MANY,)


@pytest.mark.parametrize("table", ["pg_class", "files_file", "files_file_pkey"])
def test_statistics_are_taken_of_our_tables_that_grew_and_of_nothing_else(table):
    with connection.cursor() as cursor:
        cursor.execute("SELECT keju_statistics(%s::regclass)", [table])
        assert cursor.fetchone() == (False,)


def job_row(n, office_path="/11/1101/"):
    return {"public": f"00000000-0000-7000-8000-{n:012d}", "kind": "k", "exam_slug": "", "office_path": office_path,
            "started_by": "x", "actor": "{}", "language": "zh", "args": "{}", "lock": str(n), "state": "waiting",
            "attempts": 0, "done": 0, "total": n, "skipped": 0, "note_zh": "", "note_en": "", "errors": "[]",
            "error_count": 0, "result": "", "cancel_asked": "f", "made_at": "2026-01-01T00:00:00+08:00"}  # fmt: skip


def test_updates_by_key_change_what_is_in_scope_only():
    with acting(Actor.system("test")):
        rows = [job_row(1), job_row(2), job_row(3, "/13/1301/")]
        ids = insert_rows_returning("jobs_job", list(rows[0]), (list(r.values()) for r in rows))
    with acting(BEIJING):
        changes = [(ids[0], 10, "a"), (ids[1], 20, None), (ids[2], 30, "c")]
        with pytest.raises(IntegrityError), transaction.atomic():
            update_rows("jobs_job", "id", ["total", "note_zh"], changes)
        changes[1] = (ids[1], 20, "b")
        assert update_rows("jobs_job", "id", ["total", "note_zh"], changes) == 2
        with pytest.raises(IntegrityError), transaction.atomic():
            update_rows("jobs_job", "id", ["total"], [(ids[0], 1), (ids[0], 2)])
    with acting(Actor.system("test")), connection.cursor() as cursor:
        cursor.execute("SELECT total, note_zh FROM jobs_job ORDER BY id")
        assert cursor.fetchall() == [(10, "a"), (20, "b"), (3, "")]


@pytest.mark.parametrize("fn", [insert_rows, insert_rows_returning])
def test_many_rows_arrive_whole(fn):
    with acting(BEIJING):
        fn("files_file", FILE_COLUMNS, [file_row(n) for n in range(20_000)])
        assert count("files_file") == 20_000
