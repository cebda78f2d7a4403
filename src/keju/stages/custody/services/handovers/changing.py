"""Somebody else than who was named: only by the unit's leader's signed consent, shown at the handover (V11.3.2)."""

from datetime import datetime, timedelta

from keju.kernel.approvals import services as approvals
from keju.kernel.approvals.content import Content
from keju.kernel.approvals.effects import carries_out
from keju.kernel.approvals.models import Proposal
from keju.kernel.approvals.needing import Need
from keju.kernel.audit import NotPermitted, Stale, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office, path_of
from keju.rulebook import Refusal, enforce
from keju.rulebook.words import t
from keju.stages.custody import events
from keju.stages.custody.models import Handover, HandoverPerson
from keju.stages.custody.queries import handovers as reads
from keju.stages.custody.queries.naming import ROLES
from keju.stages.custody.queries.stores import humans_by_person
from keju.stages.custody.rules.handovers import LIVING
from keju.stages.custody.services.handovers.noting import noted
from keju.stages.custody.services.handovers.preparing import locked
from keju.stages.custody.services.handovers.scanning import recount

KIND = "custody.handover.change"
LASTS = timedelta(days=7)
LEADERS = {
    "centre": "centre_leader",
    "region": "region_leader",
    "point": "point_leader",
    "site": "point_leader",
}
CHANGED = "named people changed"


@write("custody:handover:make")
def ask_change(
    *, exam: Exam, handover_id: int, leaves_id: int, person_id: int, reason: str, by: Actor, at: datetime
) -> Proposal:
    """The change waits for the signature of the leader of the side's office. `leaves_id`: the named person's row."""
    row = locked(exam, handover_id, by, *LIVING)
    leaves = row.people.filter(left=False, pk=leaves_id).first()
    comes = None if leaves is None else _able(exam, row, leaves).get(person_id)
    if leaves is None or comes is None:
        enforce([Refusal("V11.3.2", "handover_change_whom", field="person")])
        raise Stale
    if by.role != "system" and by.office_code != reads.side_code(row, leaves.side):
        raise NotPermitted
    if not reason.strip():
        enforce([Refusal("V11.3.2", "handover_change_reason", field="reason")])
    unit = office(reads.side_code(row, leaves.side))
    leader = LEADERS[str(unit.kind)]
    proposal = approvals.propose(
        kind=KIND,
        subject=f"{row.subject}:{leaves.pk}:{person_id}",
        exam=exam,
        office_path=row.office_path,
        content=Content(
            title=t("交接换人（{n}号）", "Another person at handover no. {n}").format(n=row.pk),
            facts=[
                (t("交接", "Handover"), reads.kind_of(exam, row.kind).name),
                (t("单位", "Office"), unit.name),
                (t("角色", "Part"), ROLES[leaves.role]),
                (t("原定", "Named"), leaves.name),
                (t("换为", "Comes instead"), comes.name),
                (t("原因", "Reason"), reason.strip()[:300]),
            ],
            place="custody-handover",
            place_args={"exam": exam.slug, "handover_id": row.pk},
        ),
        needs=[
            Need(leader, at_path=unit.path if unit.kind != "site" else path_of(unit.code.partition("-")[0]))
        ],
        expires_at=at + LASTS,
        rules=["V11.3.2"],
        by=by,
        at=at,
    )
    noted(
        events.HANDOVER_CHANGE_ASKED, row, by, at, {"proposal": proposal.pk, "person": person_id}, ["V11.3.2"]
    )
    return proposal


@carries_out(KIND, t("交接换人", "Another person at a handover"))
@write(None)
def change(*, proposal: Proposal, by: Actor, at: datetime) -> HandoverPerson:
    """The one leaves, the other is named in the same part, by this consent; signatures given so far count no more."""
    exam = proposal.exam
    assert exam is not None
    _, number, leaves_id, person_id = proposal.subject.split(":")
    row = locked(exam, int(number), by, *LIVING)
    approvals.consume(
        proposal_id=proposal.pk, kind=KIND, subject=proposal.subject, content_hash=proposal.content_hash, by=by, at=at
    )  # fmt: skip
    leaves = row.people.filter(left=False, pk=int(leaves_id)).first()
    comes = None if leaves is None else _able(exam, row, leaves).get(int(person_id))
    if leaves is None or comes is None:
        raise Stale
    if row.state == "signing":
        recount(row, CHANGED, at)
    leaves.left = True
    leaves.save(update_fields=["left"])
    named = HandoverPerson.objects.create(
        handover=row, office_path=row.office_path, side=leaves.side, role=leaves.role, person_id=comes.person_id,
        name=comes.name, post=comes.post, answers=leaves.answers, change=proposal,
    )  # fmt: skip
    data = {"leaves": leaves.person_id, "comes": comes.person_id, "proposal": proposal.pk}
    noted(events.HANDOVER_CHANGED, row, by, at, data, ["V11.3.2"])
    return named


def _able(exam: Exam, row: Handover, leaves: HandoverPerson) -> dict[int, reads.Candidate]:
    """Who may come instead: able to take the part, and not named already."""
    need = reads.kind_of(exam, row.kind).role(leaves.side, leaves.role)
    if need is None:
        return {}
    found = reads.candidates(exam, reads.side_code(row, leaves.side), need)
    named = {p.person_id for p in reads.people(row)}
    humans = humans_by_person([*named, *(c.person_id for c in found)])
    there = {humans[p] for p in named}
    return {c.person_id: c for c in found if humans[c.person_id] not in there}
