"""Cards are printed, rasterised, marked, degraded, read; doubts decided by two; scored by a key of two; frozen by two."""

import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from multiprocessing import get_context

from keju.algorithms.omr import CardLayout, CardReading
from keju.algorithms.omr.playing import Played, Player, play_room
from keju.kernel.exams import queries as exams
from keju.kernel.offices import acting
from keju.stages.examday import queries as examday
from keju.stages.marking import queries, services
from keju.stages.marking.models import Reading
from keju.stages.marking.queries import BatchRow
from keju.stages.marking.rules import CARD, IDENTITY
from keju.web.rehearsal.world import Sheet, Tick, World

PROCESSES = 2
QUIETLY = (signal.SIGINT, signal.SIG_DFL)
Job = tuple[BatchRow, list[Player], list[str], Future[list[Played]]]


def run(world: World, tick: Tick) -> dict[str, int]:
    """Afterwards scores are frozen, and `world.truth` holds what was really put on every card."""
    counted = {"cards": 0, "scanned again": 0, "doubts": 0, "scored": 0}
    scoring = world.national("centre_scoring")
    with acting(scoring):
        services.open_batches(exam=world.exam, by=scoring, at=world.calendar.read)
    keys = {s.number: _key(world, s.number) for s in exams.sessions(world.exam)}
    with _pool() as pool:
        for session in exams.sessions(world.exam):
            _read_session(world, pool, session.number, keys[session.number], counted, tick)
    counted["doubts"] = _decide(world)
    counted["scored"] = _score(world)
    return counted


@contextmanager
def _pool() -> Iterator[ProcessPoolExecutor]:
    # Spawned, not forked: a child must not inherit the database connection. Ctrl-C ends the players without a word.
    with ProcessPoolExecutor(
        PROCESSES, mp_context=get_context("spawn"), initializer=signal.signal, initargs=QUIETLY
    ) as pool:
        try:
            yield pool
        except BaseException:
            # What is begun ends by itself; what waits is not begun.
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _key(world: World, session: int) -> str:
    """A key is drawn, entered by one keeper and entered again by another."""
    dice = world.random(f"key{session}")
    answers = "".join(
        dice.choice(s.options) for s in exams.subjects(world.exam, session) for _ in range(s.questions)
    )
    world.keys[session] = answers
    one, other = world.national("centre_key"), world.national("centre_key", 1)
    with acting(one):
        key = services.set_key(
            exam=world.exam, session_number=session, answers=list(answers), by=one, at=world.calendar.keyed
        )
    with acting(other):
        services.confirm_key(
            exam=world.exam, key_id=key.pk, answers=list(answers), by=other, at=world.calendar.keyed
        )
    return answers


def _read_session(
    world: World, pool: ProcessPoolExecutor, session: int, key: str, counted: dict[str, int], tick: Tick
) -> None:
    scoring = world.national("centre_scoring")
    layout = queries.layout_of(world.exam, session)
    size = (layout.questions, layout.options, layout.ticket_digits)
    with acting(scoring):
        batches = queries.batch_rows(viewer=scoring, exam=world.exam, session_number=session)
    jobs: list[Job] = []
    for batch in batches:
        pdf, players, tickets = _sheets(world, batch, session)
        seed = int.from_bytes(
            sha256(f"{world.seed}/{session}/{batch.site_code}/{batch.room_number}".encode()).digest()[:6]
        )
        jobs.append((batch, players, tickets, pool.submit(play_room, pdf, size, key, players, seed)))
        if len(jobs) >= 2 * PROCESSES:
            _feed(world, session, jobs.pop(0), counted, tick)
    for job in jobs:
        _feed(world, session, job, counted, tick)


