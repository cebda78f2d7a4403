"""Rooms closed, bags opened, cards scanned: for the tests of marking. Keys and answers are known here."""

import json
from collections.abc import Sequence
from functools import cache

import numpy as np

from keju.algorithms.omr import (
    Answer,
    CardFace,
    CardLayout,
    CardReading,
    Marks,
    Payload,
    Pencil,
    Reason,
    State,
    Status,
    Titles,
    card_layout,
    mark_up,
    print_cards,
    rasterise,
)
from keju.algorithms.omr.degrading import fade, to_jpeg
from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.stages.examday import queries as examday
from keju.stages.examday import services as day
from keju.stages.examday.services import SeatMark
from keju.stages.examday.tests.world import DAY, OVER, Seat, officer
from keju.stages.marking import services
from keju.stages.marking.models import Batch
from keju.stages.marking.services.reading import read_here

SCORER, SECOND, THIRD = (officer("centre_scoring", "centre", n) for n in (1, 2, 3))
KEEPER, KEEPER2 = (officer("centre_key", "centre", n) for n in (1, 2))
DATA = officer("centre_data", "centre")
ROOT_ADMIN = officer("centre_system", "centre")
LAYOUT = card_layout(200, "ABCDE", 10)
KEY = ["ABCDE"[i % 5] for i in range(200)]


@cache
def sheet(exam: str, session: str, ticket: str) -> np.ndarray:
    """The printed card of a ticket, rasterised once."""
    card = CardFace(Titles("考试", "场次", ("甲", "乙")), exam, session, ticket, "王小明", "001", "01")
    return fade(next(rasterise(print_cards(LAYOUT, [card]))))


def scan(
    exam: Exam,
    ticket: str,
    *,
    session: int = 1,
    right: int = 200,
    absent: bool = False,
    violation: bool = False,
    tick: int = 0,
    seed: int = 1,
    other: str = "",
) -> bytes:
    """A JPEG of the candidate's card: the first `right` questions right, the rest wrong; question `tick` only half marked."""
    rng = np.random.default_rng(seed)
    answers = tuple((("ABCDE".index(k) + (q >= right)) % 5,) for q, k in enumerate(KEY))
    if absent:
        answers = ((),) * 200
    marks = Marks(answers, absent=absent, violation=violation)
    image = sheet(other or str(exam.pk), str(session), ticket)
    if tick:
        only = Marks(tuple(a if q == tick - 1 else () for q, a in enumerate(answers)))
        image = mark_up(image, LAYOUT, only, rng, Pencil(coverage=(0.35, 0.4), styles=(("part", 1.0),)))
        rest = tuple(() if q == tick - 1 else a for q, a in enumerate(answers))
        marks = Marks(rest, absent=absent, violation=violation)
    return to_jpeg(mark_up(image, LAYOUT, marks, rng))


def card(
    exam: Exam, ticket: str, *, session: int = 1, right: int = 200, absent: bool = False, doubt: int = 0
) -> bytes:
    """As `scan`, without a picture: for `told`, where what counts is what follows from a reading."""
    return json.dumps([str(exam.pk), str(session), ticket, right, absent, doubt]).encode()


def told(images: Sequence[bytes], layout: CardLayout) -> list[CardReading]:
    """A reader that is told what stands on the cards of `card`."""
    return [_told(json.loads(data), layout) for data in images]


def _told(said: list[object], layout: CardLayout) -> CardReading:
    exam, session, ticket, right, absent, doubt = said
    answers = [
        Answer("" if absent else "ABCDE"[("ABCDE".index(k) + (q > int(right))) % 5], State.CLEAR, 1.0)  # type: ignore[call-overload]
        for q, k in enumerate(KEY, 1)
    ]
    if doubt:
        answers[int(doubt) - 1] = Answer("A", State.DOUBTFUL, 0.0)  # type: ignore[call-overload]
    return CardReading(
        Status.NEEDS_PERSON if doubt else Status.OK,
        (Reason.DOUBTFUL,) if doubt else (),
        layout.version,
        Payload(str(exam), str(session), str(ticket), layout.version),
        str(ticket),
        str(ticket),
        tuple(answers),
        absent=bool(absent),
    )


def close_day(
    exam: Exam, *, absent: dict[int, set[str]] | None = None, violators: set[str] = frozenset()
) -> None:  # type: ignore[assignment]
    """Every room of both sessions is closed; `absent` says who was not there, by session."""
    for point in ("1101", "1301"):
        by = officer("point_manager", point)
        with acting(by):
            for session in (1, 2):
                day.open_rooms(exam=exam, session_number=session, by=by, at=DAY)
                for room in examday.rooms(viewer=by, exam=exam, session_number=session):
                    marks = [
                        SeatMark(
                            s.ticket,
                            s.ticket not in (absent or {}).get(session, set()),
                            "夹带" if s.ticket in violators and session == 1 else "",
                        )
                        for s in examday.seats(viewer=by, exam=exam, room=room)
                    ]
                    day.record_marks(exam=exam, room_session_id=room.pk, marks=marks, by=by, at=DAY)
                    day.close_rooms(exam=exam, room_session_ids=[room.pk], by=by, at=OVER)


def bag(exam: Exam, seat: Seat, session: int = 1) -> Batch:
    """The batch of the seat's room, all batches being open."""
    with acting(SCORER):
        services.open_batches(exam=exam, by=SCORER, at=DAY)
        return Batch.objects.get(exam=exam, session_number=session, room_id=seat.room_id)


def read(exam: Exam, batch: Batch, *images: bytes) -> services.ReadResult:
    """The images are read into the batch; those of `card` by `told`."""
    reader = told if images and images[0].startswith(b"[") else read_here
    with acting(SCORER):
        return services.read_images(
            exam=exam, batch_id=batch.pk, images=images, by=SCORER, at=DAY, reader=reader
        )


def read_everybody(exam: Exam, seats: list[Seat], but: set[str] = frozenset()) -> None:  # type: ignore[assignment]
    """Everybody's cards of both sessions are read, but some; everybody has fewer right than the one before."""
    for session in (1, 2):
        by_room: dict[int, list[bytes]] = {}
        for n, seat in enumerate(seats):
            if seat.ticket not in but:
                image = card(exam, seat.ticket, session=session, right=200 - 10 * n)
                by_room.setdefault(seat.room_id, []).append(image)
        for seat in {s.room_id: s for s in seats}.values():
            read(exam, bag(exam, seat, session), *by_room.get(seat.room_id, []))


def set_keys(exam: Exam) -> None:
    """Both sessions have a key that two persons entered."""
    for session in (1, 2):
        with acting(KEEPER):
            key = services.set_key(exam=exam, session_number=session, answers=KEY, by=KEEPER, at=DAY)
        with acting(KEEPER2):
            services.confirm_key(exam=exam, key_id=key.pk, answers=KEY, by=KEEPER2, at=DAY)
