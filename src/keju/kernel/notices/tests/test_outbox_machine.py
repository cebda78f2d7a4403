"""Whatever happens to the outbox, in whatever order: nothing is lost, nothing closed is sent, the key never changes."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as profile
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from keju.kernel.exams.models import Exam
from keju.kernel.notices import services
from keju.kernel.notices.models import Delivery, Gateway, Message
from keju.kernel.notices.services.outbox import Outcome, Taken
from keju.kernel.notices.states import (
    DELIVERY_TRANSITIONS,
    FIRST_WAIT,
    JITTER,
    LEASE,
    LONGEST_WAIT,
    OPEN,
    TRIES,
    State,
    wait_after,
)
from keju.kernel.notices.tests.post import KIND, Clock, people, tell
from keju.kernel.notices.tests.year import AT, ROOT, exam_of_2011, officer
from keju.kernel.offices import acting
from keju.rulebook.words import t


@pytest.mark.parametrize("attempts", [1, 2, 5, TRIES, 1000])
def test_waits_grow_and_stay_within_bounds(attempts):
    low, high = wait_after(attempts, 0), wait_after(attempts, 1)
    assert FIRST_WAIT * (1 - JITTER) <= low < high <= LONGEST_WAIT * (1 + JITTER)
    assert wait_after(attempts + 1, 0.5) >= wait_after(attempts, 0.5)


def test_the_tries_last_longer_than_a_day_and_a_half():
    assert sum((wait_after(n, 0) for n in range(1, TRIES)), timedelta()) > timedelta(hours=32)


def test_every_state_is_in_the_table_and_only_open_ones_are_tried():
    assert set(DELIVERY_TRANSITIONS) == set(State)
    assert {state for state, ways in DELIVERY_TRANSITIONS.items() if "accept" in ways} == set(OPEN)


class Outbox(RuleBasedStateMachine):
    """Workers take, send, crash, come too late; gateways accept, fail, refuse; offices ask again; time passes."""

    batches = Bundle("batches")

    def __init__(self) -> None:
        super().__init__()
        self.exam = Exam.objects.get()
        self.clock = Clock()
        with acting(ROOT):
            # Each run begins with an empty box: what an earlier one left is closed, as the pages would find it.
            Delivery.objects.filter(state__in=OPEN).update(
                state="given_up", closed_at=AT, body="", subject=""
            )
            Gateway.objects.all().delete()
            self.first = Delivery.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        self.keys: dict[int, str] = {}
        self.seen: dict[int, str] = {}
        self.asked: set[int] = set()
        self.accepted: set[int] = set()

    def rows(self) -> list[Delivery]:
        with acting(ROOT):
            return list(Delivery.objects.filter(pk__gt=self.first).order_by("pk"))

    @rule(n=st.integers(1, 3))
    def told(self, n: int) -> None:
        tell(self.exam, people(*[("13800138000", "")] * n))

    @rule(secret=st.booleans(), minutes=st.none() | st.integers(1, 400))
    def dispatched(self, secret: bool, minutes: int | None) -> None:
        services.dispatch(
            channel="sms", to="13800138000", kind="code", words=t("码", "Code"), by=ROOT, at=AT, secret=secret,
            until=None if minutes is None else self.clock.now + timedelta(minutes=minutes), exam=self.exam,
        )  # fmt: skip

    @rule(target=batches, most=st.integers(1, 4))
    def taken(self, most: int) -> list[Taken]:
        batch, _ = services.claim(channel="sms", most=most, per_second=1e6, at=self.clock.now)
        for one in batch:
            assert one.id not in self.accepted, "taken again after it was kept as sent"
            assert self.keys.setdefault(one.id, one.key) == one.key
        return batch

    @rule(
        batch=batches, fate=st.sampled_from(["accept", "fail", "refuse", "back", "late"]), pause=st.booleans()
    )
    def settled(self, batch: list[Taken], fate: str, pause: bool) -> None:
        if fate == "late":
            self.clock.wind(minutes=10)
        services.settle(
            channel="sms", outcomes=[self._outcome(one, fate) for one in batch], gateway="fake", by=ROOT,
            at=self.clock.now, pause="http_503" if pause and fate == "fail" else "",
        )  # fmt: skip
        for row in self.rows():
            if row.state == State.SENT:
                self.accepted.add(row.pk)

    def _outcome(self, one: Taken, fate: str) -> Outcome:
        return Outcome(
            one.id, one.attempts, "+8613800138000", ok=fate in ("accept", "late") and not one.fault,
            fault=one.fault or ("" if fate in ("accept", "late") else "http_503"),
            is_final=fate == "refuse" or bool(one.fault), untried=fate == "back" and not one.fault,
        )  # fmt: skip

    @rule(minutes=st.integers(1, 600))
    def time_passes(self, minutes: int) -> None:
        self.clock.wind(minutes=minutes)

    @precondition(lambda self: any(row.state == State.GIVEN_UP for row in self.rows()))
    @rule()
    def asked_again(self) -> None:
        by = officer("13")
        with acting(by):
            services.ask_again(exam=self.exam, kind=KIND, channel="sms", by=by, at=AT)
        self.asked |= {pk for pk, state in self.seen.items() if state == State.GIVEN_UP}

    @invariant()
    def every_step_is_one_of_the_table(self) -> None:
        for row in self.rows():
            before = self.seen.get(row.pk, row.state)
            ways = set(DELIVERY_TRANSITIONS[before].values()) | {before}
            if before == State.FAILED:
                ways.add(State.QUEUED)  # put back before its first failure counted
            if row.pk in self.asked:
                ways |= {State.QUEUED, State.FAILED, State.SENT}
            assert row.state in ways, (before, row.state)
            self.seen[row.pk] = row.state
        self.asked.clear()

    @invariant()
    def nothing_is_lost(self) -> None:
        with acting(ROOT):
            told = Message.objects.filter(deliveries__isnull=True).count()
        assert told == 0
        for row in self.rows():
            assert 0 <= row.attempts <= TRIES + 1
            if row.state in OPEN:
                assert row.due_at is None or row.due_at <= self.clock.now + max(LONGEST_WAIT * 1.25, LEASE)
                assert row.body or row.message_id
            elif row.is_secret:
                assert not row.body and not row.subject


def run(examples: int, steps: int) -> None:
    exam_of_2011()
    depth = profile(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Outbox, settings=depth)


def test_whatever_happens_to_the_outbox(db):
    run(12, 25)


@pytest.mark.nightly
def test_whatever_happens_to_the_outbox_in_ten_thousand_steps(db):
    run(250, 50)
