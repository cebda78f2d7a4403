"""The board over all stages: what nothing watches, with the reason why; links that lead somewhere; a bounded number of looks."""

import json
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver

from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.kernel.readiness.asking import found
from keju.kernel.readiness.boards import unwatched
from keju.kernel.readiness.registry import State, providers
from keju.rulebook import load_programme, programme_codes
from keju.rulebook.words import speaking
from keju.stages.examday.tests.world import DAY, SYSTEM, assign_hosts, make_exam, seat_people
from keju.stages.venues.models import Assignment, HostDecision, Room, Site

AT_THE_ACT = "refused at the act itself: nothing that stands can be against it"
THE_DAY = "the procedure in the room on the day itself is not in the system yet (a later issue)"
AFTERWARDS = "after the exam: refused by the database or at the act itself"
#: Clauses that are to be enforced or attested and that no provider watches. This list only shrinks.
UNWATCHED = {
    "V5.2.2": AT_THE_ACT,
    "V5.3.0": AT_THE_ACT,
    "V5.3.1a": AT_THE_ACT,
    "V5.3.1b": AT_THE_ACT,
    "V5.3.2a": AT_THE_ACT,
    "V11.3.2": AT_THE_ACT,
    "V15.4.1": THE_DAY,
    "V15.4.3": THE_DAY,
    "V15.5.1": THE_DAY,
    "V17.1.1": AFTERWARDS,
    "V17.1.2": AFTERWARDS,
    "V17.4": AFTERWARDS,
    "V18.1.2": AFTERWARDS,
}
#: Being built in this very issue, each by its own part; gone from here when it has landed.
COMING = {"V2.9", "P1.2"}


def test_what_nothing_watches_is_known_and_only_shrinks() -> None:
    open_ = {c.id for code in programme_codes() for c in unwatched(load_programme(code).rules.values())}
    assert open_ - UNWATCHED.keys() - COMING == set()
    assert UNWATCHED.keys() - open_ == set(), "watched by now: strike it out of the list"


def test_a_provider_watches_clauses_that_exist() -> None:
    known = {rule for code in programme_codes() for rule in load_programme(code).rules}
    assert {rule for p in providers() for rule in p.rules} - known == set()


@pytest.fixture
def exam() -> Exam:
    exam = make_exam()
    seat_people(exam, opened=False)
    assign_hosts(exam)
    return exam


@pytest.mark.django_db
def test_every_row_leads_somewhere_and_says_its_words_in_both_languages(exam: Exam) -> None:
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    rows = [f for path in ("/", "/11/1101/01/") for f in found(exam, path, DAY)]
    assert len({f.rule for f in rows}) > 12
    assert {f.row.url for f in rows if f.row.url} - names == set()
    for f in rows:
        assert f.row.state in State and f.row.office_path.endswith("/")
        if f.row.state in (State.RED, State.AMBER):
            assert f.row.words is not None and f.row.words.zh and f.row.words.en, (f.rule, f.row)
            assert "{" not in f.row.words.zh + f.row.words.en
    with speaking("en"):
        assert all(str(f.row.words).isascii() or f.row.words for f in rows)


@pytest.mark.django_db
def test_the_number_of_statements_does_not_grow_with_the_offices(exam: Exam) -> None:
    _another_point(
        exam, "1102", rooms=2
    )  # one that has reported, so that nothing is left out for want of any
    few = _looks(exam)
    for n in range(3, 9):
        _another_point(exam, f"11{n:02d}", rooms=3 * n)
    many = _looks(exam)
    assert len(many) == len(few), json.dumps(sorted(set(many) - set(few)), indent=1)
    assert len(few) < 8 * len(providers())


def _looks(exam: Exam, at: datetime = DAY) -> list[str]:
    with (
        acting(SYSTEM),
        CaptureQueriesContext(
            connection,
        ) as seen,
    ):
        found(exam, "/11/", at)
    return [
        q["sql"][:300] for q in seen.captured_queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))
    ]


def _another_point(exam: Exam, point: str, rooms: int) -> None:
    path = f"/11/{point}/"
    with acting(SYSTEM):
        decision = HostDecision.objects.get(exam=exam, region_code="11")
        Assignment.objects.create(
            exam=exam, decision=decision, office_path=path, point_code=point, host_code=point, candidates=3
        )
        site = Site.objects.create(
            exam=exam, office_path=f"{path}01/", point_code=point, code=f"{point}-01", name_zh="二中", address="路2号",
            standard=30, reported_at=DAY,
        )  # fmt: skip
        Room.objects.bulk_create(
            Room(exam=exam, site=site, office_path=f"{path}01/", number=n, building="A", floor=1, columns=5, rows=6,
                 gap_cm=80, kind="exam")
            for n in range(1, rooms + 1)
        )  # fmt: skip
