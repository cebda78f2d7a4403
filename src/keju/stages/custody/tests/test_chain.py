"""The log of custody: what it refuses, and that its fold is the last step."""

from datetime import datetime, time, timedelta
from itertools import pairwise

import psycopg
import pytest
from django.db import DatabaseError, transaction
from pytest_django import Settings

from keju.kernel.audit import Stale
from keju.kernel.audit.models import Event
from keju.kernel.calendar import CHINA
from keju.kernel.exams.models import Exam
from keju.kernel.jobs.models import Job
from keju.kernel.jobs.services import run_now
from keju.kernel.notices.models import Notice, Receipt
from keju.kernel.offices import Actor, acting
from keju.rulebook import RuleRefused
from keju.stages.custody import queries, services
from keju.stages.custody.models import Container, Holding, Operation, Step
from keju.stages.custody.queries.verifying import FOLD, GONE, IDENTITY, MEANT, OTHER, UNMADE, broken
from keju.stages.custody.rules.chain import Act, Change
from keju.stages.custody.rules.containers import Kind, code, read_code
from keju.stages.custody.services.checking import check_by_night, check_chain
from keju.stages.custody.tests.world import CENTRE_PAPERS, MADE_AT, REGION_PAPERS, key, papers, seated

LATER = MADE_AT + timedelta(days=1)
SYSTEM = Actor.system("tests")


def act(exam: Exam, act_: Act, changes: dict[int, Change], name: str = "", minutes: int = 0) -> Operation:
    with acting(CENTRE_PAPERS):
        return services.carry_out(
            exam=exam, key=key(name or str(act_)), act=act_, changes=changes, office_path="/13/", by=CENTRE_PAPERS,
            at=LATER + timedelta(minutes=minutes),
        )  # fmt: skip


@pytest.mark.rule("V9.1", "V15.6", "V11.2.2")
def test_papers_of_a_region_are_made_once_and_stand_in_sealed_boxes(exam: Exam) -> None:
    made = papers(exam)
    kinds = [c.kind for c in made]
    assert {k: kinds.count(k) for k in set(kinds)} == {"bag": 6, "card_bag": 6, "spare_bag": 4, "box": 1}
    with acting(REGION_PAPERS):
        (box,) = (h for h in queries.holdings(exam, viewer=REGION_PAPERS) if h.container.kind == Kind.BOX)
        inside = queries.contents(exam, [box.container_id])[box.container_id]
        assert (box.place, box.custodian, box.state.is_sealed, len(inside)) == (
            "printing_house",
            "centre",
            True,
            16,
        )
        assert sum(h.inside for h in inside if h.container.kind == Kind.BAG) == 2 * 37
        assert {h.inside for h in inside if h.container.kind == Kind.SPARE_BAG} == {5}
    for paper in {(c.session, c.category) for c in made if c.first_serial}:
        mine = sorted(
            (c.first_serial, c.last_serial)
            for c in made
            if (c.session, c.category) == paper and c.first_serial
        )
        assert mine[0][0] == 1 and all(a[1] + 1 == b[0] for a, b in pairwise(mine))
    with pytest.raises(RuleRefused, match="custody_made_already"), acting(CENTRE_PAPERS):
        services.make(exam=exam, region_code="13", key=key("again"), by=CENTRE_PAPERS, at=LATER)


def test_codes_are_checked() -> None:
    assert read_code(code(Kind.BAG, 17).lower()) == code(Kind.BAG, 17)
    wrong = code(Kind.BAG, 17).replace("17", "71")
    assert read_code(wrong) is None and read_code("B12") is None and read_code("") is None


