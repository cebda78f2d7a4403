"""What the reader would not decide, two persons decide, each for themself."""

from datetime import datetime

from django.db import IntegrityError, transaction

from keju.kernel.audit import record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook import Refusal, RuleRefused, enforce
from keju.stages.marking import events, queries, rules
from keju.stages.marking.models import Decision, Reading

ACCEPT, REFUSE = "accept", "refuse"


@write("marking:reading:adjudicate")
def decide(*, exam: Exam, reading_id: int, question: int, answer: str, by: Actor, at: datetime) -> None:
    """This person's say on one doubt stands; the doubt is settled once two say the same.

    `question` 0 is the card as a whole: "accept" (the reading counts) or "refuse" (it must be scanned again).
    """
    if queries.frozen(exam):
        raise RuleRefused([Refusal("V17.1.1", "marking_frozen")])
    reading = Reading.objects.select_related("batch").get(batch__exam=exam, pk=reading_id)
    options = queries.places(exam, reading.batch.session_number)[0].options
    mine = Decision.objects.filter(reading=reading, question=question, by=by.ref).exists()
    if question:
        enforce(rules.check_decision(answer, options, mine))
    elif mine or answer not in (ACCEPT, REFUSE):
        enforce(rules.check_decision("", options, mine=True))
    try:
        with transaction.atomic():
            Decision.objects.create(
                reading=reading,
                office_path=reading.office_path,
                question=question,
                answer=answer,
                by=by.ref,
                at=at,
            )
    except IntegrityError as error:
        raise RuleRefused(rules.check_decision("", options, mine=True)) from error
    record(
        events.DECIDED,
        by=by,
        at=at,
        subject=f"reading:{reading.pk}",
        exam=exam.slug,
        rules=["V17.1.0"],
        data={"question": question, "answer": answer},
    )
