"""Copy numbers: how often this very content was printed for this subject before, whoever printed it."""

from collections import Counter
from collections.abc import Sequence
from zlib import crc32

from django.db import connection

from keju.kernel.offices import Actor, acting

LOCKS = 64
LOCKS_FROM = 0x6B656A750000  # any number of our own


def next_numbers(kind: str, exam_slug: str, documents: Sequence[tuple[str, str]]) -> list[int]:
    """The copy number of each (subject, data hash), in order, from 1.

    Holds locks until the transaction ends: two clerks printing at once get two numbers. Subjects share 64 locks (a batch
    of 100,000 must not fill the server's lock table), always taken in one order, so that two batches never wait for each
    other. Counts copies made by other offices too.
    """
    if not documents:
        return []
    subjects = sorted({subject for subject, _ in documents})
    with connection.cursor() as cursor:
        locks = sorted(
            {LOCKS_FROM + crc32(f"{kind} {exam_slug} {subject}".encode()) % LOCKS for subject in subjects}
        )
        cursor.execute("SELECT pg_advisory_xact_lock(number) FROM unnest(%s::bigint[]) x(number)", [locks])
    with acting(Actor.system("print-ledger")), connection.cursor() as cursor:
        cursor.execute(
            "SELECT subject, data_hash, max(copy) FROM documents_print"
            " WHERE kind = %s AND exam_slug = %s AND subject = ANY(%s) GROUP BY 1, 2",
            [kind, exam_slug, subjects],
        )
        seen = Counter({(subject, hashed): last for subject, hashed, last in cursor.fetchall()})
    numbers = []
    for document in documents:
        seen[document] += 1
        numbers.append(seen[document])
    return numbers
