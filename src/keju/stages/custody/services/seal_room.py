"""In the seal room: seals read, bags issued room by room, and leaving when all are out (V15.3.1, V15.3.4)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from keju.kernel.approvals.content import Content, Table
from keju.kernel.approvals.needing import Need
from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.rulebook import enforce
from keju.rulebook.words import t
from keju.stages.custody import events
from keju.stages.custody.models import Issue, SealCheck, SealRoom
from keju.stages.custody.params import Params
from keju.stages.custody.queries import people
from keju.stages.custody.queries import seal_room as queries
from keju.stages.custody.queries.seal_room import Board, RoomLine
from keju.stages.custody.rules import halfday, places
from keju.stages.custody.rules import seal_room as rules
from keju.stages.custody.rules.chain import Act, Change, Counts
from keju.stages.custody.services.attempts import Refused, remembered
from keju.stages.custody.services.chain import carry_out
from keju.stages.custody.services.half_day import HEAD, OFFICER, RUN
from keju.stages.custody.services.together import ISSUE, Signatures, Signing, sign_together, signed_before

INVIGILATOR = "post:invigilator"


@dataclass(frozen=True)
class RoomIssue:
    """A room's bags go to these two. `scanned`: the codes held up; empty where a form lists many rooms."""

    room: int
    first: int
    second: int
    scanned: frozenset[str] = frozenset()


@write(RUN)
def check_seals(
    *,
    exam: Exam,
    site_code: str,
    session: int,
    seen: Sequence[rules.Seen],
    odd: Sequence[str] = (),
    key: UUID,
    by: Actor,
    at: datetime,
) -> int:
    """Each bag's seal was read in the seal room; one that is not as on record is damage, frozen. Returns how many are not.

    The same reading again changes nothing. Refused as a whole where a code is not of this session.
    """
    board = _board(exam, site_code, session, by)
    by_code = {h.container.code: h for h in board.held.values()}
    enforce(rules.check_known({s.code for s in seen} - by_code.keys(), odd))
    known = {pk: c.intact for pk, c in board.checks.items()}
    fresh: list[SealCheck] = []
    for one in {s.code: s for s in seen}.values():
        held = by_code[one.code]
        intact = rules.is_intact(held.seal, one.seal)
        if held.place == str(board.place) and known.get(held.container_id) is not intact:
            fresh.append(
                SealCheck(
                    seal_room=_row(board), exam=exam, office_path=board.office_path, container_id=held.container_id,
                    seal=one.seal[:40], intact=intact, by=by.ref, at=at,
                )
            )  # fmt: skip
    SealCheck.objects.bulk_create(fresh)
    torn = [c for c in fresh if not c.intact]
    broken = {c.container_id: Change(seal="", frozen=True) for c in torn if board.held[c.container_id].seal}
    if broken:
        carry_out(
            exam=exam, key=uuid5(key, "broken"), act=Act.BROKEN, changes=broken, office_path=board.office_path,
            subject=_subject(board), rules=["V15.3.1", "V12.6.1"], by=by, at=at,
        )  # fmt: skip
    record(
        events.SEALS_CHECKED,
        by=by,
        at=at,
        subject=_subject(board),
        exam=exam.slug,
        office_path=board.office_path,
        rules=["V15.3.1"],
        data={
            "checked": len(fresh),
            "broken": sorted(board.held[c.container_id].container.code for c in torn),
        },
    )
    return len(torn)


@write(RUN)
def issue(
    *,
    exam: Exam,
    key: UUID,
    site_code: str,
    session: int,
    rooms: Sequence[RoomIssue],
    codes: dict[int, str],
    form: bool = False,
    by: Actor,
    at: datetime,
) -> Signatures:
    """When all have signed, each room's bags are in its invigilators' hands, in their room.

    One room: both invigilators sign with their `codes`. `form`: the paper issue form with the invigilators' signatures
    lists many rooms; head and confidential officer sign for it. Refused for a bag whose seal was not found whole here.
    """
    before = signed_before(exam, key, by, at)
    if before is not None:
        return before
    board = _board(exam, site_code, session, by)
    row, team = _row(board), people.team(exam, site_code)
    if len(rooms) != 1 and not form:
        raise ValueError("only a form lists several rooms")
    lines = [_line(board, one.room) for one in rooms]
    on_duty = {one.person_id for one in team.invigilators}
    given = {p: i.room for i in row.issues.all() for p in (i.first_id, i.second_id)}
    chosen = [p for one in rooms for p in (one.first, one.second)]
    twice = {p for p in chosen if chosen.count(p) > 1} if len(set(chosen)) < len(chosen) else set()
    for one, line in zip(rooms, lines, strict=True):
        both = {one.first, one.second}
        elsewhere = {p for p in both if given.get(p, one.room) != one.room} | (twice if form else set())
        enforce(
            [
                *rules.check_issue(line.ready(), one.scanned, both, line.issue is not None),
                *rules.check_invigilators(both, on_duty, elsewhere),
            ]
        )
    path = board.office_path
    if form:
        needs, who = (
            [Need(HEAD, 1, path), Need(OFFICER, 1, path)],
            [(row.head_id, HEAD), (row.officer_id, OFFICER)],
        )
    else:
        needs, who = (
            [Need(INVIGILATOR, 2, path)],
            [(p, INVIGILATOR) for p in (rooms[0].first, rooms[0].second)],
        )
    signed = sign_together(
        kind=ISSUE,
        subject=f"{_subject(board)}/" + ("form" if form else str(rooms[0].room)),
        exam=exam,
        office_path=path,
        content=_content(board, lines, team, rooms),
        needs=needs,
        signings=[Signing(p, team.name_of(p), post, path, codes.get(p, "")) for p, post in who],
        rules=["V15.3.4", "V15.3.1"],
        by=by,
        at=at,
    )
    if signed.is_whole:
        _hand_out(exam, key, board, row, rooms, lines, signed.proposal.pk, by, at)
    return signed