@pytest.mark.rule("V12.2.0", "V11.3.3", "V11.2.2")
def test_what_lies_inside_moves_with_the_outer_and_the_frozen_stays(exam: Exam) -> None:
    made = papers(exam)
    box = next(c.pk for c in made if c.kind == Kind.BOX)
    bag = next(c.pk for c in made if c.kind == Kind.BAG)
    elsewhere = Change(place="centre", place_path="/", custodian="centre")
    with pytest.raises(RuleRefused, match="custody_inside"):
        act(exam, Act.MOVED, {bag: Change(place="centre", place_path="/")})
    act(exam, Act.MOVED, {box: Change(place="centre", place_path="/")})
    with acting(CENTRE_PAPERS):
        container = Container.objects.get(pk=bag)
        then, now = queries.position(container, MADE_AT), queries.position(container, LATER)
        assert then and now and (then.place, now.place, now.was_sealed) == ("printing_house", "centre", True)
        assert queries.position(container, MADE_AT - timedelta(minutes=1)) is None
    with pytest.raises(RuleRefused, match="custody_outer_sealed"):
        act(exam, Act.UNPACKED, {bag: Change(parent_id=None, **elsewhere)})
    act(exam, Act.FROZEN, {box: Change(frozen=True)})
    with pytest.raises(RuleRefused, match="custody_frozen"):
        act(exam, Act.OPENED, {box: Change(seal="")})
    act(exam, Act.RELEASED, {box: Change(frozen=False)}, minutes=1)
    with pytest.raises(RuleRefused, match="custody_backwards"):
        act(exam, Act.OPENED, {box: Change(seal="")})
    act(exam, Act.OPENED, {box: Change(seal="")}, minutes=2)
    act(exam, Act.UNPACKED, {bag: Change(parent_id=None, **elsewhere)}, minutes=3)


@pytest.mark.rule("V12.2.0")
def test_an_operation_is_done_once_and_bound_by_its_event(exam: Exam) -> None:
    box = next(c.pk for c in papers(exam) if c.kind == Kind.BOX)
    change = {box: Change(place="centre", place_path="/")}
    first = act(exam, Act.MOVED, change)
    assert act(exam, Act.MOVED, change).pk == first.pk
    for other in ((Act.OPENED, Change(seal="")), (Act.MOVED, Change(place="store:1", place_path="/13/"))):
        with pytest.raises(Stale):
            act(exam, other[0], {box: other[1]}, name="moved")
    with acting(CENTRE_PAPERS):
        steps = Step.objects.filter(container_id=box).order_by("number")
        assert [s.act for s in steps] == ["made", "sealed", "moved"]
        event = Event.objects.get(kind="custody.chain.moved")
        assert event.data["digest"] == first.digest
        assert Event.objects.filter(kind="custody.chain.repeated").count() == 1


def test_the_database_itself_refuses_what_breaks_the_chain(exam: Exam) -> None:
    box = next(c.pk for c in papers(exam) if c.kind == Kind.BOX)
    moved = act(exam, Act.MOVED, {box: Change(place="centre", place_path="/")})

    def forged(**facts: object) -> None:
        with acting(CENTRE_PAPERS), transaction.atomic():
            last = Step.objects.filter(container_id=box).order_by("-number").values().first()
            assert last is not None
            Step.objects.create(**{**last, "id": None, "number": last["number"] + 1, **facts})

    for facts in (
        {"number": 9}, {"custodian": "13"}, {"seal": ""}, {"frozen": True}, {"copies": 1, "inside": 1},
        {"act": "opened", "seal": ""}, {"place": "destroyed"}, {"number": 1, "act": "made"},
    ):  # fmt: skip
        with pytest.raises(DatabaseError, match=r"custody|row-level"):
            forged(**facts)
    with acting(CENTRE_PAPERS):
        for change in (Holding.objects.filter(pk=box).update, Step.objects.filter(operation=moved).update):
            with pytest.raises(DatabaseError), transaction.atomic():
                change(place="x")
        holding = Holding.objects.get(pk=box)
        assert holding.state == Step.objects.filter(container_id=box).order_by("-number")[0].state


