"""What the reader would not decide, two persons decide, each for themself."""

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction

from keju.kernel.audit import record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook import Refusal, RuleRefused, enforce
from keju.stages.examday import queries as examday
from keju.stages.marking import events, queries, rules
from keju.stages.marking.models import Batch, Decision, Link, Missing, Reading
from keju.stages.marking.rules import CARD, IDENTITY, REFUSE
from keju.stages.marking.services import linking
from keju.stages.marking.services.locking import for_cards
from keju.stages.marking.services.reading import DUPLICATE


def decide(*, exam: Exam, reading_id: int, question: int, answer: str, by: Actor, at: datetime) -> None:
    """As `decide_all`, for one place."""
    decide_all(exam=exam, reading_id=reading_id, says={question: answer}, by=by, at=at)


@write("marking:reading:adjudicate")
def decide_all(*, exam: Exam, reading_id: int, says: Mapping[int, str], by: Actor, at: datetime) -> None:
    """This person's says on places of one card stand, all or none; a place is settled once two say the same.

    Places: a question from 1 (options in order, or blank), 0 the card ("accept", "refuse", or what the invigilators'
    bubbles show: "absent", "violation", "unmarked"), -1 whose card it is (a ticket number). Any card may be challenged at 0.
    A refused card no longer counts and another may be read in its place.
    """
    reading = Reading.objects.select_related("batch").get(exam=exam, pk=reading_id)
    for_cards(exam, reading.batch_id)
    options = queries.places(exam, reading.batch.session_number)[0].options
    said = {d.question: d for d in queries.reading_doubts(viewer=by, reading=reading)}
    enforce(r for q, answer in says.items() for r in _refusals(exam, reading, said, q, answer, options, by))
    try:
        with transaction.atomic():
            Decision.objects.bulk_create(
                Decision(reading=reading, exam=exam, question=q, answer=answer, by=by.ref, at=at)
                for q, answer in says.items()
            )
    except IntegrityError as error:
        raise RuleRefused([Refusal("V17.1.0", "marking_decided_already")]) from error
    settled = queries.settled(reading)
    effects = [
        effect
        for q in says
        if q in settled
        for effect in [_settle(exam, reading, q, settled[q], at)]
        if effect
    ]
    record(
        events.DECIDED,
        by=by,
        at=at,
        subject=f"reading:{reading.pk}",
        exam=exam.slug,
        rules=["V17.1.0"],
        data={"said": {str(q): answer for q, answer in says.items()}, "effects": effects},
    )


@write("marking:reading:adjudicate")
def declare_missing(*, exam: Exam, batch_id: int, ticket: str, reason: str, by: Actor, at: datetime) -> None:
    """This person states that the card of somebody present is lost; once two have, scoring no longer waits for it."""
    batch = Batch.objects.get(exam=exam, pk=batch_id)
    for_cards(exam, batch.pk)
    here = linking.here(batch, exam)
    enforce(rules.check_identity(ticket, here, taken=False))
    registration = here[ticket]
    said = examday.of_room(exam=exam, session_number=batch.session_number, room_id=batch.room_id)
    present = next((a.present for a in said if a.registration_id == registration), None)
    facts = {"exam": exam, "session_number": batch.session_number, "registration_id": registration}
    mine = Missing.objects.filter(**facts, by=by.ref).exists()
    has_card = bool(linking.taken(exam, batch.session_number, [registration]))
    enforce(rules.check_missing(present, has_card, mine, reason))
    Missing.objects.create(**facts, reason=reason.strip()[:300], by=by.ref, at=at)
    record(
        events.CARD_MISSING,
        by=by,
        at=at,
        subject=f"registration:{registration}",
        exam=exam.slug,
        rules=["V17.1.0"],
        data={"session": batch.session_number, "ticket": ticket, "reason": reason.strip()[:300]},
    )


def _refusals(
    exam: Exam,
    reading: Reading,
    said: Mapping[int, queries.Doubt],
    question: int,
    answer: str,
    options: str,
    by: Actor,
) -> list[Refusal]:
    doubt = said.get(question)
    settled = {q: d.agreed for q, d in said.items() if d.agreed is not None}
    place = rules.Place(
        in_doubt=question == CARD or question in reading.doubts,
        settled=question in settled or settled.get(CARD) == REFUSE,
        mine=doubt is not None and doubt.mine(by.ref),
    )
    found = list(rules.check_place(place))
    if found:
        return found
    if question == CARD:
        whose, others = _owner(exam, reading)
        return list(rules.check_verdict(answer, whose, others))
    if question == IDENTITY:
        here = linking.here(reading.batch, exam)
        registration = here.get(answer, 0)
        others = bool(linking.taken(exam, reading.batch.session_number, [registration]))
        return list(rules.check_identity(answer, here, others))
    return list(rules.check_answer(answer, options))


def _owner(exam: Exam, reading: Reading) -> tuple[bool, bool]:
    """Whether the card's candidate is known (or about to be identified), and whether another card of theirs counts."""
    if Link.objects.filter(reading=reading).exists() or IDENTITY in reading.doubts:
        return True, False
    registration = _duplicate_of(exam, reading)
    if registration is None:
        return False, False
    return True, bool(linking.taken(exam, reading.batch.session_number, [registration]))


def _duplicate_of(exam: Exam, reading: Reading) -> int | None:
    """Of a second card: whose. It may count after the first was refused."""
    return linking.here(reading.batch, exam).get(reading.ticket) if DUPLICATE in reading.reasons else None


def _settle(exam: Exam, reading: Reading, question: int, agreed: str, at: datetime) -> str:
    """What follows at once from two persons agreeing; "" if only scoring follows."""
    if question == CARD and agreed == REFUSE:
        return "unlinked" if linking.unlink(reading, at) else "refused"
    if Link.objects.filter(reading=reading).exists():
        return ""
    registration: int | None = None
    if question == IDENTITY:
        registration = linking.here(reading.batch, exam)[agreed]
    elif question == CARD:
        registration = _duplicate_of(exam, reading)
    if registration is None:
        return ""
    linking.link(exam, reading.batch, {reading.pk: registration})
    return "linked"
