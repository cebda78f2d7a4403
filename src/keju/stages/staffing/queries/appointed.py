"""Who is appointed: in force, still asked, and behind a one-time link."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from keju.kernel.accounts.queries import SheetStanding, signing_sheets, with_devices
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.looking import once_for_all
from keju.rulebook.model import Post
from keju.stages.staffing.models import LIVING, Appointment, Hit, Invitation, State
from keju.stages.staffing.queries.people import under

BARRING = (Hit.State.OPEN, Hit.State.UPHELD)
NATION = Actor.system("staffing")


@dataclass(frozen=True)
class Appointed:
    """An appointment as lists show one."""

    id: int
    member_id: int
    name: str
    employer: str
    post: str
    office_code: str
    building: str
    floor: int | None
    room: int | None
    substitute: bool
    state: str
    version: int
    replaces_id: int | None
    reason: str
    answered: str
    scan: str


def appointed(
    exam: Exam, path: str, *, post: str = "", state: str = "", name: str = "", after: int = 0, size: int = 50
) -> list[Appointed]:
    """The next `size` living appointments at and under the path after the id `after`, of one post or state, or all."""
    found = _matching(exam, path, post=post, state=state, name=name).filter(pk__gt=after)
    return [_row(a) for a in found.select_related("member__person").order_by("pk")[:size]]


def unanswered(exam: Exam, path: str, *, post: str = "", state: str = "", name: str = "") -> list[int]:
    """Ids of all that `appointed` would list page by page and whose person has not answered yet."""
    found = _matching(exam, path, post=post, state=state, name=name)
    return list(
        found.filter(state__in=(State.PROPOSED, State.INVITED)).order_by("pk").values_list("pk", flat=True)
    )


def _matching(exam: Exam, path: str, *, post: str, state: str, name: str) -> QuerySet[Appointment]:
    found = Appointment.objects.filter(exam=exam, **under(path))
    found = found.filter(state=state) if state else found.filter(state__in=LIVING)
    found = found.filter(post=post) if post else found
    return found.filter(member__person__name__icontains=name.strip()) if name.strip() else found


def state_counts(exam: Exam, path: str) -> dict[str, int]:
    """State → appointments at and under the path."""
    found = Appointment.objects.filter(exam=exam, **under(path)).values("state").order_by("state")
    return dict(found.annotate(n=Count("pk")).values_list("state", "n"))


def appointment(exam: Exam, appointment_id: int, *, viewer: Actor) -> Appointment:
    """One in the viewer's scope; `Appointment.DoesNotExist` otherwise."""
    found = Appointment.objects.select_related("member__person", "exam")
    return found.get(exam=exam, pk=appointment_id, **under(viewer.office_path or "-"))


def appointments_in_force(exam: Exam, path: str) -> QuerySet[Appointment]:
    """Accepted, and barred neither by a recusal hit, open or upheld, nor by an employer of the sector: these may do duty."""
    found = Appointment.objects.filter(exam=exam, state=State.ACCEPTED, **under(path))
    return found.exclude(member_id__in=barred_members(exam)).exclude(
        member__in_sector=True, post__in=closed_posts(exam)
    )


def in_force(a: Appointment) -> bool:
    """Whether this appointment is one of those."""
    with acting(NATION):
        return appointments_in_force(a.exam, a.office_path).filter(pk=a.pk).exists()


def closed_posts(exam: Exam) -> list[str]:
    """Posts closed to people of the sector (V2.7)."""
    return [post.code for post in exams.programme(exam).posts if post.needs.sector_ban]


@once_for_all
def barred_members(exam: Exam) -> list[int]:
    """Whom a recusal hit bars, wherever in the nation: an inspector's hit stands with their home office."""
    with acting(NATION):
        return sorted(
            set(Hit.objects.filter(exam=exam, state__in=BARRING).values_list("member_id", flat=True))
        )


def confidential_officers(exam: Exam, office_code: str, path: str) -> int:
    """How many confidential officers of that office itself are in force (V2.6)."""
    posts = [p.code for p in exams.programme(exam).posts if p.rule == "V2.6"]
    found = appointments_in_force(exam, path).filter(
        post__in=posts, office_code=office_code, substitute=False
    )
    return found.count()


@dataclass(frozen=True)
class Invited:
    """What a one-time link opens: `state` is "open", "answered", "expired" or "ended"."""

    invitation_id: int
    appointment: Appointment
    exam: Exam
    post: Post
    name: str
    state: str

    @property
    def actor(self) -> Actor:
        """The person behind the link, acting for themselves and nothing else."""
        member = self.appointment.member
        return Actor(f"person:{member.person_id}", self.name, "member", person_id=member.person_id)


@dataclass(frozen=True)
class Signing:
    """How somebody in a post signs: by the `device` of their sign-in, or by a `sheet` of codes, taken by their link or not."""

    device: bool
    sheet: SheetStanding | None
    taken: bool


def signing(a: Appointment) -> Signing:
    """How the person of this appointment signs."""
    person = a.member.person_id
    with acting(NATION):
        taken = Invitation.objects.filter(appointment=a, codes_at__isnull=False, ended_at=None).exists()
    return Signing(bool(with_devices([person])), signing_sheets([person]).get(person), taken)


def token_hash(token: str) -> bytes:
    """What stands in the table in the token's place."""
    return hashlib.sha256(token.encode()).digest()


def invited(exam: Exam, token: str, *, at: datetime) -> Invited | None:
    """What the token opens; None if nobody was ever sent it."""
    with acting(NATION):
        rows = Invitation.objects.select_related("appointment__member__person", "appointment__exam")
        row = rows.filter(token_hash=token_hash(token), appointment__exam=exam).first()
        if row is None:
            return None
        a = row.appointment
        post = exams.programme(exam).post(a.post)
        if post is None:
            return None
        return Invited(row.pk, a, exam, post, a.member.person.name, _state(row, at))


def _state(row: Invitation, at: datetime) -> str:
    if row.appointment.state == State.ENDED:
        return "ended"
    if row.used_at is not None:
        return "answered"
    if row.ended_at is not None or row.appointment.state != State.INVITED:
        return "ended"
    return "expired" if row.expires_at <= at else "open"


def _row(a: Appointment) -> Appointed:
    return Appointed(
        a.pk, a.member_id, a.member.person.name, a.member.person.employer, a.post, a.office_code, a.building, a.floor,
        a.room, a.substitute, a.state, a.version, a.replaces_id, a.reason, a.answered, a.scan,
    )  # fmt: skip
