"""Papers were signed for where they may not stay: whoever receives them next is told at once (V11.2.1, V11.2.3)."""

from collections.abc import Collection
from datetime import datetime

from keju.kernel.audit import record, write
from keju.kernel.exams.models import Exam
from keju.kernel.notices.services.offices import deliver
from keju.kernel.offices import Actor
from keju.rulebook.handovers import HandoverKind
from keju.rulebook.words import Words, t
from keju.stages.custody import events
from keju.stages.custody.models import Handover
from keju.stages.custody.queries import handovers as reads
from keju.stages.custody.queries.naming import ROLES, place_names
from keju.stages.custody.services.handovers.preparing import inbox_of

TITLE = t("{place}有{n}件试卷，请接收", "{place}: {n:container waits|containers wait} to be received")
BODY = t(
    "{place}已签收{n}件（应交{expected}件），交接单{number}号。\n{people}\n"
    "下一步：在“试卷—交接—准备交接”中选“{next}”，到场清点签字（{rule}）。",
    "{place}: {n} of {expected} expected are signed for, sheet no. {number}.\n{people}\n"
    "Next: under Papers, Handovers, prepare “{next}”, then count and sign on the spot ({rule}).",
)
ONE = t("{role}：{names}", "{role}: {names}")
NOBODY = t("尚无可上岗的人，请先任用", "nobody in force; appoint somebody first")


@write(None)
def inform(
    *, exam: Exam, row: Handover, after: HandoverKind, container_ids: Collection[int], by: Actor, at: datetime
) -> None:
    """The office that receives next has the notice: how many containers, the sheet's number, whom it calls, what comes `after`.

    `container_ids`: those that were handed over; the programme says which roles of the kind that follows are named.
    """
    kind = reads.kind_of(exam, row.kind)
    called = _called(exam, kind, after, row.receiver_code)
    place = place_names(exam, [row.place])[row.place]
    deliver(
        exam=exam,
        title=TITLE.format(place=place, n=len(container_ids)),
        body=BODY.format(
            place=place, n=len(container_ids), expected=row.containers,
            number=row.pk, people=_lines(called), next=after.name, rule=kind.rule,
        ),
        to=[inbox_of(row.receiver_code)],
        kind="custody",
        by=by,
        at=at,
    )  # fmt: skip
    people = sorted({one.person_id for found in called.values() for one in found})
    record(
        events.RECEIVER_INFORMED, by=by, at=at, subject=row.subject, exam=exam.slug, office_path=row.office_path,
        rules=[kind.rule],
        data={"to": row.receiver_code, "people": people, "containers": len(container_ids), "next": after.code},
    )  # fmt: skip


def _called(
    exam: Exam, kind: HandoverKind, after: HandoverKind, office_code: str
) -> dict[str, list[reads.Candidate]]:
    """Role → who may take it in the next handover, in force at the office where the containers are now."""
    wanted = [need for need in after.people if need.role in kind.informs]
    return {need.role: reads.candidates(exam, office_code, need) for need in wanted}


def _lines(called: dict[str, list[reads.Candidate]]) -> Words:
    lines = [
        ONE.format(role=ROLES[role], names=list(dict.fromkeys(c.name for c in found)) or NOBODY)
        for role, found in called.items()
    ]
    return t("\n".join(line.zh for line in lines), "\n".join(line.en for line in lines))
