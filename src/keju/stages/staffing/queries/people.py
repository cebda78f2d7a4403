"""Reading the registry: the viewer's own members and whoever serves at the viewer's offices."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from keju.algorithms.identity import mask
from keju.kernel.accounts.queries import identity_index
from keju.kernel.accounts.sealed import index_of
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.stages.registration.queries import mask_phone
from keju.stages.staffing.models import LIVING, Appointment, Member
from keju.stages.staffing.rules import NewMember

PAGE = 50


@dataclass(frozen=True)
class MemberFilters:
    """What a list is narrowed to; `text` is a part of the name or employer, an identity number or a telephone number.

    `post`: who holds it in this exam; `state`: "unposted", "lacking" (employer or telephone, P5.2), "sector", "left".
    """

    text: str = ""
    post: str = ""
    state: str = ""


@dataclass(frozen=True)
class Held:
    """A living appointment in brief."""

    id: int
    member_id: int
    post: str
    office_code: str
    state: str
    substitute: bool


@dataclass(frozen=True)
class MemberRow:
    """A member as lists show one: identity number and telephone are masked."""

    id: int
    name: str
    identity_masked: str
    sex: str
    employer: str
    phone_masked: str
    in_sector: bool
    permanent: bool
    office_path: str
    left_on: date | None
    version: int
    held: tuple[Held, ...] = ()


def member_rows(
    *, viewer: Actor, exam: Exam, filters: MemberFilters, after: int = 0, size: int = PAGE
) -> list[MemberRow]:
    """The next `size` members after the id `after`, in id order (keyset paging), with what they hold in this exam."""
    found = list(_filtered(viewer, exam, filters).filter(pk__gt=after).order_by("pk")[:size])
    held = held_by(exam, [m.pk for m in found])
    return [_row(m, held.get(m.pk, ())) for m in found]


def member_total(*, viewer: Actor, exam: Exam, filters: MemberFilters, limit: int = 10_000) -> int:
    """How many match, counted no further than `limit` + 1."""
    return _filtered(viewer, exam, filters)[: limit + 1].count()


def member(member_id: int, *, viewer: Actor) -> Member:
    """One member in the viewer's scope; `Member.DoesNotExist` otherwise."""
    return Member.objects.select_related("person").get(pk=member_id)


def member_row(member_id: int, *, viewer: Actor, exam: Exam) -> MemberRow:
    """As `member`, masked, with what they hold in this exam."""
    held = held_by(exam, [member_id])
    return _row(member(member_id, viewer=viewer), held.get(member_id, ()))


def exported_members(
    *, viewer: Actor, exam: Exam, filters: MemberFilters
) -> Iterator[tuple[Member, tuple[Held, ...]]]:
    """Every matching member with what they hold, in id order."""
    found = list(_filtered(viewer, exam, filters).order_by("pk"))
    held = held_by(exam, [m.pk for m in found])
    return ((m, held.get(m.pk, ())) for m in found)


def held_by(exam: Exam, member_ids: Collection[int]) -> dict[int, tuple[Held, ...]]:
    """Member → living appointments in this exam, as far as the scope shows them."""
    found: dict[int, list[Held]] = {}
    rows = Appointment.objects.filter(exam=exam, member_id__in=member_ids, state__in=LIVING).order_by("pk")
    for row in rows.values_list("pk", "member_id", "post", "office_code", "state", "substitute"):
        found.setdefault(row[1], []).append(Held(*row))
    return {pk: tuple(held) for pk, held in found.items()}


def facts_of(member_ids: Sequence[int]) -> dict[int, NewMember]:
    """Id → the member as `rules.NewMember`, in clear."""
    return {m.pk: facts(m) for m in Member.objects.select_related("person").filter(pk__in=member_ids)}


def facts(row: Member) -> NewMember:
    """The member as entered, in clear."""
    return NewMember(
        row.person.name, row.identity, row.sex, row.person.employer, row.person.phone, row.in_sector,
        row.permanent, row.languages, row.certificates, row.sector_sure,
    )  # fmt: skip


