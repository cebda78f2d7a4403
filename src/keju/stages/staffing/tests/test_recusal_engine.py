"""The engine against a naive one, in random histories: no hit missed, nobody barred who need not be (V2.9)."""

from dataclasses import dataclass, field

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.stages.staffing.models import Appointment, Hit
from keju.stages.staffing.tests import crowd
from keju.stages.venues.tests.year import SYSTEM, make_exam

MEMBERS, NUMBERS = 3, 6
SITS = ("submitted", "confirmed")
Key = tuple[int, int, int]  # member, identity, registration

member = st.integers(0, MEMBERS - 1)
number = st.integers(0, NUMBERS - 1)
OPS = st.one_of(
    st.tuples(st.just("register"), number),
    st.tuples(st.just("correct"), st.integers(0, 20), number),
    st.tuples(st.just("withdraw"), st.integers(0, 20)),
    st.tuples(st.just("appoint"), member),
    st.tuples(st.just("end"), member),
    st.tuples(st.just("declare"), member, st.sets(number, max_size=2)),
    st.tuples(st.just("renumber"), member, number),
    st.tuples(st.just("release"), st.integers(0, 20), st.sampled_from(["mistaken", "ended", "withdrawn"])),
)


@dataclass
class Naive:
    """Everything compared with everything after each step, in Python, from the words of the clause alone."""

    numbers: dict[int, int]
    registered: dict[int, tuple[int, str]] = field(default_factory=dict)
    posts: dict[int, int] = field(default_factory=dict)
    involved: set[int] = field(default_factory=set)
    relatives: set[tuple[int, int]] = field(default_factory=set)
    hits: dict[Key, str] = field(default_factory=dict)
    met: set[Key] = field(default_factory=set)

    def look(self) -> None:
        """What meets now and did not before bars, also where it had been released."""
        watched = {(m, self.numbers[m]) for m in self.involved} | self.relatives
        met = {(m, i, r) for m, i in watched for r, (n, s) in self.registered.items() if n == i and s in SITS}
        for key in met - self.met:
            self.hits[key] = "open"
        self.met = met

    def again(self, m: int, cause: str, numbers: set[int] | None = None) -> None:
        """Appointed or declared anew: what was released for that cause, and still meets, bars again."""
        for key in self.met:
            if key[0] == m and self.hits[key] == cause and (numbers is None or key[1] in numbers):
                self.hits[key] = "open"


@pytest.fixture
def exam(db: None) -> Exam:
    return make_exam("1301")


@pytest.mark.rule("V2.9", "P1.2", "V10.2.6")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(OPS, min_size=5, max_size=30))
def test_the_engine_finds_what_a_naive_one_finds_and_nothing_else(exam: Exam, history: list[tuple]) -> None:
    with transaction.atomic():
        with acting(SYSTEM):
            play(exam, history)
        transaction.set_rollback(True)


def play(exam: Exam, history: list[tuple]) -> None:
    people = crowd.members(MEMBERS, first=100)
    game = Game(exam, [m.pk for m in people], Naive({m: 100 + m for m in range(MEMBERS)}))
    names = {crowd.index(n): n for n in [*range(NUMBERS), *range(100, 100 + MEMBERS)]}
    for op, *args in history:
        getattr(game, op)(*args)
        found = {
            (game.ids.index(h.member_id), names[bytes(h.watch.identity_index)], h.registration_id): h.cause
            or h.state
            for h in Hit.objects.filter(exam=exam).select_related("watch")
        }
        assert found == game.naive.hits, (op, args)


@dataclass
class Game:
    """Each step, done to the database and told to the naive engine."""

    exam: Exam
    ids: list[int]
    naive: Naive
    regs: list[int] = field(default_factory=list)

    def register(self, n: int) -> None:
        if any(i == n and s != "withdrawn" for i, s in self.naive.registered.values()):
            return
        (pk,) = crowd.register(self.exam, [n])
        self.regs.append(pk)
        self.naive.registered[pk] = (n, "submitted")
        self.naive.look()

    def correct(self, place: int, n: int) -> None:
        """An identity number is corrected behind the program's back."""
        taken = {i for i, s in self.naive.registered.values() if s != "withdrawn"}
        if not self.regs or n in taken:
            return
        pk = self.regs[place % len(self.regs)]
        crowd.run(
            "UPDATE registration_registration SET identity_index = %s, phone = phone WHERE id = %s",
            crowd.index(n),
            pk,
        )
        self.naive.registered[pk] = (n, self.naive.registered[pk][1])
        self.naive.look()

    def withdraw(self, place: int) -> None:
        if not self.regs:
            return
        pk = self.regs[place % len(self.regs)]
        crowd.run("UPDATE registration_registration SET state = 'withdrawn' WHERE id = %s", pk)
        self.naive.registered[pk] = (self.naive.registered[pk][0], "withdrawn")
        self.naive.look()

    def appoint(self, m: int) -> None:
        room = Appointment.objects.count() + 1
        crowd.appoint(self.exam, self.ids[m], room=room)
        self.naive.involved.add(m)
        self.naive.look()
        self.naive.again(m, "ended")

    def end(self, m: int) -> None:
        crowd.end(self.exam, self.ids[m])

    def declare(self, m: int, numbers: set[int]) -> None:
        wanted = numbers - {self.naive.numbers[m]}  # nobody is their own relative: the service refuses it
        crowd.declare(self.exam, self.ids[m], wanted)
        self.naive.involved.add(m)
        self.naive.relatives |= {(m, n) for n in wanted}
        self.naive.look()
        self.naive.again(m, "mistaken", wanted)

    def renumber(self, m: int, n: int) -> None:
        """A member's own number is corrected."""
        if n in self.naive.numbers.values():
            return
        crowd.run("UPDATE staffing_member SET identity_index = %s WHERE id = %s", crowd.index(n), self.ids[m])
        self.naive.numbers[m] = n
        self.naive.look()

    def release(self, place: int, cause: str) -> None:
        if not self.naive.hits:
            return
        m, n, r = sorted(self.naive.hits)[place % len(self.naive.hits)]
        crowd.run(
            "UPDATE staffing_recusal_hit SET state = 'released', cause = %s FROM staffing_watch w"
            " WHERE w.id = watch_id AND w.member_id = %s AND w.identity_index = %s AND registration_id = %s",
            cause,
            self.ids[m],
            crowd.index(n),
            r,
        )
        self.naive.hits[m, n, r] = cause
