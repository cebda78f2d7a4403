"""The exam day on the readiness board: papers drawn, looked at, issued, counted, back, spare papers whole; site by site,
at a site room by room."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time

from keju.algorithms.workdays import CHINA
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam, Session
from keju.kernel.offices.looking import once_a_look
from keju.kernel.readiness import AMBER, GREEN, GREY, MUST, PRINCIPLE, RED, Row, State, is_site, provides
from keju.rulebook.words import Words, t
from keju.stages.custody.params import Params
from keju.stages.custody.queries import people, standing
from keju.stages.custody.queries.standing import InUse
from keju.stages.custody.rules.containers import Kind
from keju.stages.custody.rules.counting import back_by
from keju.stages.custody.rules.halfday import drawn_by

NOBODY = t(
    "{session}：封卷室还缺{n}人（负责人、机要员、工作人员）",
    "{session}: the seal room lacks {n:person|persons} (head, confidential officer, staff)",
)
UNDRAWN = t("{session}：{n}袋还没有领到封卷室", "{session}: {n:bag is|bags are} not drawn to the seal room")
UNSEEN = t("{session}：{n}袋的封条还没有查验", "{session}: the seals of {n:bag|bags} are not looked at")
BROKEN = t("{session}：{n}袋被冻结", "{session}: {n:bag is|bags are} frozen")
UNISSUED = t("{session}：{n}个考场还没有发放", "{session}: {n:room has|rooms have} not been issued its bags")
UNCOUNTED = t("{session}：{n}个考场还没有清点", "{session}: {n:room is|rooms are} not counted back")
DIFFERS = t(
    "{session}：{n}个考场清点不符，没有说明",
    "{session}: {n:room differs|rooms differ} from the record, unexplained",
)
OUT = t("{session}：{n}袋没有回到保密室", "{session}: {n:bag is|bags are} not back in the store")
SHORT = t("{session}：备用卷缺{n}份", "{session}: {n:spare paper is|spare papers are} lacking")
NO_SPARES = t("{session}：没有备用卷袋", "{session}: there is no bag of spare papers")
RUN, CENTRE, FEW = "custody:seal_room:run", "centre", 5
OF_ROOMS = ("V15.3.1", "V15.3.4", "V15.5.2")


@dataclass
class HalfDay:
    """A site's papers of a session. `bags`: of papers and cards, by room; of all together (room 0) above a site. `due_from`:
    when nothing of the day comes before it any more."""

    site: str
    office_path: str
    session: Session
    due_from: datetime
    seal_room: InUse | None
    all_rooms: int = 0
    bags: Counter[int] = field(default_factory=Counter)
    frozen: Counter[int] = field(default_factory=Counter)
    spots: Counter[str] = field(default_factory=Counter)
    spares: int = 0
    spares_out: int = 0
    spares_lost: int = 0

    def wanting(self, done: Collection[int]) -> tuple[int, frozenset[int]]:
        """How many rooms are not among these; which, of a site."""
        return self.all_rooms - len(done), frozenset(self.bags.keys() - {0} - set(done))


@dataclass(frozen=True)
class Said:
    """How one thing stands in a half-day. `rooms`: those concerned, where a site is looked at."""

    state: State
    words: Words | None = None
    n: int = 0
    rooms: frozenset[int] = frozenset()


FINE, LATER = Said(GREEN), Said(GREY)
ORDER = (GREEN, GREY, AMBER, RED)
"""Of two half-days of a site the worse one is said; what is to come waits for its time."""


@once_a_look
def half_days(exam: Exam, path: str) -> list[HalfDay]:
    """Every site's, by site and session; none before papers are made."""
    sessions = {s.number: s for s in exams.sessions(exam)}
    begin = {number: _due_from(session, sessions.values()) for number, session in sessions.items()}
    lots = standing.lots(exam, path, rooms=is_site(path))
    in_use = standing.seal_rooms(exam, path) if lots else {}
    found: dict[tuple[str, int], HalfDay] = {}
    for lot in lots:
        key = (lot.site, lot.session)
        one = found.get(key)
        if one is None:
            session = sessions[lot.session]
            one = found[key] = HalfDay(
                lot.site, lot.office_path, session, begin[lot.session], in_use.get(key)
            )
        one.spots[lot.spot] += lot.bags
        if lot.kind == Kind.SPARE_BAG:
            one.spares += lot.bags
            one.spares_out += lot.out
            one.spares_lost += 0 if lot.keeper == CENTRE else lot.missing
            continue
        one.all_rooms += lot.rooms if lot.kind == Kind.BAG else 0
        one.bags[lot.room] += lot.bags
        one.frozen[lot.room] += lot.frozen
    return [found[key] for key in sorted(found)]


def _due_from(session: Session, every: Iterable[Session]) -> datetime:
    """The midnight before it, or the end of the last session before it on that day."""
    midnight = datetime.combine(session.starts_at.astimezone(CHINA).date(), time(), CHINA)
    return max([midnight, *(one.ends_at for one in every if one.ends_at <= session.starts_at)])


