"""Many handovers at one store at once: nothing is lost, nothing goes out twice, every container takes one step."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any

import psycopg
import pytest
from django.db import connections
from pytest_django import Settings

from keju.kernel.audit import Stale
from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.custody.models import Handover, Holding, Step
from keju.stages.custody.models.chain import FATES
from keju.stages.custody.queries.verifying import broken
from keju.stages.custody.rules.handovers import Named
from keju.stages.custody.services import handovers
from keju.stages.custody.services.handovers import bulk, closing
from keju.stages.custody.tests import day as days
from keju.stages.custody.tests import hands
from keju.stages.custody.tests.hands import Cast
from keju.stages.custody.tests.world import POINT_PAPERS, key, seated

KIND, POINT, JOURNEY = "point_to_escort", "1301", "journey:9"
pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Store:
    """A point's store full of loose bags, and the people who hand them over."""

    who: Cast
    people: list[Named]
    bags: list[int]

    def attempt(self, number: int, bag: int, codes: dict[int, str]) -> bool:
        """A whole handover of that bag on a connection of its own; False if another had it."""
        try:
            with acting(POINT_PAPERS):
                row = handovers.in_one(
                    exam=self.who.exam, key=key(f"race {number}"), kind=KIND, container_ids=[bag], sender_office=POINT,
                    receiver_office=POINT, place=JOURNEY, people=self.people, codes=codes, by=POINT_PAPERS, at=hands.DAY,
                )  # fmt: skip
            return row.state == "closed"
        except (RuleRefused, Stale):
            return False
        finally:
            connections.close_all()

    def race(self, bags: list[int]) -> Counter[int]:
        """All at once, one for each entry of `bags`. How often each bag was handed over."""
        codes = [self.who.one_code_each(self.people) for _ in bags]
        with ThreadPoolExecutor(len(bags)) as pool:
            won = pool.map(self.attempt, range(len(bags)), bags, codes)
        return Counter(bag for bag, done in zip(bags, won, strict=True) if done)

    def sheets(self) -> dict[int, tuple[int, ...]]:
        """Container → its sheets by fate."""
        with acting(hands.SYSTEM):
            rows = Holding.objects.filter(exam=self.who.exam).values_list("pk", *FATES)
            return {pk: tuple(fates) for pk, *fates in rows}

    def went_out(self) -> Counter[int]:
        """How many steps out of the store each bag took."""
        with acting(hands.SYSTEM):
            steps = Step.objects.filter(exam=self.who.exam, act="handed_over", place=JOURNEY)
            return Counter(steps.values_list("container_id", flat=True))


def opened(exam: Exam, most: int) -> Store:
    """The store, with codes enough for so many handovers."""
    days.day(exam)
    who = hands.cast(exam, [POINT], codes=most)
    bags = [h.container_id for session in (1, 2) for h in days.bags(exam, session)]
    return Store(who, who.people(KIND, POINT, POINT), bags)


@pytest.fixture
def exam(eligible: list[int], settings: Settings, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> Exam:
    settings.FILES_ROOT = tmp_path
    return seated(eligible)


@pytest.mark.rule("V11.1")
@pytest.mark.parametrize("many", [8, pytest.param(50, marks=pytest.mark.nightly)])
def test_simultaneous_handovers_at_one_store_lose_nothing_and_double_nothing(exam: Exam, many: int) -> None:
    store = opened(exam, many)
    before = store.sheets()
    wanted = store.bags[: many // 2]
    asked = [wanted[n % len(wanted)] for n in range(many)]  # every bag is wanted at least twice
    won = store.race(asked)
    assert won == dict.fromkeys(wanted, 1) == store.went_out()
    assert store.sheets() == before
    with acting(hands.SYSTEM):
        assert Handover.objects.filter(state="closed").count() == len(wanted) == Handover.objects.count()
        places = dict(Holding.objects.filter(pk__in=store.bags).values_list("pk", "place"))
        assert list(broken(exam)) == []
    assert places == {pk: JOURNEY if pk in wanted else days.STORE for pk in store.bags}


@pytest.mark.rule("V11.1")
def test_without_the_constraint_one_bag_goes_out_twice(
    exam: Exam,
    monkeypatch: pytest.MonkeyPatch,
    owner_connection: psycopg.Connection[tuple[object, ...]],
) -> None:
    store = opened(exam, 2)
    owner_connection.execute("DROP INDEX custody_handover_item_living")
    monkeypatch.setattr(
        closing, "_check_as_counted", lambda *_: None
    )  # nor the second look, at the last signature
    both, scan = Barrier(2), bulk.scan

    def together(**facts: Any) -> object:
        both.wait(20)  # both have prepared theirs, and neither is committed
        return scan(**facts)

    monkeypatch.setattr(bulk, "scan", together)
    bag = store.bags[0]
    assert store.race([bag, bag]) == {bag: 2} == store.went_out()