@pytest.mark.django_db(transaction=True)
def test_what_a_superuser_changes_is_found(
    eligible: list[int],
    settings: Settings,
    tmp_path: object,
    owner_connection: psycopg.Connection[tuple[object, ...]],
) -> None:
    settings.FILES_ROOT = tmp_path
    exam = seated(eligible)
    box = next(c.pk for c in papers(exam) if c.kind == Kind.BOX)
    act(exam, Act.MOVED, {box: Change(place="centre", place_path="/")})
    owner_connection.execute("SET session_replication_role = replica")
    last = f"WHERE container_id = {box} AND number = 3"

    def found() -> set[str]:
        with acting(CENTRE_PAPERS):
            return {b.words.en for b in broken(exam)}

    assert found() == set()
    beside = (
        ("custody_operation", "by", "'person:1'", "act = 'moved'", MEANT),
        ("custody_operation", "reason", "'x'", "act = 'moved'", MEANT),
        ("custody_operation", "subject", "'handover:9'", "act = 'moved'", MEANT),
        ("custody_container", "room", "9", "kind = 'bag' AND room = 1", IDENTITY),
        ("custody_container", "category", "'x'", "kind = 'spare_bag'", IDENTITY),
        ("custody_container", "code", "'B9' || code", "kind = 'bag' AND room = 3", IDENTITY),
    )
    for table, column, value, where, words in beside:
        row, former = owner_connection.execute(
            f"SELECT id, {column} FROM {table} WHERE {where} LIMIT 1"
        ).fetchone()  # type: ignore[misc]
        owner_connection.execute(f"UPDATE {table} SET {column} = {value} WHERE id = {row}")
        assert found() == {words.en}, column
        owner_connection.execute(f"UPDATE {table} SET {column} = %s WHERE id = {row}", [former])
    owner_connection.execute(
        """INSERT INTO custody_container SELECT (jsonb_populate_record(c, '{"id": 999, "code": "X1"}')).*
        FROM custody_container c WHERE kind = 'box'"""
    )
    assert found() == {UNMADE.en}
    owner_connection.execute("DELETE FROM custody_container WHERE id = 999")
    assert found() == set()
    owner_connection.execute(f"UPDATE custody_step SET place = 'store:1' {last}")
    assert found() == {OTHER.en, FOLD.en}
    owner_connection.execute(f"UPDATE custody_holding SET place = 'store:1' WHERE container_id = {box}")
    assert found() == {OTHER.en}
    owner_connection.execute(f"UPDATE custody_step SET place = 'centre' {last}")
    owner_connection.execute(f"UPDATE custody_holding SET place = 'centre' WHERE container_id = {box}")
    assert found() == set()
    owner_connection.execute(f"DELETE FROM custody_step {last}")
    owner_connection.execute("DELETE FROM custody_operation WHERE act = 'moved'")
    assert found() == {GONE.en, FOLD.en}
    found_at = LATER + timedelta(days=1)
    assert {b.words.en for b in check_chain(exam=exam, by=SYSTEM, at=found_at)} == {GONE.en, FOLD.en}
    with acting(SYSTEM):
        assert Event.objects.get(kind="custody.checked").data["differences"] == 2
        notice = Notice.objects.get(title_zh__contains="审计日志")
        assert Receipt.objects.get(notice=notice).office_path == "/" and GONE.zh in notice.body_zh


def test_the_chain_is_checked_once_a_night(db: None, eligible: list[int]) -> None:
    exam = seated(eligible)
    two = datetime.combine(LATER.date(), time(2), CHINA)

    def checked(hours: float) -> int:
        check_by_night(exam=exam, by=SYSTEM, at=two + timedelta(hours=hours))
        with acting(SYSTEM):
            return Job.objects.filter(kind="custody.check").count()

    assert checked(2) == 0  # nothing is made yet
    papers(exam)
    assert [checked(h) for h in (0.9, 1, 2, 21.9)] == [0, 1, 1, 1]
    with acting(SYSTEM):
        done = run_now(Job.objects.get(kind="custody.check"))
        assert (done.state, done.error_count) == ("done", 0)
        assert Event.objects.get(kind="custody.checked").data["differences"] == 0
        assert not Notice.objects.filter(title_zh__contains="审计日志").exists()
    assert [checked(h) for h in (24.9, 25, 26)] == [1, 2, 2]