def _sheets(world: World, batch: BatchRow, session: int) -> tuple[bytes, list[Player], list[str]]:
    """The room's printed cards, and who sits there: ability by seed, absence and violations as the room recorded."""
    centre = world.national("centre_exam")
    with acting(centre):
        pdf = services.print_cards(
            exam=world.exam,
            site_code=batch.site_code,
            room_number=batch.room_number,
            session_number=session,
            by=centre,
            at=world.calendar.opened,
        )
        (room,) = [
            r
            for r in examday.rooms(
                viewer=centre, exam=world.exam, session_number=session, site_code=batch.site_code
            )
            if r.room_number == batch.room_number
        ]
        lines = examday.seats(viewer=centre, exam=world.exam, room=room)
    players = [
        Player(
            world.random(f"able{line.ticket}").gauss(0.6, 0.9), line.present is False, bool(line.violation)
        )
        for line in lines
    ]
    world.write(f"cards/{session}/{batch.site_code}-{batch.room_number:03d}.pdf", pdf)
    return pdf, players, [line.ticket for line in lines]


def _feed(world: World, session: int, job: Job, counted: dict[str, int], tick: Tick) -> None:
    """The scanned cards of one room go in; what could not be read at all is scanned once more."""
    batch, players, tickets, future = job
    played = future.result()
    for ticket, player, p in zip(tickets, players, played, strict=True):
        world.truth[(ticket, session)] = p.truth
        for jpeg in (p.jpeg, p.again[0] if p.again else p.jpeg):
            world.sheets[sha256(jpeg).hexdigest()] = Sheet(ticket, session, player.absent, player.violation)
    _scan(world, batch, {p.jpeg: p.reading for p in played})
    again = dict(p.again for p in played if p.again)
    if again:
        _scan(world, batch, again)
    counted["cards"] += len(played)
    counted["scanned again"] += len(again)
    tick(len(played))


def _scan(world: World, batch: BatchRow, found: dict[bytes, CardReading]) -> None:
    def read(images: Sequence[bytes], layout: CardLayout) -> list[CardReading]:
        return [found[data] for data in images]

    scoring = world.national("centre_scoring")
    with acting(scoring):
        services.read_images(
            exam=world.exam,
            batch_id=batch.pk,
            images=list(found),
            by=scoring,
            at=world.calendar.read,
            reader=read,
        )


def _decide(world: World) -> int:
    """Two persons look at every doubt; here they see what was really put on the card."""
    decided = 0
    pair = (world.national("centre_scoring"), world.national("centre_scoring", 1))
    with acting(pair[0]):
        while waiting := queries.readings_in_doubt(viewer=pair[0], exam=world.exam):
            for one in waiting:
                reading = queries.reading(viewer=pair[0], exam=world.exam, reading_id=one.reading_id)
                says = {
                    doubt.question: _seen(world, reading, one.session_number, doubt.question)
                    for doubt in queries.reading_doubts(viewer=pair[0], reading=reading)
                    if doubt.agreed is None
                }
                for who in pair:
                    services.decide_all(
                        exam=world.exam,
                        reading_id=one.reading_id,
                        says=says,
                        by=who,
                        at=world.calendar.scored,
                    )
                decided += len(says)
    return decided


def _seen(world: World, reading: Reading, session: int, question: int) -> str:
    sheet = world.sheets[reading.image_sha256]
    if question == IDENTITY:
        return sheet.ticket
    if question == CARD:
        if (reading.absent, reading.violation) == (sheet.absent, sheet.violation):
            return "accept"
        return "absent" if sheet.absent else "violation" if sheet.violation else "unmarked"
    return world.truth[(sheet.ticket, session)][question - 1]


def _score(world: World) -> int:
    scoring, data, system = (world.national(r) for r in ("centre_scoring", "centre_data", "centre_system"))
    with acting(scoring):
        run = services.run_scores(exam=world.exam, by=scoring, at=world.calendar.scored)
    with acting(data):
        services.propose_freeze(exam=world.exam, run_id=run.pk, by=data, at=world.calendar.scored)
    with acting(system):
        services.freeze(
            exam=world.exam, run_id=run.pk, seen_digest=run.scores_digest, by=system, at=world.calendar.scored
        )
    return int(run.candidates)
