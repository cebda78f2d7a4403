"""The directory of telephones: responsible persons and whoever stands on a published roster; and what was filed of it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, QuerySet

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.looking import once_a_look
from keju.kernel.offices.queries import path_of
from keju.rulebook import Refusal
from keju.stages.registration.queries import mask_phone
from keju.stages.staffing.models import Appointment, Filing, FrozenShift, Roster, RosterVersion, State
from keju.stages.staffing.queries.appointed import appointments_in_force
from keju.stages.staffing.queries.hours import hours_of_many, kind_of
from keju.stages.staffing.queries.people import under
from keju.stages.staffing.queries.published import duty_kinds, in_force
from keju.stages.staffing.queries.rostering import made
from keju.stages.staffing.rules import rosters as rules
from keju.stages.staffing.rules.rosters import Standing
from keju.stages.venues import queries as venues

LEADER, DUTY = "leader", "duty"
OFFICES = 25


@dataclass(frozen=True)
class Entry:
    """Somebody who can be called. `section`: a responsible person, or on duty; then `kind` and the hours say when."""

    office_code: str
    office_path: str
    section: str
    name: str
    post: str
    phone: str
    member_id: int
    kind: str = ""
    place: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True)
class DirectoryPage:
    """The entries of some offices, in office order; `next`: the path after which the following page begins, or ""."""

    entries: list[Entry]
    next: str


def directory(
    exam: Exam,
    *,
    viewer: Actor,
    text: str = "",
    office: str = "",
    kind: str = "",
    after: str = "",
    clear: bool = False,
    size: int = OFFICES,
) -> DirectoryPage:
    """The next offices with entries, all entries of each. `text`: part of a name; `kind`: of a roster, or "leader".

    Telephones are masked unless `clear`, which is asked for on record.
    """
    leaders, duty = _found(exam, viewer, text, office, kind)
    paths: set[str] = set()
    for rows in (leaders, duty):
        mine = rows.filter(office_path__gt=after) if after else rows
        paths |= set(
            mine.order_by("office_path").values_list("office_path", flat=True).distinct()[: size + 1]
        )
    shown = sorted(paths)[:size]
    entries = _entries(leaders.filter(office_path__in=shown), duty.filter(office_path__in=shown), clear)
    return DirectoryPage(entries, shown[-1] if len(paths) > size else "")


def whole_directory(
    exam: Exam, *, viewer: Actor, text: str = "", office: str = "", kind: str = "", clear: bool = False
) -> list[Entry]:
    """Every entry that the filters leave, for a sheet or a print."""
    return _entries(*_found(exam, viewer, text, office, kind), clear)


def _found(
    exam: Exam, viewer: Actor, text: str, office: str, kind: str
) -> tuple[QuerySet[Appointment], QuerySet[FrozenShift]]:
    path = viewer.office_path or "-"
    leaders = appointments_in_force(exam, path).filter(
        post__in=exams.programme(exam).responsible, substitute=False
    )
    duty = in_force(exam).filter(**under(path))
    if text.strip():
        leaders = leaders.filter(member__person__name__icontains=text.strip())
        duty = duty.filter(name__icontains=text.strip())
    if office:
        leaders = leaders.filter(office_code__startswith=office)
        duty = duty.filter(roster__office_code__startswith=office)
    if kind:
        leaders = leaders if kind == LEADER else leaders.none()
        duty = duty.filter(roster__kind=kind)
    return leaders, duty


def _entries(leaders: QuerySet[Appointment], duty: QuerySet[FrozenShift], clear: bool) -> list[Entry]:
    def said(phone: str) -> str:
        return phone if clear else mask_phone(phone)

    found = [
        Entry(
            a.office_code,
            a.office_path,
            LEADER,
            a.member.person.name,
            a.post,
            said(a.member.person.phone),
            a.member_id,
        )
        for a in leaders.select_related("member__person").order_by("pk")
    ]
    found += [
        Entry(
            r.roster.office_code, r.office_path, DUTY, r.name, r.post, said(r.phone), r.member_id, r.roster.kind, r.place,
            r.starts_at, r.ends_at,
        )
        for r in duty.select_related("roster").order_by("roster__kind", "starts_at", "name", "pk")
    ]  # fmt: skip
    return sorted(found, key=lambda e: (e.office_path, e.section != LEADER))


@dataclass(frozen=True)
class Fileable:
    """What an office would file, and what stands against it."""

    office_code: str
    entries: list[Entry]
    refusals: list[Refusal]


def fileable(exam: Exam, what: str, office_codes: Sequence[str]) -> list[Fileable]:
    """For each office, its people in clear and what is missing; a fixed number of statements however many there are.

    The directory (V15.1.1) has the responsible persons and duty, the phones (V15.1.4) duty alone. An office that takes no
    part has nothing.
    """
    of = "V15.1.1" if what == Filing.DIRECTORY else "V15.1.4"
    kinds = [kind.code for kind in duty_kinds(exam)]
    found = list(
        Roster.objects.filter(exam=exam, office_code__in=office_codes, kind__in=kinds).order_by("pk")
    )
    leaders = Appointment.objects.none()
    if what == Filing.DIRECTORY:
        leaders = appointments_in_force(exam, "/").filter(
            office_code__in=office_codes, post__in=exams.programme(exam).responsible, substitute=False
        )
    entries: dict[str, list[Entry]] = defaultdict(list)
    for entry in _entries(leaders, in_force(exam).filter(roster__in=found), clear=True):
        entries[entry.office_code].append(entry)
    gaps, stale = _gaps(exam, found, entries), {m.roster.office_code for m in made(exam, found) if m.changed}
    published = {one.office_code for one in found if one.published}
    result = []
    for code in office_codes:
        mine = entries[code]
        refused = rules.check_filing(
            of,
            leaders=[(e.name, bool(e.phone)) for e in mine if e.section == LEADER],
            published=code in published,
            found=gaps.get(code, []),
            duty=sum(e.section == DUTY for e in mine),
            stale=code in stale,
        )
        result.append(Fileable(code, mine, list(refused)))
    return result


def _gaps(exam: Exam, found: Sequence[Roster], entries: dict[str, list[Entry]]) -> dict[str, list[rules.Gap]]:
    """Office → hours of duty that its published rosters leave open."""
    wanted, result = hours_of_many(exam, found), defaultdict(list)
    for one in found:
        mine = [
            Standing(e.member_id, e.name, e.starts_at, e.ends_at)
            for e in entries[one.office_code]
            if e.kind == one.kind and e.starts_at and e.ends_at
        ]
        result[one.office_code] += rules.gaps(kind_of(exam, one.kind), wanted[one.pk], mine)
    return result


def filings(exam: Exam, *, viewer: Actor, office_code: str = "", what: str = "") -> list[Filing]:
    """What the viewer's offices filed, newest first."""
    found = Filing.objects.filter(exam=exam, **under(viewer.office_path or "-"))
    found = found.filter(office_code=office_code) if office_code else found
    return list((found.filter(what=what) if what else found).order_by("-pk")[:200])


