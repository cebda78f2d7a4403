"""Taking events out of the log together with the proof that they stand in it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from keju.algorithms import merkle
from keju.kernel.audit.reading import COLUMNS, body_of
from keju.kernel.audit.sequencing import signer, stored_nodes

EVENTS = """
SELECT l.index, {columns} FROM audit_event e LEFT JOIN audit_leaf l ON l.event_id = e.id
WHERE e.id = ANY(%s::uuid[]) ORDER BY l.index
"""


@dataclass(frozen=True)
class Proven:
    """An event's canonical bytes, its place in the tree from 0, and the hashes that lead from it to the root."""

    event: UUID
    body: bytes
    index: int
    proof: Sequence[bytes]


@dataclass(frozen=True)
class Proofs:
    """Events in order of their places, proved under one signed checkpoint of `size` leaves."""

    note: str
    size: int
    events: Sequence[Proven]


def proofs(event_ids: Collection[UUID]) -> Proofs | None:
    """These events, as far as the scope shows them, under the newest checkpoint; None while one waits for its place.

    Three statements, however many they are.
    """
    with connection.cursor() as cursor:
        cursor.execute(EVENTS.format(columns=COLUMNS), [list(event_ids)])
        rows = cursor.fetchall()
        cursor.execute("SELECT size, note FROM audit_checkpoint ORDER BY size DESC LIMIT 1")
        head = cursor.fetchone()
    if head is None or any(row[0] is None or row[0] >= head[0] for row in rows):
        return None
    size, note = int(head[0]), str(head[1])
    # Asked first which subtrees the proofs are made of, so that they come in one query instead of one a level.
    asked: set[tuple[int, int]] = set()
    for index, *_ in rows:
        merkle.inclusion_proof(index, size, lambda level, node: asked.add((level, node)) or bytes(32))
    found = stored_nodes(sorted(asked))
    return Proofs(
        note,
        size,
        [
            Proven(
                row[0],
                body_of(tuple(row)),
                index,
                merkle.inclusion_proof(index, size, lambda level, node: found[level, node]),
            )
            for index, *row in rows
        ],
    )


def event_proof(event_id: UUID) -> tuple[int, int, list[bytes], str] | None:
    """Index, tree size, inclusion proof and signed checkpoint for an event; None while it waits for its place."""
    found = proofs([event_id])
    if found is None or not found.events:
        return None
    return found.events[0].index, found.size, list(found.events[0].proof), found.note


def verifier() -> merkle.Verifier:
    """The public key that checkpoints are verified with."""
    return signer().verifier
