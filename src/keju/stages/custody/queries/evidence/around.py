"""What else is known of the containers in question: handovers, signatures, what was abnormal, cases, destruction.

In the viewer's scope: what they may not see does not stand in their file.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from keju.kernel.approvals.models import Proposal, Signature
from keju.kernel.approvals.naming import whose
from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.kernel.offices import queries as offices
from keju.stages.custody.models import Case, CustodyException, Destruction, Handover, HandoverScan
from keju.stages.custody.queries import cases as case_reads
from keju.stages.custody.queries import handovers as handover_reads
from keju.stages.custody.queries import naming
from keju.stages.custody.queries.evidence import exam_day, there
from keju.stages.custody.queries.evidence.chain import NATION, Chain
from keju.stages.custody.queries.evidence.parts import Around, both, instant
from keju.stages.custody.rules.cases import STEPS


def around(exam: Exam, found: Chain) -> Around:
    """Everything that touches these containers, each part in order of time."""
    made = Around(subjects={f"container:{c.code}" for c in found.containers.values()})
    made.proposals = {o.proposal_id for o in found.operations.values() if o.proposal_id}
    made.parts["handovers"] = list(_handovers(exam, found, made))
    made.parts["exceptions"] = list(_exceptions(found, made))
    made.parts["cases"] = list(_cases(exam, found, made))
    spans = there.spans(found)
    made.parts["journeys"] = list(there.journeys(exam, spans, made))
    made.parts["entries"] = list(there.entries(exam, spans))
    made.parts["destructions"] = list(_destructions(exam, found, made))
    made.parts["issues"] = list(exam_day.issues(exam, found, made))
    made.parts["counts"] = list(exam_day.counts(exam, found, made))
    made.parts["spares"] = list(exam_day.spares(exam, found, made))
    made.parts["alarms"] = list(there.alarms(exam, spans, made))
    made.parts["documents"] = list(_documents(exam, made))
    return made


def _handovers(exam: Exam, found: Chain, made: Around) -> Iterable[dict[str, Any]]:
    rows = list(
        Handover.objects.filter(exam=exam, items__container_id__in=list(found.containers))
        .distinct()
        .order_by("prepared_at", "pk")
    )
    places = naming.place_names(exam, {row.place for row in rows})
    sides = offices.names({code for row in rows for code in (row.sender_code, row.receiver_code)})
    with acting(NATION):  # the people of either side, as the sheet names them
        named = {row.pk: handover_reads.people(row) for row in rows}
    for row in rows:
        made.subjects.add(row.subject)
        if row.proposal_id is not None:
            made.proposals.add(row.proposal_id)
        people = named[row.pk]
        made.proposals |= {p.change_id for p in people if p.change_id}
        yield {
            "handover": row.pk,
            "kind": both(handover_reads.kind_of(exam, row.kind).name),
            "state": row.state,
            "state_words": both(naming.HANDOVER_STATES[row.state]),
            "from": both(sides[row.sender_code]),
            "to": both(sides[row.receiver_code]),
            "place": both(places[row.place]),
            "containers": row.containers,
            "prepared_at": instant(row.prepared_at),
            "counted_at": instant(row.counted_at),
            "ended_at": instant(row.ended_at),
            "receipt_at": instant(row.receipt_at),
            "reason": row.reason,
            "operation": row.operation_id,
            "proposal": row.proposal_id,
            "people": [
                {"name": p.name, "role": both(naming.ROLES[p.role]), "side": both(naming.SIDES[p.side])}
                for p in people
            ],
            "items": [
                {
                    "code": item.code, "seal": item.seal, "seen": item.seen, "seen_words": both(naming.SEEN[item.seen]),
                    "seen_seal": item.seen_seal, "seen_at": instant(item.seen_at), "holds": item.inside,
                }
                for item in row.items.filter(container_id__in=list(found.containers)).order_by("code")
            ],
        }  # fmt: skip
    scans = HandoverScan.objects.filter(container_id__in=list(found.containers)).exclude(photo="")
    made.photos |= set(scans.values_list("photo", flat=True))


def _exceptions(found: Chain, made: Around) -> Iterable[dict[str, Any]]:
    rows = CustodyException.objects.filter(container_id__in=list(found.containers))
    for row in rows.order_by("reported_at", "pk"):
        made.subjects.add(f"exception:{row.pk}")
        made.photos |= {row.photo} - {""}
        yield {
            "exception": row.pk,
            "code": row.code,
            "kind": both(naming.FLAWS.get(row.kind, row.kind)),
            "detail": row.detail,
            "photo": row.photo,
            "told": row.told,
            "handover": row.handover_id,
            "reported_at": instant(row.reported_at),
            "instruction": row.instruction,
            "instructed_at": instant(row.instructed_at),
        }


def _cases(exam: Exam, found: Chain, made: Around) -> Iterable[dict[str, Any]]:
    rows = Case.objects.filter(exam=exam, containers__container_id__in=list(found.containers)).distinct()
    for row in rows.order_by("reported_at", "pk"):
        made.subjects.add(f"case:{row.pk}")
        whole = case_reads.whole(row)
        made.photos |= {photo["sha"] for step in whole.steps for photo in step.photos}
        yield {
            "case": row.pk,
            "kind": row.kind,
            "sort": row.sort,
            "words": row.words,
            "exposed": row.exposed,
            "state": row.state,
            "reported_at": instant(row.reported_at),
            "instruction": row.instruction,
            "instructed_at": instant(row.instructed_at),
            "cause": row.cause,
            "handling": row.handling,
            "closed_at": instant(row.closed_at),
            "containers": [
                {"code": c.container.code, "seal_before": c.seal_before, "seal_after": c.seal_after}
                for c in whole.containers
                if c.container_id in found.containers
            ],
            "steps": [
                {
                    "kind": s.kind, "kind_words": both(STEPS.get(s.kind, s.kind)), "words": s.words, "name": s.name,
                    "people": s.people, "at": instant(s.happened_at), "photos": s.photos,
                }
                for s in whole.steps
            ],
            "isolated": [
                {"name": i.name, "companion": i.companion, "from": instant(i.started_at), "until": instant(i.ended_at)}
                for i in whole.isolations
            ],
        }  # fmt: skip


def _destructions(exam: Exam, found: Chain, made: Around) -> Iterable[dict[str, Any]]:
    asked = Q()
    for pk in found.containers:
        asked |= Q(containers__contains=[pk])
    seen = list(Destruction.objects.filter(asked, exam=exam).values_list("pk", flat=True))
    with acting(NATION):  # who watched, as the record names them
        rows = list(Destruction.objects.filter(pk__in=seen).select_related("head", "officer"))
    for row in sorted(rows, key=lambda row: (row.ordered_at, row.pk)):
        made.subjects.add(f"destruction:{row.pk}")
        made.proposals |= {pk for pk in (row.order_id, row.record_id) if pk is not None}
        yield {
            "destruction": row.pk,
            "place": row.place,
            "method": row.method,
            "papers": row.papers,
            "ordered_at": instant(row.ordered_at),
            "done_at": instant(row.done_at),
            "watched_by": [p.name for p in (row.head, row.officer) if p],
            "staff": row.staff,
        }


def _documents(exam: Exam, made: Around) -> Iterable[dict[str, Any]]:
    """What people were shown and signed, word for word, and who signed it."""
    rows = list(Proposal.objects.filter(exam=exam, pk__in=made.proposals).order_by("proposed_at", "pk"))
    signed = defaultdict(list)
    with acting(NATION):  # the proof of somebody of the other side
        given = Signature.objects.filter(proposal_id__in=[row.pk for row in rows])
        for one in given.select_related("need", "proof"):
            signed[one.proposal_id].append(
                {
                    "name": one.signer_name,
                    "as": both(naming.SIGNS_AS.get(one.need.what) or whose(one.need.what, exam)),
                    "at": instant(one.signed_at),
                    "means": one.proof.means,
                }
            )
    for row in rows:
        made.subjects.add(f"proposal:{row.pk}")
        yield {
            "proposal": row.pk,
            "title": both(row.content.title),
            "state": row.state,
            "sha256": row.seen_hash,
            "text": row.seen,
            "signatures": signed[row.pk],
        }