def facts_for(row: Member, *, viewer: Actor) -> NewMember:
    """As `facts`; the numbers of somebody of another office, who only serves at the viewer's, masked."""
    whole = facts(row)
    if row.office_path.startswith(viewer.office_path or "-"):
        return whole
    return replace(whole, identity=mask(whole.identity), phone=mask_phone(whole.phone))


@dataclass(frozen=True)
class Year:
    """An appointment of a member in some exam, as its page tells it."""

    exam: str
    year: int
    post: str
    programme: str
    office_code: str
    state: str
    substitute: bool
    reason: str
    made_at: datetime
    decided_at: datetime | None
    appointment_id: int


def years_of(member_id: int, *, viewer: Actor) -> list[Year]:
    """Everything that the member was appointed to, newest first, as far as the scope shows it."""
    rows = Appointment.objects.select_related("exam").filter(member_id=member_id).order_by("-pk")
    return [
        Year(
            a.exam.slug, a.exam.year, a.post, a.exam.programme, a.office_code, a.state, a.substitute, a.reason, a.made_at,
            a.decided_at, a.pk,
        )
        for a in rows
    ]  # fmt: skip


def lacking_members(exam: Exam, path: str) -> QuerySet[Member]:
    """Who holds a post under the path, and of whom the employer or the telephone is not collected (P5.2)."""
    held = Appointment.objects.filter(exam=exam, member=OuterRef("pk"), state__in=LIVING, **under(path))
    return Member.objects.filter(Exists(held), _LACKING)


def lacking_counts(exam: Exam, path: str) -> dict[str, int]:
    """Office path → how many who hold a post there are not completely known (P5.2); one statement."""
    held = Appointment.objects.filter(exam=exam, state__in=LIVING, **under(path)).values("office_path")
    lacking = Q(member__person__phone=b"") | Q(member__person__employer="")
    found = held.annotate(n=Count("member", filter=lacking, distinct=True)).order_by("office_path")
    return dict(found.values_list("office_path", "n"))


def under(path: str) -> dict[str, str]:
    return {"office_path__gte": path, "office_path__lt": path + "~"}


_LACKING = Q(person__phone=b"") | Q(person__employer="")


def _filtered(viewer: Actor, exam: Exam, filters: MemberFilters) -> QuerySet[Member]:
    mine = Appointment.objects.filter(
        exam=exam, member=OuterRef("pk"), state__in=LIVING, **under(viewer.office_path)
    )
    found = Member.objects.select_related("person").filter(Q(**under(viewer.office_path)) | Exists(mine))
    if filters.post:
        found = found.filter(Exists(mine.filter(post=filters.post)))
    if filters.state == "left":
        return found.exclude(left_on=None)
    found = found.filter(left_on=None)
    if filters.state == "unposted":
        found = found.filter(~Exists(mine))
    elif filters.state == "lacking":
        found = found.filter(_LACKING)
    elif filters.state == "sector":
        found = found.filter(in_sector=True)
    return found.filter(_says(filters.text.strip())) if filters.text.strip() else found


def _says(text: str) -> Q:
    compact = "".join(text.split()).replace("-", "").upper()
    if compact.isascii() and len(compact) == 18 and compact[:17].isdigit():
        return Q(identity_index=identity_index(compact))
    if compact.isascii() and compact.isdigit() and len(compact) == 11:
        return Q(phone_index=index_of(compact, "phone"))
    return Q(person__name__icontains=text) | Q(person__employer__icontains=text)


def _row(m: Member, held: tuple[Held, ...]) -> MemberRow:
    return MemberRow(
        m.pk, m.person.name, mask(m.identity), m.sex, m.person.employer, mask_phone(m.person.phone), m.in_sector,
        m.permanent, m.office_path, m.left_on, m.version, held,
    )  # fmt: skip
