"""The worker or the server is killed at any step of the papers' way, and the same is sent again: nothing lost, nothing twice.

Making (the worker's job), a scanned batch, the last signature of a handover, the minute's watch, the withdrawal for a half-day,
its return to the store, destruction: each first looked at without a kill, then killed (a real process, SIGKILL: around its
commit, at night before every statement), then sent again.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest

from keju.kernel.accounts.models import Person
from keju.kernel.accounts.services import issue_signing_codes
from keju.kernel.approvals import services as approvals
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.jobs import running
from keju.kernel.jobs import services as jobs
from keju.kernel.jobs.boards import StillRunning
from keju.kernel.jobs.models import Job
from keju.kernel.offices import Actor, acting
from keju.stages.custody import services
from keju.stages.custody.jobs import MAKE_ALL
from keju.stages.custody.models import Container, Handover
from keju.stages.custody.queries import handovers as reads
from keju.stages.custody.queries.verifying import broken
from keju.stages.custody.rules.chain import Act, Change
from keju.stages.custody.rules.containers import Kind
from keju.stages.custody.rules.counting import Counted
from keju.stages.custody.rules.handovers import Scan
from keju.stages.custody.services import alarms, ending, half_day, handovers
from keju.stages.custody.tests import day as days
from keju.stages.custody.tests import hands
from keju.stages.custody.tests.day import SESSION, SITE, STORE, Day
from keju.stages.custody.tests.hands import DAY, SYSTEM
from keju.stages.custody.tests.killing import Proof, Work, briefly, thoroughly
from keju.stages.custody.tests.world import (
    CENTRE_PAPERS,
    MADE_AT,
    POINT_PAPERS,
    key,
)
from keju.stages.venues.tests.year import staff

PROOFS = [briefly, pytest.param(thoroughly, marks=pytest.mark.nightly)]


def made_by_worker(exam: Exam) -> Work:
    """The centre has pressed the button; the worker takes the job up, and again when it died."""
    with acting(CENTRE_PAPERS):
        job = jobs.start(MAKE_ALL, exam=exam, key=str(key("make all")), by=CENTRE_PAPERS, at=MADE_AT)

    def fresh() -> Job:
        with acting(SYSTEM):
            Job.objects.filter(pk=job.pk).update(attempts=0)  # one that dies again and again is given up
            return Job.objects.get(pk=job.pk)

    def taken_up() -> None:
        fresh()
        while True:
            try:
                return running.run_in_worker(job.pk)
            except StillRunning:  # the server has not noticed yet that the worker is dead
                time.sleep(0.01)

    return Work(taken_up, look=lambda: running.run_here(fresh()), done=5)


def batch(exam: Exam, row: Handover, name: Callable[[], UUID]) -> Work:
    """The scanner's device sends every code of the handover."""
    with acting(CENTRE_PAPERS):
        found = [Scan(code) for code in row.items.values_list("code", flat=True)]

    def send() -> None:
        with acting(CENTRE_PAPERS):
            handovers.scan(
                exam=exam, handover_id=row.pk, key=name(), found=found, by=CENTRE_PAPERS, at=DAY
            )  # fmt: skip

    return Work(send)


def last_signature(who: hands.Cast, row: Handover, *, by: Actor = CENTRE_PAPERS, at: datetime = DAY) -> Work:
    """All but one have signed; with the last signature the containers are the receiver's."""
    with acting(by):
        proposal = row.proposal or handovers.finish_count(exam=who.exam, handover_id=row.pk, by=by, at=at)
        people = [p.person_id for p in reads.people(row)]
    codes = {person: who.code(person) for person in people}

    def sign(person: int) -> None:
        with acting(by):
            handovers.sign(
                exam=who.exam, handover_id=row.pk, person_id=person, code=codes[person],
                content_hash=proposal.content_hash, by=by, at=at,
            )  # fmt: skip

    for person in people[:-1]:
        sign(person)
    return Work(partial(sign, people[-1]))


def watched(exam: Exam) -> Work:
    """The minute's look at everything: what is wrong is told."""
    late = days.starts(exam) - timedelta(minutes=30)
    return Work(lambda: alarms.watch(exam=exam, by=SYSTEM, at=late))


def drawn(day: Day) -> Work:
    """The morning's papers go from the store to the seal room."""
    seen, escort = days.seen(days.bags(day.exam)), day.escort()

    def go() -> None:
        with acting(POINT_PAPERS):
            half_day.withdraw(
                exam=day.exam, key=key("withdraw"), site_code=SITE, session=SESSION, seen=seen, head=day.head,
                escort=escort, by=POINT_PAPERS, at=days.drawn_at(day.exam),
            )  # fmt: skip

    return Work(go)


