"""Whatever candidates and offices do in whatever order: the registration moves as its table says, and loses nothing.

A model of what must be true stands beside the services; after every step the database is compared with it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from keju.kernel.audit import Stale
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused
from keju.stages.registration import queries, services
from keju.stages.registration.models import Registration, Version
from keju.stages.registration.rules import Submission
from keju.stages.registration.tests.test_registering import AT, SYSTEM, candidate, make_exam, submission

NAMES = ("欧阳小明", "阿依古丽·买买提", "𠮷田", "王")
PEOPLE = st.integers(0, 2)
serials = count(1)


@dataclass
class Person:
    """What ought to be true of one person. `versions`: the name at each version of the live registration."""

    serial: int
    by: Actor
    pk: int = 0
    state: str = ""
    version: int = 0
    versions: list[str] = field(default_factory=list)
    past: int = 0

    @property
    def live(self) -> bool:
        return self.state in ("submitted", "confirmed", "rejected")


class Registrations(RuleBasedStateMachine):
    """Three people, one exam, a clock that only goes forward."""

    exam: Exam
    steps = 0

    @initialize()
    def begin(self) -> None:
        self.at = AT
        self.people = []
        for _ in range(3):
            serial = next(serials)
            self.people.append(Person(serial, candidate(submission(serial))))

    @property
    def open(self) -> bool:
        return self.at < AT + timedelta(days=20)

    def stated(self, person: Person, name: str) -> Submission:
        return submission(person.serial, name=name)

    def attempt(self, expected: type[Exception] | None, work: Callable[[], object]) -> object:
        """The work succeeds exactly where the model says so."""
        Registrations.steps += 1
        if expected is None:
            return work()
        with pytest.raises(expected):
            work()
        return None

    @rule(who=PEOPLE, name=st.sampled_from(NAMES))
    def submit(self, who: int, name: str) -> None:
        person = self.people[who]

        def work() -> object:
            with acting(person.by):
                return services.submit(
                    exam=self.exam, submissions=[self.stated(person, name)], candidate_ids=[person.by.candidate_id],
                    by=person.by, at=self.at,
                )  # fmt: skip

        made = self.attempt(None if self.open and not person.live else RuleRefused, work)
        if made is not None:
            person.past += bool(person.pk)
            person.pk = made[0].registration_id  # type: ignore[index]
            person.state, person.version, person.versions = "submitted", 1, [name]

    @precondition(lambda self: any(p.pk for p in self.people))
    @rule(who=PEOPLE, name=st.sampled_from(NAMES), behind=st.integers(0, 1))
    def edit(self, who: int, name: str, behind: int) -> None:
        person = self.people[who]
        if not person.pk:
            return
        late = person.state != "submitted" or behind
        expected = Stale if late else None if self.open else RuleRefused

        def work() -> object:
            with acting(person.by):
                return services.edit(
                    exam=self.exam, registration_id=person.pk, submission=self.stated(person, name),
                    version=person.version - behind, by=person.by, at=self.at,
                )  # fmt: skip

        if self.attempt(expected, work) is not None:
            person.version += 1
            person.versions.append(name)

    @precondition(lambda self: any(p.pk for p in self.people))
    @rule(who=PEOPLE, behind=st.integers(0, 1))
    def withdraw(self, who: int, behind: int) -> None:
        person = self.people[who]
        if not person.pk:
            return
        late = person.state != "submitted" or behind
        expected = Stale if late else None if self.open else RuleRefused

        def work() -> object:
            with acting(person.by):
                services.withdraw(
                    exam=self.exam, registration_id=person.pk, version=person.version - behind, reason="病了",
                    by=person.by, at=self.at,
                )  # fmt: skip
            return True

        if self.attempt(expected, work):
            person.state, person.version = "withdrawn", person.version + 1

    @precondition(lambda self: any(p.pk for p in self.people))
    @rule(who=PEOPLE)
    def confirm(self, who: int) -> None:
        person = self.people[who]

        def work() -> object:
            with acting(SYSTEM):
                services.mark_confirmed(exam=self.exam, registration_ids=[person.pk], by=SYSTEM, at=self.at)
            return True

        if self.attempt(None if person.state == "submitted" else Stale, work):
            person.state = "confirmed"

    @precondition(lambda self: any(p.pk for p in self.people))
    @rule(who=PEOPLE)
    def reject(self, who: int) -> None:
        person = self.people[who]

        def work() -> object:
            with acting(SYSTEM):
                services.mark_rejected(exam=self.exam, reasons={person.pk: "材料不全"}, by=SYSTEM, at=self.at)
            return True

        if self.attempt(None if person.state in ("submitted", "confirmed") else Stale, work):
            person.state = "rejected"

    @rule(days=st.sampled_from((0, 1, 8)))
    def time_passes(self, days: int) -> None:
        self.at += timedelta(days=days)

    @invariant()
    def the_database_says_the_same(self) -> None:
        for person in getattr(self, "people", []):
            with acting(person.by):  # sees their own alone
                rows = list(Registration.objects.order_by("pk"))
                assert len(rows) == person.past + bool(person.pk)
                assert sum(r.state != "withdrawn" for r in rows) == person.live
                if not person.pk:
                    continue
                row = rows[-1]
                assert (row.pk, row.state, row.version) == (person.pk, person.state, person.version)
                assert row.name == person.versions[-1]
                kept = queries.versions(viewer=person.by, exam=self.exam, registration_id=row.pk)
                assert [v.number for v in kept] == list(range(1, len(person.versions) + 1))
                assert Version.objects.filter(registration_id=row.pk).count() == len(person.versions)


def played(exam: Exam, examples: int, length: int, *, same: bool = False) -> int:
    """So many courses of events, random or always the `same`; returns how many steps were tried."""
    Registrations.exam, Registrations.steps = exam, 0
    run_state_machine_as_test(
        Registrations,
        settings=settings(
            max_examples=examples, stateful_step_count=length, deadline=None, database=None, derandomize=same,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    return Registrations.steps


@pytest.mark.django_db
@pytest.mark.rule("V5.2.1", "V5.3.0")
def test_registrations_move_as_their_table_says() -> None:
    assert played(make_exam(), examples=8, length=20, same=True) > 30


@pytest.mark.django_db
@pytest.mark.nightly
@pytest.mark.rule("V5.2.1", "V5.3.0")
def test_registrations_move_as_their_table_says_at_length() -> None:
    exam, steps = make_exam(), 0
    while steps < 10_000:
        steps += played(exam, examples=100, length=60)
