"""Random walks over the chain of custody: no law is broken, neither in the rules nor in the database."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from django.db import DatabaseError, transaction
from pytest_django import Settings

from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.custody import queries, services
from keju.stages.custody.models import Holding, Step
from keju.stages.custody.rules import chain
from keju.stages.custody.rules.chain import Act, Change, State
from keju.stages.custody.tests import walk
from keju.stages.custody.tests.world import CENTRE_PAPERS, MADE_AT, key, papers, seated

EVERY = set(Act) - {Act.MADE}


@pytest.mark.rule("V12.2.0", "V11.2.2", "V11.3.3", "V16.2.1")
def test_no_random_walk_breaks_a_law() -> None:
    broken, done = walk.walk(seed=1, operations=6_000)
    assert broken == []
    assert {act for act, times in done.items() if times} == EVERY  # each was let through now and then


@pytest.mark.nightly
@pytest.mark.rule("V12.2.0", "V11.2.2", "V11.3.3", "V16.2.1")
@pytest.mark.parametrize("seed", range(4))
def test_a_hundred_thousand_operations_break_no_law(seed: int) -> None:
    """A hundred thousand that were let through, of some five times as many that were asked for."""
    broken, done = walk.walk(seed=seed, operations=200_000)
    assert broken == [] and sum(done.values()) >= 25_000


def silent(*_: object, **__: object) -> Iterator[object]:
    return iter(())


@pytest.mark.parametrize("off", ["check_step", "check_contents", "_check_packing", "_check_seal"])
def test_a_walk_notices_when_a_rule_is_switched_off(off: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain if off.startswith("_") else walk, off, silent)
    try:
        broken, _ = walk.walk(seed=1, operations=6_000)
    except ValueError as impossible:  # what the rules hold impossible has come about
        broken = [str(impossible)]
    assert broken


def ask(
    exam: Exam, made: walk.World, ids: dict[int, int], n: int, act: Act, changes: dict[int, Change]
) -> bool:
    """Whether the service did it: the same wish with the database's own numbers."""
    real = {}
    for pk, change in changes.items():
        real[ids[pk]] = change.copy()
        if change.get("parent_id"):
            real[ids[pk]]["parent_id"] = ids[change["parent_id"] or 0]
        real[ids[pk]].update({"holder_id": None} if "holder_id" in change else {})
    try:
        with acting(CENTRE_PAPERS), transaction.atomic():
            services.carry_out(
                exam=exam,
                key=key(f"walk {n}"),
                act=act,
                changes=real,
                office_path="/13/",
                by=CENTRE_PAPERS,
                at=made.at,
            )
    except RuleRefused:
        return False
    return True


@pytest.mark.rule("V12.2.0", "V11.2.2", "V11.3.3")
def test_the_database_holds_what_the_rules_say(exam: Exam) -> None:
    """The same wishes to the rules alone and to the service: the same refusals, and `custody_holding` is the fold."""
    containers = papers(exam)
    outers = [c.pk for c in containers if c.kind == "box"]
    bags = [c.pk for c in containers if c.kind == "bag"]
    ids = dict(enumerate([*outers, *bags], 1))
    numbers = {pk: n for n, pk in ids.items()}
    with acting(CENTRE_PAPERS):
        held = {numbers[pk]: h.state for pk, h in queries.held(exam, ids.values()).items()}
    start = {n: replace(s, parent_id=numbers.get(s.parent_id or 0)) for n, s in held.items()}
    made = walk.World(len(outers), start, {n: [s] for n, s in start.items()}, at=MADE_AT)
    dice, agreed, done = random.Random(3), 0, 0
    for n in range(120):
        act, changes = walk.wish(made, dice)
        changes = {pk: {**c, "holder_id": None} if "holder_id" in c else c for pk, c in changes.items()}
        made.at += timedelta(minutes=1)
        refused = bool(walk.attempt(made, act, changes, made.at))
        agreed += ask(exam, made, ids, n, act, changes) != refused
        done += not refused
    with acting(CENTRE_PAPERS):
        now = {numbers[pk]: h.state for pk, h in queries.held(exam, ids.values()).items()}
        last = {
            s.container_id: s.state
            for s in Step.objects.filter(container_id__in=ids.values()).order_by("number")
        }
    assert agreed == 120 and done > 20
    assert {n: replace(s, parent_id=numbers.get(s.parent_id or 0)) for n, s in now.items()} == made.states
    assert {numbers[pk]: s for pk, s in last.items()} == now


def forge(box: int, act: str, **facts: object) -> None:
    """A step that no service would write, straight into the log."""
    with acting(CENTRE_PAPERS), transaction.atomic():
        last = Step.objects.filter(container_id=box).order_by("-number").values().first()
        assert last is not None
        operation = services.chain.Operation.objects.create(
            exam_id=last["exam_id"], office_path="/13/", key=key(f"forged {act}"), act=act, containers=1, digest="0" * 64,
            by="x", at=MADE_AT + timedelta(days=1),
        )  # fmt: skip
        stated = {"act": act, "operation_id": operation.pk, "number": last["number"] + 1, "at": operation.at}
        Step.objects.create(**{**last, **stated, **facts, "id": None})


@pytest.mark.django_db(transaction=True)
def test_without_the_triggers_the_log_takes_what_breaks_it(
    eligible: list[int],
    settings: Settings,
    tmp_path: object,
    owner_connection: psycopg.Connection[tuple[object, ...]],
) -> None:
    settings.FILES_ROOT = tmp_path
    made = papers(seated(eligible))
    box = next(c.pk for c in made if c.kind == "box")
    gone = {"place": "destroyed", "place_path": "/"}
    with pytest.raises(DatabaseError, match="what is destroyed is empty"):
        forge(box, "destroyed", **gone)
    with pytest.raises(DatabaseError, match="its seal stays"):
        forge(box, "moved", seal="other")
    owner_connection.execute("ALTER TABLE custody_step DISABLE TRIGGER custody_steps_within")
    forge(box, "destroyed", **gone)
    owner_connection.execute("ALTER TABLE custody_step DISABLE TRIGGER custody_steps_stand")
    forge(box, "moved", seal="other", number=40)
    with acting(CENTRE_PAPERS):
        state: State = Holding.objects.get(pk=box).state
        last = Step.objects.filter(container_id=box).order_by("-number")[0].state
    assert state.is_gone and last != state and last.number == 40
