"""Entries of a site's checklist: who looked at what, when, and what they saw, with photos. Entries are never changed."""

from collections.abc import Sequence
from datetime import datetime

from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.calendar import CHINA
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.files import photographs
from keju.kernel.files.photographs import Photo
from keju.kernel.offices import Actor
from keju.rulebook import enforce
from keju.rulebook.model import CheckItem
from keju.stages.venues import events, queries, rules
from keju.stages.venues.models import Attestation, Room, Site
from keju.stages.venues.services.siting import held


@write("venues:checklist:attest")
def attest(
    *,
    exam: Exam,
    site_code: str,
    item_code: str,
    settled: bool,
    rooms: Sequence[int] = (),
    note: str = "",
    photos: Sequence[bytes] = (),
    by: Actor,
    at: datetime,
) -> int:
    """`by` answers for the item at the site, or in each of the rooms (by number). Returns how many entries were made.

    `settled` False says what is wrong, in `note`. A later entry takes the place of an earlier one, which stays to be
    read. ValidationError for a photo that cannot be read; refused before its day, or without rooms where each counts.
    """
    site = held(exam, site_code, by, "venues:checklist:attest")
    item = next((i for i in queries.items(exam) if i.code == item_code), None)
    if item is None:
        raise NotPermitted(hidden=True)
    numbers = sorted(set(rooms)) if item.of == "room" else []
    desks = {room.number: room for room in queries.rooms(site) if room.kind in rules.SEATING_KINDS}
    day = exams.milestone(exam, "exam_day", site.office_path)
    exam_day = day.astimezone(CHINA).date() if day else None
    enforce(
        [
            *rules.check_entry(item, numbers, desks, settled=settled, note=note, photos=len(photos)),
            *rules.check_day(item, settled, at.astimezone(CHINA).date(), exam_day),
        ]
    )
    kept = photographs.keep(photos=photos, name=site.code, office_path=site.office_path, by=by, at=at)
    things: list[Room | None] = [desks[number] for number in numbers] if item.of == "room" else [None]
    Attestation.objects.bulk_create(
        Attestation(
            exam=exam,
            site=site,
            room=thing,
            office_path=site.office_path,
            item=item.code,
            rule=item.rule,
            settled=settled,
            note=note.strip(),
            photos=kept,
            attested_by=by.ref,
            attested_at=at,
        )
        for thing in things
    )
    _event(exam, site, item, numbers, settled, kept, by, at)
    return len(things)


def _event(
    exam: Exam,
    site: Site,
    item: CheckItem,
    rooms: Sequence[int],
    settled: bool,
    photos: Sequence[Photo],
    by: Actor,
    at: datetime,
) -> None:
    record(
        events.CHECKED,
        by=by,
        at=at,
        subject=f"site:{site.code}",
        exam=exam.slug,
        office_path=site.office_path,
        rules=[item.rule],
        data={
            "item": item.code,
            "rooms": list(rooms),
            "settled": settled,
            "photos": [photo["sha"] for photo in photos],
        },
    )
