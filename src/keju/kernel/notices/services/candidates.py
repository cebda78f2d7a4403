"""Telling candidates, and what a candidate does with the inbox."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.exams.queries import programme
from keju.kernel.notices.models import Message, Silence
from keju.kernel.notices.services.offices import POST
from keju.kernel.notices.services.waking import wake
from keju.kernel.offices import Actor, acting
from keju.rulebook.words import Words

INBOX = """
INSERT INTO notices_message (exam_id, candidate_id, office_path, kind, words_zh, words_en, channel, sent_at)
SELECT %(exam)s, c, %(path)s, %(kind)s, %(zh)s, %(en)s, 'inbox', %(at)s
FROM (SELECT DISTINCT unnest(%(candidates)s::bigint[]) AS c) wanted
RETURNING id, candidate_id
"""
INBOX_ALONE = f"WITH told AS ({INBOX}) SELECT count(*), 0 FROM told"  # noqa: S608  nothing typed in it
# One statement for one candidate or a million. Nothing is decrypted: whose number or address is empty is seen unopened.
# Who has no number gets a row too, closed at once, so that the office sees how many could not be reached; nobody owes
# the office an address of e-mail, and those who do not want it get none that is not essential.
INBOX_AND_OUT = f"""
WITH told AS ({INBOX}), sent AS (
  INSERT INTO notices_delivery
    (message_id, exam_id, candidate_id, office_path, kind, channel, is_urgent, state, fault, made_at, closed_at)
  SELECT told.id, %(exam)s, told.candidate_id, %(path)s, %(kind)s, way.channel, false,
    CASE WHEN way.there THEN 'queued' ELSE 'given_up' END,
    CASE WHEN way.there THEN '' ELSE 'no_address' END,
    %(at)s, CASE WHEN way.there THEN NULL ELSE %(at)s::timestamptz END
  FROM told JOIN accounts_candidate person ON person.id = told.candidate_id
  CROSS JOIN LATERAL (VALUES ('sms', person.phone <> ''), ('email', person.email <> '')) way (channel, there)
  WHERE way.channel = ANY(%(channels)s)
    AND (way.channel <> 'email' OR (way.there AND (%(essential)s OR NOT EXISTS (
      SELECT FROM notices_silence s WHERE s.candidate_id = told.candidate_id))))
  RETURNING state
)
SELECT (SELECT count(*) FROM told), (SELECT count(*) FROM sent WHERE state = 'queued')
"""  # noqa: S608


@write(None)
def tell_candidates(
    *,
    exam: Exam,
    candidate_ids: Sequence[int],
    office_path: str,
    kind: str,
    words: Words,
    by: Actor,
    at: datetime,
) -> int:
    """Each candidate has the message in the inbox, and it waits to go out by the channels that the programme names.

    `office_path`: whose office speaks. In a rehearsal the inbox is all: its candidates are invented, their numbers may
    be somebody's. Returns how many were told.
    """
    way = programme(exam).messages.get(kind)
    channels = list(way.channels) if way and not exam.is_rehearsal else []
    facts = {
        "exam": exam.pk,
        "candidates": list(candidate_ids),
        "path": office_path,
        "kind": kind,
        "zh": words.zh,
        "en": words.en,
        "at": at,
        "channels": channels,
        "essential": way is not None and way.essential,
    }
    with acting(POST), connection.cursor() as cursor:
        cursor.execute(INBOX_AND_OUT if channels else INBOX_ALONE, facts)
        told, queued = cursor.fetchone()
    record(
        "notices.candidates.told",
        by=by,
        at=at,
        subject=f"message:{kind}",
        exam=exam.slug,
        office_path=office_path,
        data={"kind": kind, "count": told, "channels": channels, "going_out": queued},
    )
    if queued:
        wake(channels)
    return int(told)


@write(None)
def read_messages(*, exam: Exam, by: Actor, at: datetime, message: int | None = None) -> int:
    """The candidate has seen this message, or all of the exam. Returns how many were new to them."""
    if by.candidate_id is None:
        raise NotPermitted
    own = Message.objects.filter(exam=exam, candidate_id=by.candidate_id)
    if message is not None:
        own = own.filter(pk=message)
        if not own.exists():
            raise NotPermitted(hidden=True)
    seen = own.filter(read_at=None).update(read_at=at)
    record("notices.messages.read", by=by, at=at, subject=by.ref, exam=exam.slug, data={"count": seen})
    return seen


@write(None)
def silence(*, wanted: bool, by: Actor, at: datetime) -> None:
    """From now on the candidate gets no e-mail that is not essential (`wanted`), or all of it again."""
    if by.candidate_id is None:
        raise NotPermitted
    if wanted:
        Silence.objects.bulk_create(
            [Silence(candidate_id=by.candidate_id, asked_at=at)], ignore_conflicts=True
        )
    else:
        Silence.objects.filter(candidate_id=by.candidate_id).delete()
    record("notices.silence.set", by=by, at=at, subject=by.ref, office_path="/", data={"silent": wanted})
