"""The joint count: rooms come back to the seal room, are counted against their records, bagged and sealed (V15.5.2)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from uuid import UUID, uuid5

from keju.kernel.approvals.content import Content, Table
from keju.kernel.approvals.needing import Need
from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.rulebook import enforce
from keju.rulebook.words import t
from keju.stages.custody import events
from keju.stages.custody.models import Finding, JointCount, Operation, SealRoom
from keju.stages.custody.queries import people, used_seals
from keju.stages.custody.queries import seal_room as queries
from keju.stages.custody.queries.seal_room import Board, RoomLine
from keju.stages.custody.rules import counting as rules
from keju.stages.custody.rules.chain import Act, Change, Counts
from keju.stages.custody.services.chain import carry_out
from keju.stages.custody.services.half_day import HEAD, OFFICER
from keju.stages.custody.services.seal_room import INVIGILATOR
from keju.stages.custody.services.together import COUNT, Signatures, Signing, sign_together, signed_before

FATES = tuple(f.name for f in fields(rules.Counted))
POINT_STAFF = "post:point_staff"
Counted = rules.Counted


@dataclass(frozen=True)
class RoomCount:
    """What came back from a room, what its record says of it, and the seals of the point that were put on."""

    room: int
    papers: rules.Counted
    cards: rules.Counted
    present: int
    absent: int
    paper_seal: str
    card_seal: str


@write(None)
def take_back(
    *,
    exam: Exam,
    key: UUID,
    site_code: str,
    session: int,
    rooms: Sequence[RoomCount],
    counter: int,
    codes: dict[int, str],
    form: bool = False,
    by: Actor,
    at: datetime,
) -> Signatures:
    """When all have signed, the rooms' bags lie counted and sealed in the seal room; a difference is on record, never hidden.

    One room: its invigilators and the point's `counter` sign. `form`: a signed list of many rooms; head and confidential
    officer sign for it. The caller asks for the permission and says what each room's record holds.
    """
    before = signed_before(exam, uuid5(key, "counted"), lambda row: _is_counted(row, rooms), by, at)
    if before is not None:
        return before
    board = queries.board(exam, site_code, session, viewer=by)
    if board.row is None or (len(rooms) != 1 and not form):
        raise NotPermitted(hidden=True)
    row, lines = board.row, [_line(board, one.room) for one in rooms]
    spares = _spares(row, [one.room for one in rooms])
    expected = [
        rules.Expected(line.copies, one.present, one.absent, spares.get(one.room, 0))
        for one, line in zip(rooms, lines, strict=True)
    ]
    team, path = people.team(exam, site_code), board.office_path
    used = used_seals(
        exam,
        path,
        list(board.held),
        [seal.strip() for one in rooms for seal in (one.paper_seal, one.card_seal)],
    )
    for one, should in zip(rooms, expected, strict=True):
        seals = [one.paper_seal.strip(), one.card_seal.strip()]
        enforce(
            [
                *rules.check_count(one.papers, one.cards, should),
                *rules.check_seals(seals, used & set(seals) - {""}),
            ]
        )
    if form:
        who = [(row.head_id, HEAD), (row.officer_id, OFFICER)]
        needs = [Need(HEAD, 1, path), Need(OFFICER, 1, path)]
    else:
        given = lines[0].issue
        if given is None:
            raise NotPermitted(hidden=True)
        enforce(
            rules.check_counter(
                counter, [p.person_id for p in (*team.staff, *team.officers, *team.heads)], by.person_id
            )
        )
        who = [(given.first_id, INVIGILATOR), (given.second_id, INVIGILATOR), (counter, POINT_STAFF)]
        needs = [Need(INVIGILATOR, 2, path), Need(POINT_STAFF, 1, path)]
    signed = sign_together(
        kind=COUNT,
        subject=f"{board.subject}/{'form' if form else rooms[0].room}",
        exam=exam,
        office_path=path,
        content=_content(board, rooms),
        needs=needs,
        signings=[Signing(p, team.name_of(p), post, path, codes.get(p, "")) for p, post in who],
        rules=["V15.5.2"],
        by=by,
        at=at,
    )
    if signed.is_whole:
        _back(exam, key, board, row, rooms, lines, expected, signed.proposal.pk, by, at)
    return signed


@write("custody:case:instruct")
def explain(*, exam: Exam, joint_count_id: int, text: str, by: Actor, at: datetime) -> Finding:
    """What a difference turned out to be stands in writing beside the count; its alarm ends.

    By an office above the point: whose count it was does not silence the alarm over it.
    """
    path = by.office_path or "-"
    row = JointCount.objects.filter(
        exam=exam, pk=joint_count_id, office_path__gte=path, office_path__lt=path + "~"
    ).first()
    if row is None or not row.differences:
        raise NotPermitted(hidden=True)
    point = path_of(row.seal_room.site_code.partition("-")[0])
    enforce(rules.check_explained(text, point != path and point.startswith(path)))
    found, fresh = Finding.objects.get_or_create(
        joint_count=row,
        defaults={
            "exam": exam,
            "office_path": row.office_path,
            "text": text.strip()[:500],
            "by": by.ref,
            "at": at,
        },
    )
    record(
        events.DIFFERENCE_FOUND,
        by=by,
        at=at,
        subject=f"joint_count:{row.pk}",
        exam=exam.slug,
        office_path=row.office_path,
        rules=["V15.5.2"],
        data={"text": found.text, "again": not fresh},
    )
    return found


def _back(
    exam: Exam,
    key: UUID,
    board: Board,
    row: SealRoom,
    rooms: Sequence[RoomCount],
    lines: Sequence[RoomLine],
    expected: Sequence[rules.Expected],
    proposal_id: int,
    by: Actor,
    at: datetime,
) -> None:
    common = {
        "exam": exam, "office_path": board.office_path, "subject": board.subject, "by": by,
        "at": at, "proposal_id": proposal_id,
    }  # fmt: skip
    moved, counted, sealed = {}, {}, {}
    for one, line in zip(rooms, lines, strict=True):
        for pieces, sheets, seal in (
            (line.papers, one.papers, one.paper_seal),
            (line.cards, one.cards, one.card_seal),
        ):
            left = sheets.counts()
            for n, piece in enumerate(pieces):
                pk, last = piece.container_id, n == len(pieces) - 1
                part = left if last else _share(left, piece.container.copies)
                left = left if last else _rest(left, part)
                moved[pk] = Change(
                    place=str(board.place), place_path=board.office_path, holder_id=row.officer_id
                )
                counted[pk] = Change(counts=part)
                sealed[pk] = Change(seal=seal if n == 0 else f"{seal}-{n + 1}")
    carry_out(
        key=uuid5(key, "back"), act=Act.HANDED_OVER, changes=moved, rules=["V15.5.2", "V11.1"], **common
    )
    carry_out(key=uuid5(key, "counted"), act=Act.COUNTED, changes=counted, rules=["V15.5.2"], **common)
    carry_out(key=uuid5(key, "sealed"), act=Act.SEALED, changes=sealed, rules=["V15.5.2"], **common)
    rows = []
    for one, should in zip(rooms, expected, strict=True):
        apart = rules.differences(one.papers, one.cards, should)
        rows.append(
            JointCount(
                seal_room=row, exam=exam, office_path=board.office_path, room=one.room, copies=should.copies,
                present=one.present, absent=one.absent, spares=should.spares,
                **{f"papers_{k}": v for k, v in asdict(one.papers).items()},
                **{f"cards_{k}": v for k, v in asdict(one.cards).items()},
                differences=[[d.what, d.expected, d.counted] for d in apart], paper_seal=one.paper_seal.strip(),
                card_seal=one.card_seal.strip(), proposal_id=proposal_id, by=by.ref, at=at,
            )
        )  # fmt: skip
    JointCount.objects.bulk_create(rows)
    _spares_back(exam, key, row, board, rooms, by, at, proposal_id)
    record(
        events.COUNTED_BACK,
        by=by,
        at=at,
        subject=common["subject"],
        exam=exam.slug,
        office_path=board.office_path,
        rules=["V15.5.2"],
        data={
            "rooms": [one.room for one in rooms],
            "differences": {str(r.room): r.differences for r in rows if r.differences},
            "proposal": proposal_id,
        },
    )


def _spares_back(
    exam: Exam,
    key: UUID,
    row: SealRoom,
    board: Board,
    rooms: Sequence[RoomCount],
    by: Actor,
    at: datetime,
    proposal_id: int,
) -> None:
    """The spares that the rooms used come back into their bag, written on: its total stays (V15.6)."""
    uses = row.spare_uses.filter(room__in=[one.room for one in rooms])
    number: dict[int, int] = {}
    for pk in uses.values_list("spare_id", flat=True):
        number[pk] = number.get(pk, 0) + 1
    changes = {}
    for pk, n in number.items():
        was = board.held[pk].state.counts
        changes[pk] = Change(counts=replace(was, out=was.out - n, used=was.used + n))
    if changes:
        carry_out(
            exam=exam, key=uuid5(key, "spares"), act=Act.COUNTED, changes=changes, office_path=board.office_path,
            subject=board.subject, proposal_id=proposal_id, rules=["V15.6"], by=by, at=at,
        )  # fmt: skip


def _is_counted(row: Operation, rooms: Sequence[RoomCount]) -> bool:
    """Whether the operation's joint counts are these, to the sheet."""
    kept = {
        c.room: (
            *(rules.Counted(*(getattr(c, f"{what}_{fate}") for fate in FATES)) for what in ("papers", "cards")),
            c.paper_seal, c.card_seal,
        )
        for c in JointCount.objects.filter(proposal=row.proposal)
    }  # fmt: skip
    said = {c.room: (c.papers, c.cards, c.paper_seal.strip(), c.card_seal.strip()) for c in rooms}
    return kept == said


