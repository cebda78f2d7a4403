"""A site's half-day of papers: drawn from the store, read, issued, opened, counted back, sealed, brought back."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam, Session
from keju.kernel.offices import Actor
from keju.stages.custody.queries import drawing, people
from keju.stages.custody.queries import seal_room as seal_room_queries
from keju.stages.custody.queries.seal_room import Board
from keju.stages.custody.rules.containers import OUTER
from keju.stages.custody.rules.counting import Counted
from keju.stages.custody.rules.halfday import sessions_beside
from keju.stages.custody.rules.seal_room import Seen
from keju.stages.custody.services import counting, half_day, opening, seal_room
from keju.stages.custody.services.attempts import Refused
from keju.stages.examday.models import RoomSession
from keju.web.rehearsal.signing import Codes
from keju.web.rehearsal.world import World

DRAWN, ISSUED, OPENED = timedelta(minutes=80), timedelta(minutes=50), timedelta(minutes=5)
COUNTED, BACK = timedelta(minutes=10), timedelta(minutes=15)
STAFF = 2


class HalfDay:
    """One site in one session, with the people who sign there."""

    def __init__(self, world: World, codes: Codes, *, site: str, session: Session, keeper: Actor) -> None:
        self.world, self.codes, self.site, self.session, self.keeper = world, codes, site, session, keeper
        self.team = people.team(world.exam, site)
        self.head = self.team.heads[0].person_id
        self.officer = self.team.officers[0].person_id
        self.staff = [one.person_id for one in self.team.staff if one.person_id != self.officer][:STAFF]

    @property
    def exam(self) -> Exam:
        return self.world.exam

    def draw(self) -> int:
        """From the store into the rooms, opened. Returns how many bags are with candidates."""
        at, mine = (
            self.session.starts_at,
            {"exam": self.exam, "site_code": self.site, "session": self.session.number},
        )
        held = [one.holding for one in drawing.awaiting(self.exam, self.site, self.session.number)]
        if self.session.number == 1:
            self._impatient()
        signed = half_day.withdraw(
            **mine, key=self._key("draw"), seen=[Seen(h.container.code, h.seal) for h in held], head=self.head,
            escort=self._escort(), by=self.keeper, at=at - DRAWN,
        )  # fmt: skip
        _whole(signed)
        packs = [h.container_id for h in held if h.container.kind in OUTER]
        if packs:
            opening.open_packs(
                **mine, key=self._key("packs"), container_ids=packs, by=self.keeper, at=at - DRAWN
            )
        board = self._board()
        bags = [p for line in board.rooms for p in line.pieces] + board.spares
        seal_room.check_seals(
            **mine, key=self._key("seals"), seen=[Seen(h.container.code, h.seal) for h in bags], by=self.keeper,
            at=at - ISSUED,
        )  # fmt: skip
        rooms = [line.room for line in board.rooms]
        invigilators = self._invigilators(rooms)
        signed = seal_room.issue(
            **mine, key=self._key("issue"), rooms=[seal_room.RoomIssue(room, *invigilators[room]) for room in rooms],
            codes=self.codes.of(self.head, self.officer), form=True, by=self.keeper, at=at - ISSUED,
        )  # fmt: skip
        _whole(signed)
        if self.session.number == 1:
            self._tried(
                "early_opening",
                opening.open_rooms(
                    **mine, key=self._key("early"), rooms=rooms[:1], by=self.keeper, at=at - ISSUED
                ),
            )
        seal_room.leave(**mine, version=self._version(), by=self.keeper, at=at - OPENED)
        opened = opening.open_rooms(
            **mine, key=self._key("open"), rooms=rooms, by=self.keeper, at=at - OPENED
        )
        if not isinstance(opened, int):
            raise RuntimeError(opened.refusals)
        return opened

    def back(self, rooms: Sequence[RoomSession], store: str) -> int:
        """Out of the rooms, counted against their records and sealed, into the store. Returns how many rooms."""
        ends, mine = (
            self.session.ends_at,
            {"exam": self.exam, "site_code": self.site, "session": self.session.number},
        )
        counts = [
            counting.RoomCount(
                r.room_number, Counted(r.present, r.absent), Counted(r.present, r.absent), r.present, r.absent,
                *(self._seal(kind, r.room_number) for kind in "PC"),
            )
            for r in rooms
        ]  # fmt: skip
        signed = counting.take_back(
            **mine, key=self._key("count"), rooms=counts, counter=self.staff[0], codes=self.codes.of(self.head, self.officer),
            form=True, by=self.keeper, at=ends + COUNTED,
        )  # fmt: skip
        _whole(signed)
        signed = half_day.bring_back(
            **mine, key=self._key("back"), store=store, escort=self._escort(), by=self.keeper, at=ends + BACK
        )
        _whole(signed)
        return len(counts)

    def _impatient(self) -> None:
        """Somebody would draw the afternoon's papers with the morning's, where there are any."""
        later = [s.number for s in exams.sessions(self.exam) if s.number != self.session.number]
        found = [one.holding for n in later for one in drawing.awaiting(self.exam, self.site, n)]
        together = sessions_beside(self.session.number, seal_room_queries.starts(self.exam))
        if found and not together & set(later):
            refused = half_day.withdraw(
                exam=self.exam, key=self._key("wrong"), site_code=self.site, session=self.session.number,
                seen=[Seen(h.container.code, h.seal) for h in found], head=self.head,
                escort=half_day.Escort(self.officer, self.staff, {}), by=self.keeper, at=self.session.starts_at - DRAWN,
            )  # fmt: skip
            self._tried("wrong_half_day", refused)

    def _tried(self, kind: str, refused: object) -> None:
        """The attempt was refused, and is to be found on record."""
        if not isinstance(refused, Refused):
            raise RuntimeError(f"{kind} was let through at {self.site}")
        self.world.planted.add((kind, f"seal_room:{self.site}/{self.session.number}"))

    def _board(self) -> Board:
        return seal_room_queries.board(self.exam, self.site, self.session.number, viewer=self.keeper)

    def _version(self) -> int:
        row = self._board().row
        return row.version if row else 0

    def _invigilators(self, rooms: Sequence[int]) -> dict[int, tuple[int, int]]:
        """Two for each room, in the order of the list: the draw by lot (V15.3.2) is a later step's."""
        people = list(dict.fromkeys(one.person_id for one in self.team.invigilators))
        return {room: (people[2 * n], people[2 * n + 1]) for n, room in enumerate(rooms)}

    def _escort(self) -> half_day.Escort:
        return half_day.Escort(self.officer, self.staff, self.codes.of(self.officer, *self.staff))

    def _key(self, what: str) -> UUID:
        return self.world.key(f"{what} {self.site} {self.session.number}")

    def _seal(self, kind: str, room: int) -> str:
        return f"{kind}{self.site}-{self.session.number}-{room}"


def _whole(signed: object) -> None:
    if not getattr(signed, "is_whole", False):
        raise RuntimeError(f"not signed: {signed}")
