"""The joint count from the closed record, and the note on the card bag that says the same (V15.5.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from keju.kernel.audit import record, write
from keju.kernel.calendar import CHINA
from keju.kernel.documents.services import Printed, print_document
from keju.kernel.exams.models import Exam, Session
from keju.kernel.offices import Actor
from keju.rulebook import enforce
from keju.rulebook.words import current_language, t
from keju.stages.custody.queries import seal_room as custody
from keju.stages.custody.services import counting
from keju.stages.custody.services.counting import RoomCount
from keju.stages.custody.services.together import Signatures
from keju.stages.examday import events, queries, rules
from keju.stages.examday.documents import NoteHead, Sheets, bag_note
from keju.stages.venues import queries as venues

RUN = "custody:seal_room:run"


Counted = counting.Counted


@dataclass(frozen=True)
class HandCount:
    """What was counted by hand at the table for a room, and the seals put on its two bags."""

    room: int
    papers: Counted
    cards: Counted
    paper_seal: str
    card_seal: str


@write(RUN)
def count_back(
    *,
    exam: Exam,
    key: UUID,
    site_code: str,
    session: int,
    counts: Sequence[HandCount],
    counter: int = 0,
    codes: dict[int, str],
    form: bool = False,
    by: Actor,
    at: datetime,
) -> Signatures:
    """As `custody.services.counting.take_back`, against each room's closed record: refused while one is open."""
    rooms = {
        r.room_number: r
        for r in queries.rooms(viewer=by, exam=exam, session_number=session, site_code=site_code)
        if r.site_code == site_code and r.closed_at is not None
    }
    enforce(rules.check_records_closed([c.room for c in counts if c.room not in rooms]))
    return counting.take_back(
        exam=exam,
        key=key,
        site_code=site_code,
        session=session,
        rooms=[
            RoomCount(
                c.room,
                c.papers,
                c.cards,
                rooms[c.room].present,
                rooms[c.room].absent,
                c.paper_seal,
                c.card_seal,
            )
            for c in counts
        ],
        counter=counter,
        codes=codes,
        form=form,
        by=by,
        at=at,
    )


@write(RUN)
def print_note(*, exam: Exam, count_id: int, by: Actor, at: datetime) -> Printed:
    """The note of a card bag, from the joint count alone: what it says is what was counted into the bag."""
    row = custody.joint_count(exam, count_id, viewer=by)
    site, number = row.seal_room.site_code, row.seal_room.session
    board = custody.board(exam, site, number, viewer=by)
    session = Session.objects.get(exam=exam, number=number)
    line = board.by_room[row.room]
    starts, ends = session.starts_at.astimezone(CHINA), session.ends_at.astimezone(CHINA)
    printed = print_document(
        kind="bag_note",
        template="examday/bag_note",
        data=bag_note(
            NoteHead(
                t(exam.name_zh, exam.name_en),
                session.name,
                f"{starts:%Y-%m-%d %H:%M}–{ends:%H:%M}",
                site,
                venues.site_facts(exam, site).name,
                row.room,
                row.at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M"),
            ),
            codes=[p.container.code for p in line.cards],
            seal=row.card_seal,
            present=row.present,
            absent=row.absent,
            cards=Sheets(row.cards_used, row.cards_unused, row.cards_defective, row.cards_missing),
            differs=any(what.startswith("cards_") for what, _, _ in row.differences),
        ),
        exam=exam,
        subject=f"joint_count:{row.pk}",
        office_path=row.office_path,
        language=current_language(),
        by=by,
        at=at,
    )
    record(
        events.NOTE_PRINTED,
        by=by,
        at=at,
        subject=f"joint_count:{row.pk}",
        exam=exam.slug,
        office_path=row.office_path,
        rules=["V15.5.2"],
        data={"copy": printed.record.copy, "cards": row.cards_used + row.cards_unused},
    )
    return printed
