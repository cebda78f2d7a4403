"""Cards are printed, rasterised, marked, degraded, read; doubts decided by two; scored by a key of two; frozen by two."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from multiprocessing import get_context

from keju.algorithms.omr import CardLayout, CardReading
from keju.algorithms.omr.playing import Played, Player, play_room
from keju.kernel.exams import queries as exams
from keju.kernel.offices import acting
from keju.stages.examday import queries as examday
from keju.stages.marking import queries, services
from keju.web.rehearsal.world import Tick, World

PROCESSES = 2


def run(world: World, tick: Tick) -> dict[str, int]:
    """Afterwards scores are frozen, and `world.truth` holds what was really put on every card."""
    counted = {"cards": 0, "doubts": 0, "scored": 0}
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
    # Spawned, not forked: a child must not inherit the database connection.
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        yield pool


def _key(world: World, session: int) -> str:
    """A key is drawn, entered by one keeper and entered again by another."""
    dice = world.random(f"key{session}")
    answers = "".join(
        dice.choice(s.options) for s in exams.subjects(world.exam, session) for _ in range(s.questions)
    )
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
    layout = services.card_layout_of(world.exam, session)
    size = (layout.questions, layout.options, layout.ticket_digits)
    with acting(scoring):
        batches = queries.batches(viewer=scoring, exam=world.exam, session_number=session)
    jobs = []
    for batch in batches:
        pdf, players, tickets = _sheets(world, batch.room_id, session)
        seed = int.from_bytes(sha256(f"{world.seed}/{session}/{batch.room_id}".encode()).digest()[:6])
        jobs.append((batch, tickets, pool.submit(play_room, pdf, size, key, players, seed)))
        if len(jobs) >= 2 * PROCESSES:
            _feed(world, session, jobs.pop(0), counted, tick)
    for job in jobs:
        _feed(world, session, job, counted, tick)


def _sheets(world: World, room_id: int, session: int) -> tuple[bytes, list[Player], list[str]]:
    """The room's printed cards, and who sits there: ability by seed, absence and violations as the room recorded."""
    centre = world.national("centre_exam")
    with acting(centre):
        pdf = services.print_cards(
            exam=world.exam, room_id=room_id, session_number=session, by=centre, at=world.calendar.opened
        )
        (room,) = [
            r
            for r in examday.rooms(viewer=centre, exam=world.exam, session_number=session)
            if r.room_id == room_id
        ]
        lines = examday.seats(viewer=centre, exam=world.exam, room=room)
    players = [
        Player(
            world.random(f"able{line.ticket}").gauss(0.6, 0.9), line.present is False, bool(line.violation)
        )
        for line in lines
    ]
    world.write(f"cards/{session}/{room.site_code}-{room.room_name}.pdf", pdf)
    return pdf, players, [line.ticket for line in lines]


def _feed(world: World, session: int, job: tuple, counted: dict[str, int], tick: Tick) -> None:  # type: ignore[type-arg]
    batch, tickets, future = job
    played: list[Played] = future.result()
    by_bytes = {p.jpeg: p.reading for p in played}

    def read(images: Sequence[bytes], layout: CardLayout) -> list[CardReading]:
        return [by_bytes[data] for data in images]

    scoring = world.national("centre_scoring")
    with acting(scoring):
        services.read_images(
            exam=world.exam,
            batch_id=batch.pk,
            images=[p.jpeg for p in played],
            by=scoring,
            at=world.calendar.read,
            reader=read,
        )
    for ticket, p in zip(tickets, played, strict=True):
        world.truth[(ticket, session)] = p.truth
    counted["cards"] += len(played)
    tick(len(played))


def _decide(world: World) -> int:
    """Two persons look at every doubt; here they see what was really put on the card."""
    decided = 0
    one, other = world.national("centre_scoring"), world.national("centre_scoring", 1)
    with acting(one):
        while doubts := queries.doubts(viewer=one, exam=world.exam):
            for doubt in doubts:
                answer = _seen(world, doubt)
                for who in (one, other):
                    services.decide(
                        exam=world.exam,
                        reading_id=doubt.reading_id,
                        question=doubt.question,
                        answer=answer,
                        by=who,
                        at=world.calendar.scored,
                    )
                decided += 1
    return decided


def _seen(world: World, doubt: queries.Doubt) -> str:
    if doubt.question == 0:
        return "accept"
    reading = queries.reading(viewer=None, exam=world.exam, reading_id=doubt.reading_id)  # type: ignore[arg-type]
    return world.truth[(reading.ticket, reading.batch.session_number)][doubt.question - 1]


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
