"""A member's shifts in their own calendar, by a link that works once."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.calendar import icalendar
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.rulebook.words import t
from keju.stages.staffing import events
from keju.stages.staffing.models import CalendarLink, Roster
from keju.stages.staffing.queries import rosters as queries
from keju.stages.staffing.queries.appointed import token_hash
from keju.stages.staffing.queries.rosters import Appearance

LASTS = timedelta(days=14)
NAME = t("{exam} 值守", "{exam}: duty")


@dataclass(frozen=True)
class Given:
    """A link for one member: the token is shown this once."""

    name: str
    token: str


def calendar_of(exam: Exam, shown: Sequence[Appearance]) -> bytes:
    """The calendar file of these shifts: ids stay the same, changes count up, what was struck out is cancelled."""
    return icalendar.calendar(
        str(NAME.format(exam=exam.name)),
        (
            icalendar.Entry(
                f"{a.uid}@{exam.slug}.keju", a.sequence, a.starts_at, a.ends_at, a.published_at, str(a.title), a.place,
                cancelled=a.gone,
            )
            for a in shown
        ),
    )  # fmt: skip


@write("staffing:roster:make")
def give_calendar_links(*, exam: Exam, roster_id: int, by: Actor, at: datetime) -> list[Given]:
    """Everybody on the roster as published has a link to all their own shifts, good once and for two weeks."""
    one = queries.roster(exam, roster_id, viewer=by)
    members = queries.calendar_members(exam, one)
    given, rows = [], []
    for member in members:
        token = secrets.token_urlsafe(24)
        given.append(Given(member.person.name, token))
        rows.append(
            CalendarLink(
                exam=exam,
                member=member,
                office_path=one.office_path,
                token_hash=token_hash(token),
                expires_at=at + LASTS,
                made_by=by.ref,
                made_at=at,
            )
        )
    CalendarLink.objects.bulk_create(rows, batch_size=500)
    _event(events.CALENDAR_LINKED, exam, one, [m.pk for m in members], by, at)
    return given


def link_state(exam: Exam, token: str, at: datetime) -> str:
    """ "open", "used", "expired", or "unknown": what the page of a link says before it is taken."""
    with acting(queries.NATION):
        row = CalendarLink.objects.filter(exam=exam, token_hash=token_hash(token)).first()
    if row is None:
        return "unknown"
    if row.used_at is not None:
        return "used"
    return "expired" if row.expires_at <= at else "open"


@write(None)
def take_calendar(*, exam: Exam, token: str, by: Actor, at: datetime) -> bytes:
    """The member's calendar; the link is used up. NotPermitted (hidden) for one that is unknown, used or expired."""
    with acting(queries.NATION):
        row = (
            CalendarLink.objects.select_for_update(of=("self",))
            .filter(exam=exam, token_hash=token_hash(token), used_at=None, expires_at__gt=at)
            .first()
        )
        if row is None:
            raise NotPermitted(hidden=True)
        row.used_at = at
        row.save(update_fields=["used_at"])
        shown = queries.appearances(exam, queries.member_shifts(exam, row.member_id), named=False)
        record(
            events.CALENDAR_TAKEN,
            by=by,
            at=at,
            subject=f"member:{row.member_id}",
            exam=exam.slug,
            office_path=row.office_path,
            rules=[queries.DUTY_RULE],
            data={"shifts": len(shown)},
        )
    return calendar_of(exam, shown)


def _event(kind: str, exam: Exam, one: Roster, members: Sequence[int], by: Actor, at: datetime) -> None:
    record(
        kind,
        by=by,
        at=at,
        subject=f"roster:{one.pk}",
        exam=exam.slug,
        office_path=one.office_path,
        rules=[queries.DUTY_RULE],
        data={"members": list(members)[:200], "count": len(members)},
    )