def last_filings(exam: Exam, office_codes: Collection[str]) -> dict[tuple[str, str], Filing]:
    """(office, what) → what it filed last."""
    found = Filing.objects.filter(exam=exam, office_code__in=office_codes).defer("entries")
    return {(f.office_code, f.what): f for f in found.order_by("number")}


def filing(exam: Exam, filing_id: int, *, viewer: Actor) -> Filing:
    """One of the viewer's offices; `Filing.DoesNotExist` otherwise."""
    return Filing.objects.get(exam=exam, pk=filing_id, **under(viewer.office_path or "-"))


@dataclass(frozen=True)
class DutyStanding:
    """How an office stands with duty: what is open of its roster, and whether what it sent is that of the roster in force.

    `against` counts whoever stands there without an appointment in force; what was filed names those responsible now.
    """

    office_path: str
    against: int
    exchanged: bool
    filed: bool


@once_a_look
def duty_standing(exam: Exam, path: str) -> list[DutyStanding]:
    """The centre, the regions and the host points at and under the path; a fixed number of statements.

    A point that hosts nobody keeps no duty.
    """
    codes = [
        "centre",
        *(o.office_id for o in exams.openings_under(exam, path, "region")),
        *venues.hosts(exam),
    ]
    codes = [code for code in dict.fromkeys(codes) if path_of(code).startswith(path)]
    found = {one.office_code: one for one in fileable(exam, Filing.PHONES, codes)}
    sent = last_filings(exam, codes)
    since = dict(
        RosterVersion.objects.filter(
            exam=exam, roster__office_code__in=codes, roster__kind__in=[k.code for k in duty_kinds(exam)]
        )
        .values_list("roster__office_code")
        .annotate(Max("published_at"))
    )

    left, moved = _left(exam, path, found), _leaders_moved(exam, codes)

    def valid(code: str, what: str) -> bool:
        filing = sent.get((code, what))
        return filing is not None and code in since and filing.filed_at >= since[code]

    def filed(code: str) -> bool:
        filing = sent.get((code, Filing.DIRECTORY))
        return (
            filing is not None
            and valid(code, Filing.DIRECTORY)
            and filing.filed_at >= moved.get(code, filing.filed_at)
        )

    return [
        DutyStanding(path_of(c), len(found[c].refusals) + left[c], valid(c, Filing.PHONES), filed(c))
        for c in codes
    ]


def _left(exam: Exam, path: str, found: Mapping[str, Fileable]) -> dict[str, int]:
    """Office → how many stand on its published duty roster without an appointment in force there."""
    duty = {e.member_id for one in found.values() for e in one.entries if e.section == DUTY}
    if not duty:
        return dict.fromkeys(found, 0)
    appointed = set(
        appointments_in_force(exam, path)
        .filter(member_id__among=sorted(duty))
        .values_list("office_code", "member_id")
    )
    return {
        code: len(
            {e.member_id for e in one.entries if e.section == DUTY and (code, e.member_id) not in appointed}
        )
        for code, one in found.items()
    }


def _leaders_moved(exam: Exam, codes: Collection[str]) -> dict[str, datetime]:
    """Office → when somebody last began or ceased to be responsible there."""
    found = Appointment.objects.filter(
        exam=exam, office_code__in=codes, post__in=exams.programme(exam).responsible, substitute=False,
        state__in=(State.ACCEPTED, State.ENDED), decided_at__isnull=False,
    )  # fmt: skip
    return dict(found.values_list("office_code").annotate(Max("decided_at")))
