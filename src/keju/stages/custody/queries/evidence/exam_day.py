"""What happened to the containers in question on the exam day: issued to rooms, counted back, spares used."""

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Q

from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.stages.custody.models import Container, Issue, JointCount, SpareUse
from keju.stages.custody.queries.evidence.chain import NATION, Chain
from keju.stages.custody.queries.evidence.parts import Around, instant


def issues(exam: Exam, found: Chain, made: Around) -> Iterable[dict[str, Any]]:
    """Both invigilators' receipts for their room's bags."""
    mine = list(
        Issue.objects.filter(_rooms(found.containers.values()), exam=exam).values_list("pk", flat=True)
    )
    with acting(NATION):  # invigilators of whatever office, as the receipt names them
        rows = list(Issue.objects.filter(pk__in=mine).select_related("seal_room", "first", "second"))
    for row in sorted(rows, key=lambda row: (row.at, row.pk)):
        made.proposals.add(row.proposal_id)
        yield {
            "site": row.seal_room.site_code,
            "session": row.seal_room.session,
            "room": row.room,
            "at": instant(row.at),
            "invigilators": [row.first.name, row.second.name],
            "proposal": row.proposal_id,
        }


def counts(exam: Exam, found: Chain, made: Around) -> Iterable[dict[str, Any]]:
    """What came back from a room, as it was counted together."""
    rows = JointCount.objects.filter(_rooms(found.containers.values()), exam=exam).select_related("seal_room")
    for row in rows.order_by("at", "pk"):
        made.proposals.add(row.proposal_id)
        yield {
            "site": row.seal_room.site_code,
            "session": row.seal_room.session,
            "room": row.room,
            "at": instant(row.at),
            "copies": row.copies,
            "present": row.present,
            "absent": row.absent,
            "spares": row.spares,
            "papers": {f: getattr(row, f"papers_{f}") for f in ("used", "unused", "defective", "missing")},
            "cards": {f: getattr(row, f"cards_{f}") for f in ("used", "unused", "defective", "missing")},
            "differences": row.differences,
            "proposal": row.proposal_id,
        }


def spares(exam: Exam, found: Chain, made: Around) -> Iterable[dict[str, Any]]:
    """Lines of the book of spare papers: of these spare bags, and of these rooms' bags."""
    ids = list(found.containers)
    rows = SpareUse.objects.filter(Q(spare_id__in=ids) | Q(bag_id__in=ids), exam=exam)
    for row in rows.select_related("spare", "bag").order_by("at", "pk"):
        made.proposals.add(row.proposal_id)
        yield {
            "spare": row.spare.code,
            "spare_serial": row.spare_serial,
            "bag": row.bag.code,
            "defective_serial": row.defective_serial,
            "room": row.room,
            "defect": row.defect,
            "note": row.note,
            "at": instant(row.at),
            "proposal": row.proposal_id,
        }


def _rooms(containers: Collection[Container]) -> Q:
    """The rooms whose bags these are; nothing if they are of none."""
    asked = Q(pk=None)
    for c in containers:
        if c.room:
            asked |= Q(seal_room__site_code=c.site_code, seal_room__session=c.session, room=c.room)
    return asked
