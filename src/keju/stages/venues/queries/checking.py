"""How the checklists of sites and rooms stand (V14.1, V14.4, V14.5, V14.7.4), and what is still open where."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from keju.kernel.accounts.queries import staff_names
from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import CHINA
from keju.kernel.duties import queries as duties
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import path_of
from keju.rulebook.model import CheckedBy, CheckItem
from keju.rulebook.words import Words
from keju.stages.venues import rules
from keju.stages.venues.models import Attestation, Room, Site
from keju.stages.venues.queries.hosting import NATION

Span = tuple[datetime | None, datetime | None]
Last = Mapping[tuple[int, str, int | None], Attestation]
"""(site id, item, room id or None) → the entry that counts: the last one."""


@dataclass(frozen=True)
class Checked:
    """An item of a site's checklist. `rooms`: every room to look at with its last entry; empty for the site as a whole."""

    item: CheckItem
    words: Words
    state: rules.State
    due: datetime | None
    entries: list[Attestation]
    rooms: list[tuple[Room, Attestation | None]]

    @property
    def last(self) -> Attestation | None:
        return self.entries[0] if self.entries else None

    @property
    def open_rooms(self) -> list[Room]:
        return [room for room, entry in self.rooms if entry is None or not entry.settled]


def items(exam: Exam) -> tuple[CheckItem, ...]:
    """The programme's checklist of sites and rooms, with the law's figures in its words."""
    return tuple(
        CheckItem(i.code, exams.with_figures(exam, i.words), i.rule, i.of, i.by)
        for i in exams.programme(exam).checklist
        if i.of != "store"
    )


def last_entries(exam: Exam, sites: Iterable[Site]) -> Last:
    """The entries that count, of all these sites at once."""
    found = Attestation.objects.filter(exam=exam, site__in=[s.pk for s in sites])
    found = found.order_by("site_id", "item", "room_id", "-id").distinct("site_id", "item", "room_id")
    return {(a.site_id, a.item, a.room_id): a for a in found}


def settled_items(exam: Exam, site: Site) -> dict[str, bool]:
    """Item → how its last entry left it, of those that concern the site as a whole."""
    last = last_entries(exam, [site])
    return {item: entry.settled for (_, item, room), entry in last.items() if room is None}


def spans(exam: Exam, point_codes: Collection[str]) -> dict[str, dict[CheckedBy, Span]]:
    """Point → (from when, until when) items of each kind are to be looked at; None where that is not known.

    One look at each table, however many points."""
    with acting(NATION):  # of the points; their sites may know the day
        due = duties.due_by_owner(exam=exam, rule="V6.3", owners=point_codes)
    days = exams.milestone_by_office(exam, "exam_day", [path_of(point) for point in point_codes])
    return {p: {"report": (None, due.get(p)), "eve": _eve(days.get(path_of(p)))} for p in point_codes}


def _eve(exam_day: datetime | None) -> Span:
    if exam_day is None:
        return None, None
    begins = datetime.combine(exam_day.astimezone(CHINA).date(), time(), CHINA)
    return begins - timedelta(days=1), begins


def checklist(exam: Exam, site: Site, at: datetime) -> list[Checked]:
    """Every item of the site with its state, its entries (newest first), and its rooms."""
    every = list(Attestation.objects.filter(exam=exam, site=site).select_related("room").order_by("-id"))
    desks = list(Room.objects.filter(site=site, kind__in=rules.SEATING_KINDS).order_by("number"))
    terms = spans(exam, [site.point_code])[site.point_code]
    found = []
    for item in items(exam):
        mine = [a for a in every if a.item == item.code]
        last: dict[int | None, Attestation] = {}
        for entry in mine:
            last.setdefault(entry.room_id, entry)
        rooms = [(room, last.get(room.pk)) for room in desks] if item.of == "room" else []
        seen = [e and e.settled for _, e in rooms] if item.of == "room" else [outcome(last.get(None))]
        opens, due = terms[item.by]
        state = rules.standing(seen, opens=opens, due=due, at=at)
        found.append(Checked(item, item.words, state, due, mine, rooms))
    return found


def names_of(site: Site, found: Sequence[Checked]) -> dict[str, str]:
    """Who made the entries: people of the site and of its point, whoever asks."""
    with acting(Actor.system("venues", path_of(site.point_code))):
        return staff_names({entry.attested_by for checked in found for entry in checked.entries})


def photo_of(exam: Exam, site: Site, sha: str) -> None:
    """`NotPermitted` (hidden) unless the file is a photo of one of the site's entries."""
    photos = Attestation.objects.filter(exam=exam, site=site)
    if not (
        photos.filter(photos__contains=[{"sha": sha}]) | photos.filter(photos__contains=[{"thumb": sha}])
    ):
        raise NotPermitted(hidden=True)


def outcome(entry: Attestation | None) -> bool | None:
    return None if entry is None else entry.settled