def brought_back(day: Day) -> Work:
    escort = day.escort()

    def go() -> None:
        with acting(POINT_PAPERS):
            half_day.bring_back(
                exam=day.exam, key=key("back"), site_code=SITE, session=SESSION, store=STORE, escort=escort,
                by=POINT_PAPERS, at=days.ends(day.exam) + timedelta(minutes=40),
            )  # fmt: skip

    return Work(go)


def burnt(day: Day) -> Work:
    """All papers are counted, and the leader has ordered it."""
    exam, over = day.exam, exams.sessions(day.exam)[-1].ends_at
    papers = [h for s in (1, 2) for h in days.bags(exam, s) if h.container.kind == Kind.BAG]
    ids = [h.container_id for h in papers]
    with acting(SYSTEM):
        common = {"exam": exam, "office_path": "/13/", "by": SYSTEM, "at": over}
        services.carry_out(
            key=key("cut open"), act=Act.OPENED, changes={pk: Change(seal="") for pk in ids}, **common
        )
        counts = {h.container_id: Change(counts=Counted(h.copies, 0).counts()) for h in papers}
        services.carry_out(key=key("all counted"), act=Act.COUNTED, changes=counts, **common)
        person = Person.objects.create(name="考点负责人", office_path="/13/1301/")
        (code,) = issue_signing_codes(person_id=person.pk, count=1, by=SYSTEM, at=over)
    leader = replace(staff("point_leader", "1301"), person_id=person.pk)
    when = over + timedelta(days=1)
    with acting(POINT_PAPERS):
        row = ending.order(
            exam=exam, point_code="1301", container_ids=ids, place="造纸厂", method="化浆", by=POINT_PAPERS, at=when
        )  # fmt: skip
    assert row.order is not None
    with acting(leader):
        approvals.sign(
            proposal_id=row.order.pk, content_hash=row.order.content_hash, code=code, by=leader, at=when
        )
    codes = day.signed(day.head, day.officer, *day.staff)

    def go() -> None:
        with acting(POINT_PAPERS):
            ending.destroy(
                exam=exam, destruction_id=row.pk, key=key("burnt"), head=day.head, officer=day.officer, staff=day.staff,
                codes=codes, by=POINT_PAPERS, at=when,
            )  # fmt: skip

    return Work(go)


@pytest.mark.django_db(transaction=True)
@pytest.mark.rule("V9.1", "V11.1", "V15.2", "V16.1.1", "V16.2.1")
@pytest.mark.parametrize("survives", PROOFS)
def test_killed_anywhere_and_sent_again_nothing_is_lost_and_nothing_done_twice(
    confirmed: Exam, survives: Proof
) -> None:
    exam = confirmed
    survives(exam, made_by_worker(exam))
    who = hands.cast(exam, ["centre"])
    row = hands.arranged(who, "centre_to_carrier", hands.boxes(exam), "journey:1")
    survives(exam, batch(exam, row, lambda: key("batch")))
    survives(exam, last_signature(who, row))
    with acting(SYSTEM):
        day = days.stored(exam, list(Container.objects.filter(exam=exam).order_by("code")), at=DAY)
    survives(exam, watched(exam))
    survives(exam, drawn(day))
    survives(exam, brought_back(day))
    survives(exam, burnt(day))
    with acting(SYSTEM):
        assert list(broken(exam)) == []


@pytest.mark.django_db(transaction=True)
def test_a_device_that_forgets_its_key_does_it_twice_after_a_lost_answer(confirmed: Exam) -> None:
    """The key is what holds: without it the same proof fails, for the scanner and for the chain itself."""
    exam = confirmed
    with acting(CENTRE_PAPERS):
        services.make(exam=exam, region_code="13", key=key("make"), by=CENTRE_PAPERS, at=MADE_AT)
    who = hands.cast(exam, ["centre"], codes=1)
    row = hands.arranged(who, "centre_to_carrier", hands.boxes(exam), "journey:1")
    with pytest.raises(AssertionError):
        briefly(exam, batch(exam, row, uuid4))
    (box,) = hands.boxes(exam)
    there = {box: Change(place="centre", place_path="/")}

    def move() -> None:
        with acting(SYSTEM):
            services.carry_out(
                exam=exam, key=uuid4(), act=Act.MOVED, changes=there, office_path="/13/", by=SYSTEM, at=DAY
            )

    with pytest.raises(AssertionError):
        briefly(exam, Work(move))
