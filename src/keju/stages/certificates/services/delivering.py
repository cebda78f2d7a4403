"""Down the tree with counts, and into the hands of whom they are for (V18.1.1, V18.1.2)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from keju.kernel.audit import Stale, record, write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.notices import services as notices
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.rulebook import Refusal, RuleRefused, enforce
from keju.rulebook.words import t
from keju.stages.certificates import events, queries, rules
from keju.stages.certificates.models import Collection, Delivery, State
from keju.stages.certificates.params import Params
from keju.stages.registration import queries as registration

TITLE = t("资格证书已发出：{n}份", "Certificates on their way: {n}")
BODY = t(
    "中心向贵考点发出{n}份资格证书。收到后请清点并在“证书”页登记。",
    "The centre has sent you {n:certificate|certificates}. Count on arrival and record it under Certificates.",
)


@dataclass(frozen=True)
class Handover:
    """One certificate handed over at the counter: what the clerk saw and took."""

    number: str
    identity_seen: bool
    diploma: bool = False
    copies: int = 0


@write("certificates:print:make")
def deliver(*, exam: Exam, point_codes: Sequence[str], by: Actor, at: datetime) -> list[Delivery]:
    """Each point's certificates are on their way, counted, and the point has been told."""
    lines = {line.point_code: line for line in queries.points(viewer=by, exam=exam)}
    for code in point_codes:
        line = lines.get(code)
        enforce(
            rules.check_delivery(
                certificates=line.valid if line else 0, delivered=bool(line and line.delivered_at)
            )
        )
    made = [
        Delivery(
            exam=exam, office_path=path_of(code), point_code=code, count=lines[code].valid, delivered_by=by.ref,
            delivered_at=at,
        )
        for code in point_codes
    ]  # fmt: skip
    try:
        with transaction.atomic():
            made = Delivery.objects.bulk_create(made)
    except IntegrityError as error:
        raise RuleRefused([Refusal("V18.1.1", "certificates_delivered_already")]) from error
    for d in made:
        facts = {"n": d.count}
        notices.deliver(
            exam=exam, title=TITLE.format(**facts), body=BODY.format(**facts), to=[d.point_code], kind="certificates",
            by=by, at=at,
        )  # fmt: skip
    record(
        events.DELIVERED,
        by=by,
        at=at,
        subject=f"point:{made[0].point_code}" if len(made) == 1 else "points",
        exam=exam.slug,
        rules=["V18.1.1"],
        data={"points": {d.point_code: d.count for d in made}},
    )
    return made


@write("certificates:collection:record")
def receive_delivery(*, exam: Exam, point_code: str, counted: int, by: Actor, at: datetime) -> Delivery:
    """The point has counted as many certificates as were sent."""
    row = Delivery.objects.select_for_update().filter(exam=exam, point_code=point_code).first()
    if row is None:
        raise RuleRefused([Refusal("V18.1.1", "certificates_not_delivered")])
    enforce(rules.check_receipt(sent=row.count, counted=counted, received=row.received_at is not None))
    row.received_at, row.received_by = at, by.ref
    row.save(update_fields=["received_at", "received_by"])
    record(
        events.RECEIVED, by=by, at=at, subject=f"point:{point_code}", exam=exam.slug, office_path=row.office_path,
        rules=["V18.1.1"], data={"count": counted},
    )  # fmt: skip
    return row


@write("certificates:collection:record")
def record_collection(
    *, exam: Exam, handovers: Sequence[Handover], by: Actor, at: datetime
) -> list[Collection]:
    """Each certificate was handed over in person; any refusal stands for all of them. One is a batch of one."""
    found = queries.by_numbers(viewer=by, exam=exam, numbers=[h.number for h in handovers])
    people = registration.briefs(viewer=by, exam=exam, ids=[c.grant.registration_id for c in found.values()])
    owed = queries.diploma_owed(exam, {pk: p.route for pk, p in people.items()})
    sent, needed = queries.delivered_points(exam), exams.params(exam, Params).copies
    taken = set(
        Collection.objects.filter(certificate__in=[c.pk for c in found.values()]).values_list(
            "certificate_id", flat=True
        )
    )
    refusals, made = [], []
    for h in handovers:
        c = found.get(h.number)
        if c is None:
            refusals.append(Refusal("V18.1.1", "certificates_no_certificate", field="number"))
            continue
        due = c.grant.registration_id in owed
        refusals += rules.check_collection(
            valid=c.state == State.VALID,
            delivered=c.point_code in sent,
            collected=c.pk in taken,
            identity_seen=h.identity_seen,
            diploma_owed=due,
            diploma=h.diploma,
            copies=h.copies,
            needed=needed,
        )
        made.append(
            Collection(
                certificate=c, exam=exam, candidate_id=c.candidate_id, office_path=c.office_path,
                identity_seen=h.identity_seen, diploma_owed=due, diploma=h.diploma, diploma_copies=h.copies, by=by.ref, at=at,
            )
        )  # fmt: skip
    enforce(refusals)
    try:
        with transaction.atomic():
            made = Collection.objects.bulk_create(made, batch_size=2000)
    except IntegrityError as error:  # another counter was faster
        raise Stale from error
    record(
        events.COLLECTED,
        by=by,
        at=at,
        subject=f"certificate:{made[0].certificate_id}" if len(made) == 1 else "certificates",
        exam=exam.slug,
        office_path=made[0].office_path if len(made) == 1 else None,
        rules=["V18.1.1", "V18.1.2"],
        data={
            "count": len(made),
            "diplomas": sum(c.diploma for c in made),
            "digest": hashlib.sha256("\n".join(h.number for h in handovers).encode()).hexdigest(),
        },
    )
    return made
