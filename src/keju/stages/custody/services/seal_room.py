"""In the seal room: seals read, bags issued room by room, and leaving when all are out (V15.3.1, V15.3.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from keju.kernel.approvals.content import Content, Table
from keju.kernel.approvals.needing import Need
from keju.kernel.audit import Stale, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook import enforce
from keju.rulebook.words import t
from keju.stages.custody import events
from keju.stages.custody.models import Issue, SealCheck, SealRoom
from keju.stages.custody.queries import people
from keju.stages.custody.queries import seal_room as queries
from keju.stages.custody.queries.seal_room import Board, RoomLine
from keju.stages.custody.rules import places
from keju.stages.custody.rules import seal_room as rules
from keju.stages.custody.rules.chain import Act, Change
from keju.stages.custody.services.chain import carry_out, did
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
    board = queries.board(exam, site_code, session, viewer=by)
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
            subject=board.subject, rules=["V15.3.1", "V12.6.1"], by=by, at=at,
        )  # fmt: skip
    record(
        events.SEALS_CHECKED,
        by=by,
        at=at,
        subject=board.subject,
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
    board = queries.board(exam, site_code, session, viewer=by)
    going = _handed(board, rooms)
    before = signed_before(exam, key, lambda row: did(row, Act.HANDED_OVER, going), by, at)
    if before is not None:
        return before
    row, team = _row(board), people.team(exam, site_code)
    if len(rooms) != 1 and not form:
        raise ValueError("only a form lists several rooms")
    lines = [board.line(one.room) for one in rooms]
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
        subject=f"{board.subject}/{'form' if form else rooms[0].room}",
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
        _hand_out(exam, key, board, row, rooms, going, signed.proposal.pk, by, at)
    return signed


@write(RUN)
def leave(*, exam: Exam, site_code: str, session: int, version: int, by: Actor, at: datetime) -> None:
    """Head and confidential officer have left: refused while a bag of the session is not issued (V15.3.4)."""
    board = queries.board(exam, site_code, session, viewer=by)
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
        subject=board.subject,
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
    changes: Mapping[int, Change],
    proposal_id: int,
    by: Actor,
    at: datetime,
) -> None:
    carry_out(
        exam=exam, key=key, act=Act.HANDED_OVER, changes=changes, office_path=board.office_path, subject=board.subject,
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
        subject=board.subject,
        exam=exam.slug,
        office_path=board.office_path,
        rules=["V15.3.4"],
        data={"rooms": [one.room for one in rooms], "bags": len(changes), "proposal": proposal_id},
    )


def _handed(board: Board, rooms: Sequence[RoomIssue]) -> dict[int, Change]:
    """The rooms' bags, in their rooms, in the hands of the first invigilators."""
    return {
        p.container_id: Change(
            place=str(places.room(board.site, one.room)), place_path=board.office_path, holder_id=one.first
        )
        for one in rooms
        for p in board.line(one.room).pieces
    }


def _row(board: Board) -> SealRoom:
    """The seal room in use; Stale where nothing was drawn yet."""
    if board.row is None:
        raise Stale
    return board.row


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
