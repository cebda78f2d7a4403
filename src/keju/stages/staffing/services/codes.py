"""The sheet of signing codes: taken by the person behind their link, or handed over by the office where they serve."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from keju.kernel.accounts import queries as accounts
from keju.kernel.accounts.services import issue_signing_sheets, void_signing_codes
from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.rulebook import Refusal, RuleRefused, enforce
from keju.stages.staffing import events, queries
from keju.stages.staffing.models import Appointment, Invitation, State
from keju.stages.staffing.queries import Invited
from keju.stages.staffing.services.appointing import clauses, post_of, record_about
from keju.stages.staffing.services.people import NATION

MOST = 60
"""Sheets made at a time: each code is hashed slowly."""


@dataclass(frozen=True)
class CodeSheet:
    """What is printed and given to its owner; it stands nowhere else."""

    name: str
    employer: str
    codes: Sequence[str]


@dataclass(frozen=True)
class CodeSheets:
    """The sheets in the order asked for; `by_device`: who needs none."""

    sheets: Sequence[CodeSheet]
    by_device: Sequence[str] = ()


@write(None)
def take_codes(*, invited: Invited, by: Actor, at: datetime) -> CodeSheets:
    """The person behind the link has their sheet, once; a sheet before it is void. `by` is that person.

    Whoever printed the link could have taken it in their place, and is its issuer.
    """
    with acting(NATION):
        link = Invitation.objects.select_for_update().get(pk=invited.invitation_id)
        found = Appointment.objects.select_for_update(of=["self"]).select_related("exam", "member__person")
        row = found.get(pk=link.appointment_id)
        rule = invited.post.rule
        taken = link.codes_at is not None
        enforce([Refusal(rule, "staffing_codes_taken")] if taken else [])
        answered = row.state == State.ACCEPTED and link.used_at is not None
        enforce([] if answered else [Refusal(rule, "staffing_codes_not_accepted")])
        person = row.member.person
        device = bool(accounts.with_devices([person.pk]))
        enforce([Refusal(rule, "staffing_codes_device")] if device else [])
        link.codes_at = at
        link.save(update_fields=["codes_at"])
        seen_by = _person_id(link.made_by) if link.printed else None
        codes = issue_signing_sheets(person_ids=[person.pk], seen_by=seen_by, by=by, at=at)
        record_about(events.CODES_TAKEN, row, by, at)
    return CodeSheets([CodeSheet(person.name, person.employer, codes[person.pk])])


@write("staffing:appointment:make")
def hand_codes(*, exam: Exam, appointment_ids: Sequence[int], by: Actor, at: datetime) -> CodeSheets:
    """Each of these people who have accepted has a new sheet, to be handed over; their sheets before are void.

    The office has seen it: at its hands the codes prove nothing, and it takes no part in a proposal beside the owner.
    """
    ids = list(dict.fromkeys(appointment_ids))
    rows = _accepted(exam, ids, by)
    if len(ids) > MOST:
        raise RuleRefused([Refusal(rows[0].rule, "staffing_codes_many", {"most": MOST})])
    people = {row.appointment.member.person_id: row.appointment.member.person for row in rows}
    devices = accounts.with_devices(list(people))
    given = [pk for pk in people if pk not in devices]
    if not given:
        raise RuleRefused([Refusal(rows[0].rule, "staffing_codes_device")])
    before = accounts.signing_sheets(given)
    codes = issue_signing_sheets(person_ids=given, by=by, at=at)
    record(
        events.CODES_HANDED,
        by=by,
        at=at,
        exam=exam.slug,
        subject=f"appointment:{ids[0]}" if len(ids) == 1 else "appointments",
        office_path=rows[0].appointment.office_path if len(ids) == 1 else by.office_path,
        rules=clauses(exam, [row.appointment.post for row in rows]),
        data={"count": len(given), "replaced": len(before), "appointments": ids},
    )
    sheets = [CodeSheet(people[pk].name, people[pk].employer, codes[pk]) for pk in given]
    return CodeSheets(sheets, [people[pk].name for pk in people if pk in devices])


@write("staffing:appointment:make")
def void_codes(*, exam: Exam, appointment_id: int, by: Actor, at: datetime) -> None:
    """The person's sheet was lost or seen: none of its codes counts any more."""
    [one] = _accepted(exam, [appointment_id], by)
    void_signing_codes(person_id=one.appointment.member.person_id, by=by, at=at)
    record_about(events.CODES_VOIDED, one.appointment, by, at)


@dataclass(frozen=True)
class _Accepted:
    appointment: Appointment
    rule: str


def _accepted(exam: Exam, ids: Sequence[int], by: Actor) -> list[_Accepted]:
    """The appointments in order; hidden if one is outside the actor's scope, refused if one is not accepted."""
    found = Appointment.objects.select_related("member__person", "exam")
    by_id = found.filter(exam=exam, **queries.under(by.office_path or "-")).in_bulk(list(ids))
    if not ids or len(by_id) != len(ids):
        raise NotPermitted("staffing:appointment:make", hidden=True)
    rows = [_Accepted(by_id[pk], post_of(exam, by_id[pk].post).rule) for pk in ids]
    enforce(
        Refusal(row.rule, "staffing_codes_not_accepted")
        for row in rows
        if row.appointment.state != State.ACCEPTED
    )
    return rows


def _person_id(ref: str) -> int | None:
    number = ref.removeprefix("person:")
    return int(number) if number.isdigit() else None