def open_rooms(
    *, exam: Exam, key: UUID, site_code: str, session: int, rooms: Collection[int], by: Actor, at: datetime
) -> int | Refused:
    """As `open_rooms_now`; a bag opened before its time or elsewhere is refused and on record as an attempt."""
    return remembered(
        lambda: open_rooms_now(
            exam=exam, key=key, site_code=site_code, session=session, rooms=rooms, by=by, at=at
        ),
        exam=exam, office_path=path_of(site_code), subject=f"seal_room:{site_code}/{session}", by=by, at=at,
    )  # fmt: skip


@write(None)
def open_rooms_now(
    *, exam: Exam, key: UUID, site_code: str, session: int, rooms: Collection[int], by: Actor, at: datetime
) -> int:
    """In these rooms the seals are cut and all papers and cards are out. Returns how many bags.

    The caller asks for the permission: the seal room's, or that of the room's record.
    """
    board = _board(exam, site_code, session, by)
    lines = [_line(board, number) for number in sorted(set(rooms))]
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
            "subject": _subject(board),
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
        subject=_subject(board),
        exam=exam.slug,
        office_path=board.office_path,
        rules=["V15.4.2", "V11.2.3"],
        data={"rooms": sorted(set(rooms)), "bags": len(held)},
    )
    return len(held)


@write(RUN)
def leave(*, exam: Exam, site_code: str, session: int, version: int, by: Actor, at: datetime) -> None:
    """Head and confidential officer have left: refused while a bag of the session is not issued (V15.3.4)."""
    board = _board(exam, site_code, session, by)
    row = _row(board)
    enforce(rules.check_leave(board.left))
    changed = SealRoom.objects.filter(pk=row.pk, version=version, left_at=None).update(
        left_at=at, left_by=by.ref, version=version + 1
    )
    if not changed:
        raise Stale
    record(
        events.SEAL_ROOM_LEFT,
        by=by,
        at=at,
        subject=_subject(board),
        exam=exam.slug,
        office_path=board.office_path,
        rules=["V15.3.4"],
        data={"rooms": len(board.rooms), "head": row.head_id, "officer": row.officer_id},
    )


def _hand_out(
    exam: Exam,
    key: UUID,
    board: Board,
    row: SealRoom,
    rooms: Sequence[RoomIssue],
    lines: Sequence[RoomLine],
    proposal_id: int,
    by: Actor,
    at: datetime,
) -> None:
    changes = {
        p.container_id: Change(
            place=str(places.room(board.site, one.room)), place_path=board.office_path, holder_id=one.first
        )
        for one, line in zip(rooms, lines, strict=True)
        for p in line.pieces
    }
    carry_out(
        exam=exam, key=key, act=Act.HANDED_OVER, changes=changes, office_path=board.office_path, subject=_subject(board),
        proposal_id=proposal_id, rules=["V15.3.4", "V11.1"], by=by, at=at,
    )  # fmt: skip
    Issue.objects.bulk_create(
        Issue(
            seal_room=row, exam=exam, office_path=board.office_path, room=one.room, first_id=one.first,
            second_id=one.second, proposal_id=proposal_id, by=by.ref, at=at,
        )
        for one in rooms
    )  # fmt: skip
    record(
        events.ISSUED,
        by=by,
        at=at,
        subject=_subject(board),
        exam=exam.slug,
        office_path=board.office_path,
        rules=["V15.3.4"],
        data={"rooms": [one.room for one in rooms], "bags": len(changes), "proposal": proposal_id},
    )


def _board(exam: Exam, site_code: str, session: int, by: Actor) -> Board:
    return queries.board(exam, site_code, session, viewer=by)


def _row(board: Board) -> SealRoom:
    """The seal room in use; Stale where nothing was drawn yet."""
    if board.row is None:
        raise Stale
    return board.row


def _line(board: Board, room: int) -> RoomLine:
    if room not in board.by_room:
        raise NotPermitted(hidden=True)
    return board.by_room[room]


def _subject(board: Board) -> str:
    return f"seal_room:{board.site}/{board.session}"


def _content(
    board: Board, lines: Sequence[RoomLine], team: people.Team, rooms: Sequence[RoomIssue]
) -> Content:
    rows = [
        (
            str(one.room),
            " ".join(p.container.code for p in line.pieces),
            " ".join(p.seal for p in line.pieces),
            f"{team.name_of(one.first)} {team.name_of(one.second)}",
        )
        for one, line in zip(rooms, lines, strict=True)
    ]
    head = [t("考场", "Room"), t("袋号", "Bags"), t("封条", "Seals"), t("监考员", "Invigilators")]
    return Content(
        title=t("向考场发放试卷", "Issue papers to a room"),
        facts=[(t("考试地点", "Site"), board.site), (t("场次", "Session"), str(board.session))],
        tables=[Table(head, rows)],
        place="custody-seal-room",
        place_args={"site": board.site, "session": board.session},
    )
