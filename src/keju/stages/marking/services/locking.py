"""Who waits for whom: work on cards goes on side by side; a run, a key and the freeze have the exam to themselves."""

from django.db import connection

from keju.kernel.exams.models import Exam
from keju.rulebook import enforce
from keju.stages.marking import queries, rules

EXAM, BATCH = 0x6B6A01, 0x6B6A02


def for_cards(exam: Exam, batch_id: int) -> None:
    """Until the transaction ends nobody else changes this batch, and nobody scores or freezes. Refused after the freeze.

    The tables are append-only even for locks on rows, hence advisory ones.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [EXAM, exam.pk])
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [BATCH, batch_id % 2**31])
    enforce(rules.check_not_frozen(queries.frozen(exam) is not None))


def for_scores(exam: Exam) -> None:
    """Until the transaction ends nobody else reads cards, decides, sets keys, scores or freezes. Refused after the freeze."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [EXAM, exam.pk])
    enforce(rules.check_not_frozen(queries.frozen(exam) is not None))