@provides("V15.2", "V15.3.1", "V15.3.4", "V15.5.2", "V15.6", "V16.1.1", strength=MUST)
def papers_of_the_day(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """A row for each site and clause, the worse of its half-days; at a site one for each room as well where rooms are judged."""
    every = half_days(exam, path)
    if not every:
        return
    figures = exams.params(exam, Params)
    short = people.lacking(exam, {half.site for half in every}, figures.withdrawal_staff)
    said: dict[tuple[str, str], list[tuple[HalfDay, Said]]] = {}
    for half in every:
        for rule, one in (
            ("V15.2", _drawn(half, at, figures, short[half.site])),
            ("V15.3.1", _looked_at(half)),
            ("V15.3.4", _issued(half, at, figures)),
            ("V15.5.2", _counted(half, at, figures)),
            ("V15.6", _spares(half, at, figures)),
            ("V16.1.1", _back(half, at, figures)),
        ):
            said.setdefault((half.site, rule), []).append((half, one))
    for (_, rule), both in said.items():
        half, worst = max(both, key=lambda one: ORDER.index(one[1].state))
        yield _row(half, rule, worst)
        if is_site(path) and rule in OF_ROOMS:
            yield from _rooms(half, rule, worst)


def _rooms(half: HalfDay, rule: str, worst: Said) -> Iterator[Row]:
    """Which rooms are meant: green where another one is. What waits for its time has no rooms."""
    for room in sorted(half.bags):
        mine = worst if room in worst.rooms or worst.state in (GREEN, GREY) else FINE
        yield _row(half, rule, mine, room)


def _row(half: HalfDay, rule: str, one: Said, room: int | None = None) -> Row:
    words = one.words and one.words.format(session=half.session.name, n=one.n)
    url = "custody-spares" if rule == "V15.6" else "custody-seal-room"
    rooms = tuple(sorted(one.rooms))[:FEW] if room is None else ()
    return Row(
        half.office_path, one.state, words, url, {"site": half.site, "session": half.session.number}, room=room,
        lacking=one.n if room is None else int(words is not None), rule=rule, mends=RUN, rooms=rooms,
        strength=PRINCIPLE if rule == "V15.3.1" else None,
    )  # fmt: skip


def _drawn(half: HalfDay, at: datetime, figures: Params, lacking: int) -> Said:
    """V15.2: its people are there; when its turn has come its papers are drawn, an hour before the start at the latest."""
    starts, n = half.session.starts_at, half.spots["store"]
    if half.seal_room is not None:
        return FINE if not n or at >= half.session.ends_at else Said(RED, UNDRAWN, n)
    if at >= drawn_by(starts, figures.papers_drawn_minutes_before):
        return Said(RED, UNDRAWN, n)
    turn = at >= half.due_from
    if lacking:
        return Said(RED if turn else AMBER, NOBODY, lacking)
    return Said(AMBER, UNDRAWN, n) if turn else LATER


def _looked_at(half: HalfDay) -> Said:
    """V15.3.1: every seal was read in the seal room, and nothing issued that is frozen."""
    if half.seal_room is None:
        return LATER
    seen, issued = half.seal_room.looked_at, half.seal_room.issued
    frozen = frozenset(room for room, n in half.frozen.items() if n and room not in issued)
    n = sum(half.frozen[room] for room in frozen)
    if n and half.spots["seal_room"]:
        return Said(RED, BROKEN, n, frozen - {0})
    unseen = sum(half.bags.values()) - sum(seen.values())
    rooms = frozenset(room for room, n in half.bags.items() if room and n > seen.get(room, 0))
    return Said(AMBER, UNSEEN, unseen, rooms) if unseen > 0 else FINE


def _issued(half: HalfDay, at: datetime, figures: Params) -> Said:
    """V15.3.4: every room has its bags shortly before the start."""
    if half.seal_room is None:
        return LATER
    n, rooms = half.wanting(half.seal_room.issued)
    late = at >= drawn_by(half.session.starts_at, figures.bags_issued_minutes_before)
    return Said(RED if late else AMBER, UNISSUED, n, rooms) if n > 0 else FINE


def _counted(half: HalfDay, at: datetime, figures: Params) -> Said:
    """V15.5.2: after the session every room is counted back together; what differs is explained in writing."""
    if half.seal_room is None:
        return LATER
    if half.seal_room.unexplained:
        return Said(RED, DIFFERS, len(half.seal_room.unexplained), half.seal_room.unexplained)
    n, rooms = half.wanting(half.seal_room.counted)
    if n <= 0:
        return FINE
    if at < half.session.ends_at:
        return LATER
    late = at >= back_by(half.session.ends_at, figures.back_minutes_after)
    return Said(RED if late else AMBER, UNCOUNTED, n, rooms)


def _spares(half: HalfDay, at: datetime, figures: Params) -> Said:
    """V15.6: the half-day has its bag of spare papers, and after it every one of them is in it again, or known to be gone."""
    if not half.spares:
        return Said(AMBER, NO_SPARES, 1)
    over = at >= back_by(half.session.ends_at, figures.back_minutes_after)
    n = half.spares_lost + (half.spares_out if over else 0)
    return Said(RED, SHORT, n) if n else FINE


def _back(half: HalfDay, at: datetime, figures: Params) -> Said:
    """V16.1.1: at once after the session everything is in the store."""
    if at < half.session.ends_at:
        return LATER
    n = half.spots["seal_room"] + half.spots["room"]
    late = at >= back_by(half.session.ends_at, figures.back_minutes_after)
    return Said(RED if late else AMBER, OUT, n) if n else FINE
