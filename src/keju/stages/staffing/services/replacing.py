"""Somebody else in a post: at once while there is time, in the last days with the leader's signed consent."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from keju.kernel.approvals import services as approvals
from keju.kernel.approvals.content import Content
from keju.kernel.approvals.effects import carries_out
from keju.kernel.approvals.models import Proposal
from keju.kernel.approvals.needing import Need
from keju.kernel.audit import NotPermitted, write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import office
from keju.rulebook import Refusal, RuleRefused, enforce
from keju.rulebook.words import t
from keju.stages.staffing import events, queries
from keju.stages.staffing.models import Appointment, Member, State
from keju.stages.staffing.services.appointing import (
    NewAppointment,
    finish,
    held,
    is_vacated,
    lock_posts,
    make,
    post_of,
    record_about,
    short_notice,
)
from keju.stages.staffing.services.people import NATION

KIND = "staffing.replacement"
TITLE = t("临时更换考务人员", "Replacing somebody at short notice")
# Whose consent: the leader of the office that fills the post, so that no point's leader replaces who was sent to watch it.
LEADERS = {"region": "region_leader", "point": "point_leader"}


@dataclass(frozen=True)
class Replaced:
    """The new appointment; or the proposal that waits for the leader."""

    appointment_id: int | None = None
    proposal_id: int | None = None


@write("staffing:appointment:make")
def replace(
    *, exam: Exam, appointment_id: int, version: int, member_id: int, reason: str, by: Actor, at: datetime
) -> Replaced:
    """Another member takes the post and the former is ended for this reason; or, within the last days and where somebody had
    accepted, it waits for the leader's consent and nothing has changed yet. Who was ended in these days is replaced so, too."""
    row = held(exam, appointment_id, version, by)
    member = Member.objects.select_related("person").filter(pk=member_id).first()
    if member is None:
        raise NotPermitted("staffing:appointment:make", hidden=True)
    enforce([Refusal("V2.8", "staffing_no_reason", field="reason")] if not reason.strip() else [])
    if member_id == row.member_id:
        raise RuleRefused(
            [Refusal("V2.8", "staffing_same_person", {"name": member.person.name}, field="member")]
        )
    vacated = is_vacated(row, at)
    if not vacated and (row.state != State.ACCEPTED or not short_notice(exam, row.office_path, at)):
        return Replaced(appointment_id=put_in(row=row, member_id=member_id, reason=reason, by=by, at=at))
    proposal = _proposed(exam, row, member, reason, by, at)
    record_about(events.REPLACEMENT_ASKED, row, by, at, proposal=proposal.pk, successor=member_id)
    return Replaced(proposal_id=proposal.pk)


@write(None)
def put_in(*, row: Appointment, member_id: int, reason: str, by: Actor, at: datetime) -> int:
    """The former appointment is ended; a substitute of that post who has accepted stands in at once, anybody else is proposed."""
    new = NewAppointment(
        member_id, row.post, row.office_code, row.building, row.floor, row.room, row.substitute
    )
    lock_posts(row.exam, [new])
    if row.state != State.ENDED:
        finish(row, "end", by=by, at=at, reason=reason)
    ready = Appointment.objects.select_for_update().filter(
        exam=row.exam, member_id=member_id, post=row.post, office_code=row.office_code, substitute=True, state=State.ACCEPTED
    )  # fmt: skip
    stand_in = ready.first()
    if stand_in is not None:
        stand_in.substitute, stand_in.replaces, stand_in.version = row.substitute, row, stand_in.version + 1
        stand_in.building, stand_in.floor, stand_in.room = row.building, row.floor, row.room
        stand_in.save(update_fields=["substitute", "replaces", "version", "building", "floor", "room"])
        new_id = stand_in.pk
    else:
        [new_id] = make(exam=row.exam, appointments=[new], replaces=row, reason="", by=by, at=at)
    record_about(events.APPOINTMENT_REPLACED, row, by, at, successor=member_id, appointment=new_id)
    return new_id


def _proposed(exam: Exam, row: Appointment, member: Member, reason: str, by: Actor, at: datetime) -> Proposal:
    post = post_of(exam, row.post)
    leader = LEADERS.get(post.appointed_by, post.appointed_by)
    content = Content(
        title=TITLE,
        facts=[
            (t("岗位", "Post"), post.name),
            (t("地点", "Place"), office(row.office_code).name),
            (t("原任", "Until now"), row.member.person.name),
            (t("接替", "Instead"), member.person.name),
            (t("接替者单位", "Employer"), member.person.employer or "—"),
            (t("原因", "Reason"), reason.strip()),
        ],
        place="staffing-replacement",
        place_args={"appointment": row.pk, "member": member.pk},
    )
    return approvals.propose(
        kind=KIND,
        subject=f"appointment:{row.pk}",
        exam=exam,
        office_path=row.office_path,
        content=content,
        needs=[Need(leader)],
        expires_at=_until(exam, row.office_path, at),
        rules=[post.rule],
        by=by,
        at=at,
    )


def _until(exam: Exam, office_path: str, at: datetime) -> datetime:
    """A consent is good until the exam is over, at least a day."""
    day = exams.milestone(exam, "exam_day", office_path) or at
    return max(day, at) + timedelta(days=1)


@carries_out(KIND, TITLE)
@write(None)
def carry_out(*, proposal: Proposal, by: Actor, at: datetime) -> int:
    """The leader has consented: the replacement takes place as it was seen. Stale if the former appointment is over."""
    content = proposal.content
    ids = content.place_args
    found = Appointment.objects.select_for_update(of=["self"]).select_related("member__person", "exam")
    row = found.get(exam=proposal.exam, pk=int(ids["appointment"]), **queries.under(by.office_path or "-"))
    approvals.consume(
        proposal_id=proposal.pk, kind=KIND, subject=proposal.subject, content_hash=proposal.content_hash, by=by, at=at
    )  # fmt: skip
    reason = next(value for name, value in content.facts if str(name) in ("原因", "Reason"))
    with acting(NATION):  # the leader need not know the successor's home office: who proposed did
        return put_in(row=row, member_id=int(ids["member"]), reason=str(reason), by=by, at=at)
