"""Superuser edits of the log are found; a write without an event does not happen."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from keju.algorithms import merkle
from keju.kernel.audit import NotPermitted, Unaudited, record, write
from keju.kernel.audit.proving import event_proof
from keju.kernel.audit.sequencing import ORIGIN, sequence_and_sign, signer
from keju.kernel.audit.verification import FORGED, verify
from keju.kernel.offices import Actor, acting

AT = datetime(2011, 7, 1, 1, 0, tzinfo=UTC)
SYSTEM = Actor.system("test")
CLERK = Actor(ref="person:7", name="Clerk", role="point_clerk", office_code="1101", office_path="/11/1101/")


@write(None)
def note(*, text: str, by: Actor, at: datetime) -> None:
    record(
        "test.thing.noted", by=by, at=at, subject=f"thing:{text}", rules=["V5.5"], data={"text": text, "n": 1}
    )


@write(None)
def silent(*, by: Actor, at: datetime) -> None:
    """A write that forgets its event."""


@write("fees:refund:execute")
def refund(*, by: Actor, at: datetime) -> None:
    record("test.refund.done", by=by, at=at, subject="refund:1")


@pytest.fixture
def outside(settings, tmp_path: Path) -> Path:
    settings.CHECKPOINTS_ROOT = tmp_path
    return tmp_path


def fill(count: int, start: int = 0) -> None:
    for n in range(start, start + count):
        with acting(CLERK):
            note(text=str(n), by=CLERK, at=AT + timedelta(seconds=n))


def place() -> int:
    with acting(SYSTEM):
        return sequence_and_sign(AT)


def findings() -> set[str]:
    with acting(SYSTEM):
        return {str(f.words.en) for f in verify().findings}


@pytest.mark.django_db
def test_a_write_without_event_is_rolled_back() -> None:
    with pytest.raises(Unaudited):
        silent(by=CLERK, at=AT)


@pytest.mark.django_db
def test_a_write_without_permission_is_refused() -> None:
    with pytest.raises(NotPermitted):
        refund(by=CLERK, at=AT)


@pytest.mark.django_db
def test_recording_outside_a_write_is_refused() -> None:
    with pytest.raises(Unaudited):
        record("test.x.y", by=CLERK, at=AT, subject="x")


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["UPDATE audit_event SET actor = 'x'", "DELETE FROM audit_event"])
def test_the_application_role_cannot_touch_a_written_event(statement: str) -> None:
    fill(1)
    with acting(SYSTEM), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_every_event_has_a_proof_under_the_signed_checkpoint(outside: Path) -> None:
    fill(13)
    assert place() == 13
    fill(4, start=13)
    assert place() == 4
    with acting(SYSTEM):
        assert verify().sound
        with connection.cursor() as cursor:
            cursor.execute("SELECT event_id, hash FROM audit_leaf")
            leaves = cursor.fetchall()
        for event_id, digest in leaves:
            index, size, proof, text = event_proof(event_id)  # type: ignore[misc]
            checkpoint = merkle.open_checkpoint(text, [signer().verifier])
            assert checkpoint.origin == ORIGIN
            assert merkle.verify_inclusion(
                index=index, size=size, leaf=bytes(digest), proof=proof, root=checkpoint.root
            )


def _superuser(owner: psycopg.Connection[tuple[object, ...]], *statements: str) -> None:
    owner.execute("SET session_replication_role = replica")
    for statement in statements:
        owner.execute(statement)


EDITS = {
    "update": ["UPDATE audit_event SET actor = 'person:1' WHERE subject = 'thing:3'"],
    "update of data": ["UPDATE audit_event SET data = data || '{\"n\": 2}' WHERE subject = 'thing:3'"],
    "delete": [
        "DELETE FROM audit_leaf WHERE index = 3",
        "DELETE FROM audit_event WHERE subject = 'thing:3'",
    ],
    "delete of the event alone": ["DELETE FROM audit_event WHERE subject = 'thing:3'"],
    "insert": [
        "INSERT INTO audit_event SELECT gen_random_uuid(), at, kind, actor, role, office_path, exam, 'thing:99', rules,"
        " data, mac FROM audit_event WHERE subject = 'thing:3'"
    ],
    "insert into the queue": [
        "INSERT INTO audit_event SELECT '00000000-0000-7000-8000-000000000001', at, kind, actor, role, office_path, exam,"
        " 'thing:99', rules, data, mac FROM audit_event WHERE subject = 'thing:3'",
        "INSERT INTO audit_pending VALUES ('00000000-0000-7000-8000-000000000001')",
    ],
    "swap": [
        "UPDATE audit_leaf SET index = -1 WHERE index = 2",
        "UPDATE audit_leaf SET index = 2 WHERE index = 5",
        "UPDATE audit_leaf SET index = 5 WHERE index = -1",
    ],
    "cut tail with its checkpoints": [
        "DELETE FROM audit_checkpoint WHERE size > 6",
        "DELETE FROM audit_event WHERE id IN (SELECT event_id FROM audit_leaf WHERE index >= 6)",
        "DELETE FROM audit_leaf WHERE index >= 6",
        "DELETE FROM audit_node WHERE (index + 1) << level > 6",
    ],
    "checkpoint rewritten": ["UPDATE audit_checkpoint SET note = replace(note, 'keju/audit', 'keju/other')"],
    "node rewritten": ["UPDATE audit_node SET hash = sha256('x') WHERE level = 1 AND index = 1"],
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("edit", EDITS)
def test_a_superusers_edit_is_found(
    edit: str, outside: Path, owner_connection: psycopg.Connection[tuple[object, ...]]
) -> None:
    fill(6)
    place()
    fill(3, start=6)
    place()
    assert findings() == set()
    _superuser(owner_connection, *EDITS[edit])
    assert findings()


@pytest.mark.django_db(transaction=True)
def test_what_somebody_put_into_the_queue_by_hand_never_gets_into_the_signed_tree(
    outside: Path, owner_connection: psycopg.Connection[tuple[object, ...]]
) -> None:
    """Else a file of evidence would prove it."""
    fill(4)
    place()
    _superuser(owner_connection, *EDITS["insert into the queue"])
    fill(2, start=4)
    assert (place(), place()) == (2, 0)
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_leaf l JOIN audit_event e ON e.id = l.event_id"
                       " WHERE e.subject = 'thing:99'")  # fmt: skip
        assert cursor.fetchone() == (0,)
    assert findings() == {FORGED.en}


@pytest.mark.django_db(transaction=True)
def test_without_the_outside_checkpoints_a_cut_tail_would_pass(
    outside: Path, owner_connection: psycopg.Connection[tuple[object, ...]]
) -> None:
    """Shows why checkpoints leave the database: take the folder away and the same edit is not seen."""
    fill(6)
    place()
    fill(3, start=6)
    place()
    _superuser(owner_connection, *EDITS["cut tail with its checkpoints"])
    for path in outside.glob("*.note"):
        path.unlink()
    assert findings() == set()


@pytest.mark.django_db(transaction=True)
def test_an_event_and_its_change_fall_together(outside: Path) -> None:
    called: list[Callable[..., None]] = []

    @write(None)
    def half(*, by: Actor, at: datetime) -> None:
        record("test.half.done", by=by, at=at, subject="half:1")
        called.append(half)
        raise RuntimeError("killed in the middle")

    with pytest.raises(RuntimeError):
        half(by=CLERK, at=AT)
    assert called
    assert place() == 0
