"""The sequencer: gives every committed event its place in the Merkle tree and signs where the tree stands.

One sequencer at a time (advisory lock), in the nation's scope. Killed at any moment it has placed a whole batch or nothing.
An event that the system did not write (its code, under a key that the database never holds, does not fit) gets no place: what
is proved to stand in the signed tree nobody put there by hand. It waits for `verify`, which names it.
"""

from collections.abc import Sequence
from datetime import datetime
from hmac import compare_digest
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from keju.algorithms import merkle
from keju.kernel.audit.reading import COLUMNS, body_of
from keju.kernel.audit.recording import mac

ORIGIN = "keju/audit"
LOCK = 0x6B656A75
BATCH = 20_000
# Set by each batch itself and gone with it: a scope around all of them would be one transaction, and the checkpoint
# outside the database would be ahead of a log that is not committed yet.
NATION = "SELECT set_config('keju.path', '/', true)"


def signer() -> merkle.Signer:
    return merkle.Signer.from_seed(ORIGIN, settings.SECRETS.audit_signing_seed)


def sequence_and_sign(at: datetime) -> int:
    """Every event committed before the call is in the tree and under a signed checkpoint. Returns how many were new.

    The checkpoint is also written to the installation's `checkpoints/` folder: outside the database, so that an old
    backup or a cut tail of the log is noticed.
    """
    placed = 0
    while True:
        with transaction.atomic():
            batch = _place_batch()
            if batch:
                note = _sign(at)
        if not batch:
            return placed
        placed += batch
        keep_outside(note)


def keep_outside(note: str) -> None:
    """The checkpoint lies in the folder under its size; an existing one is never replaced."""
    folder = Path(settings.CHECKPOINTS_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{int(note.splitlines()[1]):012d}.note"
    if not path.exists():
        draft = path.with_suffix(".draft")
        draft.write_text(note)
        draft.rename(path)


def _place_batch() -> int:
    with connection.cursor() as cursor:
        cursor.execute(NATION)
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(
            f"SELECT {COLUMNS} FROM audit_event e JOIN audit_pending p ON p.event_id = e.id"  # noqa: S608
            " ORDER BY p.arrival LIMIT %s",
            [BATCH],
        )
        bodies = [(row[0], body_of(row), bytes(row[-1])) for row in cursor.fetchall()]
        written = [(event, body) for event, body, sign in bodies if compare_digest(mac(body), sign)]
        if not written:
            return 0
        frontier = _frontier()
        leaves = [(event, merkle.leaf_hash(body)) for event, body in written]
        start = frontier.size
        nodes = [n for n in frontier.extend(h for _, h in leaves) if n[0] > 0]
        cursor.executemany(
            "INSERT INTO audit_leaf (index, event_id, hash) VALUES (%s, %s, %s)",
            [(start + i, event, digest) for i, (event, digest) in enumerate(leaves)],
        )
        cursor.executemany("INSERT INTO audit_node (level, index, hash) VALUES (%s, %s, %s)", nodes)
        cursor.execute("DELETE FROM audit_pending WHERE event_id = ANY(%s)", [[event for event, _ in leaves]])
    return len(written)


def _sign(at: datetime) -> str:
    frontier = _frontier()
    note = merkle.sign_checkpoint(ORIGIN, frontier.size, frontier.root(), [signer()])
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_checkpoint (size, at, note) VALUES (%s, %s, %s)", [frontier.size, at, note]
        )
    return note


def _frontier() -> merkle.Frontier:
    """The tree's right edge from the stored complete subtrees: one per set bit of the size."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(index) + 1, 0) FROM audit_leaf")
        size = int(cursor.fetchone()[0])
    peaks, done = [], 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            peaks.append(stored_node(level, done >> level).hex())
            done += 1 << level
    return merkle.Frontier.from_hex(size, peaks)


def stored_nodes(wanted: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    """The hashes of complete subtrees by (level, index); LookupError if one is not stored."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 0, index, hash FROM audit_leaf WHERE index = ANY(%s::bigint[])"
            " UNION ALL SELECT n.level, n.index, n.hash FROM unnest(%s::int[], %s::bigint[]) AS w(level, index)"
            " JOIN audit_node n ON n.level = w.level AND n.index = w.index",
            [
                [i for level, i in wanted if level == 0],
                [level for level, _ in wanted if level],
                [i for level, i in wanted if level],
            ],
        )
        found = {(level, index): bytes(value) for level, index, value in cursor.fetchall()}
    for level, index in wanted:
        if (level, index) not in found:
            raise LookupError(f"node {level}/{index} is missing")
    return found


def stored_node(level: int, index: int) -> bytes:
    """The hash of a complete subtree; LookupError if it is not stored."""
    with connection.cursor() as cursor:
        if level == 0:
            cursor.execute("SELECT hash FROM audit_leaf WHERE index = %s", [index])
        else:
            cursor.execute("SELECT hash FROM audit_node WHERE level = %s AND index = %s", [level, index])
        row = cursor.fetchone()
    if row is None:
        raise LookupError(f"node {level}/{index} is missing")
    return bytes(row[0])