def _spares(row: SealRoom, rooms: Sequence[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for room in row.spare_uses.filter(room__in=rooms).values_list("room", flat=True):
        found[room] = found.get(room, 0) + 1
    return found


def _line(board: Board, room: int) -> RoomLine:
    line = board.line(room)
    if line.issue is None or line.count is not None:
        raise NotPermitted(hidden=True)
    return line


def _share(all_: Counts, copies: int) -> Counts:
    """So many sheets of the whole for one of several bags of a room, in the order of their fates."""
    taken, left = {}, copies
    for fate in ("used", "unused", "defective", "missing"):
        taken[fate] = min(getattr(all_, fate), left)
        left -= taken[fate]
    return Counts(**taken)


def _rest(all_: Counts, part: Counts) -> Counts:
    return Counts(
        used=all_.used - part.used,
        unused=all_.unused - part.unused,
        defective=all_.defective - part.defective,
        missing=all_.missing - part.missing,
    )


def _content(board: Board, rooms: Sequence[RoomCount]) -> Content:
    def said(c: rules.Counted) -> str:
        return f"{c.used} / {c.unused} / {c.defective} / {c.missing}"

    rows = [
        (
            str(one.room), said(one.papers), said(one.cards), f"{one.present} / {one.absent}",
            f"{one.paper_seal} {one.card_seal}",
        )
        for one in rooms
    ]  # fmt: skip
    sheets = t("已用/未用/残缺/缺失", "used/unused/defective/missing")
    head = [
        t("考场", "Room"),
        t("试卷：{s}", "Papers: {s}").format(s=sheets),
        t("答题卡：{s}", "Cards: {s}").format(s=sheets),
        t("到考/缺考", "present/absent"),
        t("封条", "Seals"),
    ]
    return Content(
        title=t("共同清点", "Joint count"),
        facts=[(t("考试地点", "Site"), board.site), (t("场次", "Session"), str(board.session))],
        tables=[Table(head, rows)],
        place="custody-seal-room",
        place_args={"site": board.site, "session": board.session},
    )
