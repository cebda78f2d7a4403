"""Seals are cut: packs in the seal room, bags in their own rooms, and neither before its hour (V11.2.3, V15.4.2)."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid5

from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.rulebook import enforce
from keju.stages.custody import events
from keju.stages.custody.models import Holding
from keju.stages.custody.params import Params
from keju.stages.custody.queries import drawing
from keju.stages.custody.queries import seal_room as queries
from keju.stages.custody.rules import halfday, places
from keju.stages.custody.rules.chain import Act, Change, Counts
from keju.stages.custody.services.attempts import Refused, remembered
from keju.stages.custody.services.chain import carry_out, repeated
from keju.stages.custody.services.half_day import RUN, own_path


def open_packs(
    *,
    exam: Exam,
    key: UUID,
    site_code: str,
    session: int,
    container_ids: Collection[int],
    by: Actor,
    at: datetime,
) -> int | Refused:
    """As `open_packs_now`; packing opened elsewhere or on another day is refused and on record as an attempt."""
    return remembered(
        lambda: open_packs_now(
            exam=exam, key=key, site_code=site_code, session=session, container_ids=container_ids, by=by, at=at
        ),
        exam=exam, office_path=path_of(site_code), subject=halfday.subject_of(site_code, session), by=by, at=at,
    )  # fmt: skip


@write(RUN)
def open_packs_now(
    *,
    exam: Exam,
    key: UUID,
    site_code: str,
    session: int,
    container_ids: Collection[int],
    by: Actor,
    at: datetime,
) -> int:
    """The packs' seals are cut and their bags lie in the seal room (V11.2.3). Returns how many bags."""
    path = own_path(by, site_code)
    found = drawing.drawn(exam, container_ids)
    if len(found) != len(set(container_ids)):
        raise NotPermitted(hidden=True)
    before = repeated(exam, uuid5(key, "taken out"), by, at)
    if before is not None:
        if any(one.serves for one in found.values()):  # packs that this operation did not empty
            raise Stale
        return before.containers
    served = [bag for one in found.values() for bag in one.serves]
    where = {one.holding.container.code: one.holding.place for one in found.values()}
    enforce(
        halfday.check_packs(
            where, served, site=site_code, session=session, starts=queries.starts(exam), at=at
        )
    )
    common = {
        "exam": exam,
        "office_path": path,
        "subject": halfday.subject_of(site_code, session),
        "by": by,
        "at": at,
    }
    sealed = {pk: Change(seal="") for pk, one in found.items() if one.holding.seal}
    if sealed:
        carry_out(key=uuid5(key, "opened"), act=Act.OPENED, changes=sealed, rules=["V11.2.3"], **common)
    bags = {
        h.container_id: Change(
            parent_id=None,
            place=str(places.seal_room(site_code)),
            place_path=path,
            custodian=found[h.parent_id or 0].holding.custodian,
            holder_id=found[h.parent_id or 0].holding.holder_id,
        )
        for h in Holding.objects.filter(exam=exam, parent_id__among=list(found))
    }
    carry_out(key=uuid5(key, "taken out"), act=Act.UNPACKED, changes=bags, rules=["V11.2.3"], **common)
    record(
        events.PACKS_OPENED,
        by=by,
        at=at,
        subject=halfday.subject_of(site_code, session),
        exam=exam.slug,
        office_path=path,
        rules=["V11.2.3"],
        data={"packs": sorted(where), "bags": len(bags)},
    )
    return len(bags)


def open_rooms(
    *, exam: Exam, key: UUID, site_code: str, session: int, rooms: Collection[int], by: Actor, at: datetime
) -> int | Refused:
    """As `open_rooms_now`; a bag opened before its time or elsewhere is refused and on record as an attempt."""
    return remembered(
        lambda: open_rooms_now(
            exam=exam, key=key, site_code=site_code, session=session, rooms=rooms, by=by, at=at
        ),
        exam=exam, office_path=path_of(site_code), subject=halfday.subject_of(site_code, session), by=by, at=at,
    )  # fmt: skip


@write(None)
def open_rooms_now(
    *, exam: Exam, key: UUID, site_code: str, session: int, rooms: Collection[int], by: Actor, at: datetime
) -> int:
    """In these rooms the seals are cut and all papers and cards are out. Returns how many bags.

    The caller asks for the permission: the seal room's, or that of the room's record.
    """
    board = queries.board(exam, site_code, session, viewer=by)
    lines = [board.line(number) for number in sorted(set(rooms))]
    held = {p.container_id: p for line in lines for p in line.pieces if p.seal}
    belongs = {p.container.code: places.room(site_code, p.container.room) for p in held.values()}
    enforce(
        halfday.check_opening(
            {p.container.code: p.place for p in held.values()},
            rooms=belongs,
            starts_at=queries.starts(exam)[session],
            minutes=exams.params(exam, Params).bag_opened_minutes_before,
            at=at,
        )
    )
    if held:
        common = {
            "exam": exam,
            "office_path": board.office_path,
            "subject": board.subject,
            "by": by,
            "at": at,
        }
        carry_out(
            key=uuid5(key, "opened"), act=Act.OPENED, changes={pk: Change(seal="") for pk in held},
            rules=["V15.4.2"], **common,
        )  # fmt: skip
        out = {pk: Change(counts=Counts(out=p.container.copies)) for pk, p in held.items()}
        carry_out(key=uuid5(key, "out"), act=Act.COUNTED, changes=out, rules=["V15.4.2"], **common)
    record(
        events.ROOM_BAGS_OPENED,
        by=by,
        at=at,
        subject=board.subject,
        exam=exam.slug,
        office_path=board.office_path,
        rules=["V15.4.2", "V11.2.3"],
        data={"rooms": sorted(set(rooms)), "bags": len(held)},
    )
    return len(held)
