"""Counts that the database keeps equal a recount after whatever happens to the rows."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting, tallies
from keju.stages.examday.tests.world import SYSTEM, make_exam, seat_people, submit_people
from keju.stages.registration import queries
from keju.stages.registration.models import Registration

REGION = Actor("person:1", "r", "region_officer", "13", "/13/", 1)
STATEMENTS = [
    "UPDATE registration_registration SET state = 'withdrawn' WHERE id % 3 = 0 AND state = 'submitted'",
    "UPDATE registration_registration SET state = 'confirmed' WHERE id % 3 = 1 AND state = 'submitted'",
    "UPDATE registration_registration SET state = 'rejected', reason = 'x' WHERE id % 5 = 0 AND state <> 'withdrawn'",
    "UPDATE registration_registration SET category = 'aquatic' WHERE id % 2 = 0",
    "UPDATE registration_registration SET office_path = '/11/1101/', point_code = '1101' WHERE id % 4 = 0",
    "UPDATE registration_registration SET office_path = '/13/1301/', point_code = '1301'",
    "UPDATE registration_registration SET version = version + 1",
    "UPDATE registration_registration SET state = 'rejected', reason = 'x' WHERE false",
]


@pytest.fixture
def exam(db: None) -> Exam:
    made = make_exam()
    seat_people(made)
    return made


def recounted() -> Counter[tuple[str, str]]:
    rows = Registration.objects.values_list("office_path", "state", "category")
    return Counter((path, f"{state}/{category}") for path, state, category in rows)


def kept(exam: Exam) -> dict[tuple[str, str], int]:
    return {key: t.n for key, t in tallies.by_office(exam_id=exam.pk, subject="registration").items()}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([*STATEMENTS, "FOLD"]), max_size=8))
def test_kept_counts_are_the_recount(exam: Exam, happened: list[str]) -> None:
    with acting(SYSTEM), transaction.atomic():
        submit_people(exam, 12)
        for statement in happened:
            if statement == "FOLD":
                tallies.fold()
            else:
                with connection.cursor() as cursor:
                    cursor.execute(statement)
            assert kept(exam) == recounted()
            assert tallies.differences(exam.pk) == []
        transaction.set_rollback(True)  # the next course begins with the same people


def test_an_office_counts_its_own_and_nothing_set_counts_nothing(exam: Exam) -> None:
    with acting(REGION):
        assert sum(queries.counts(viewer=REGION, exam=exam).values()) == 3
        assert queries.counts_by_point(viewer=REGION, exam=exam) == {("1301", "confirmed"): 3}
        assert queries.confirmed_counts(viewer=REGION, exam=exam) == {("1301", "general"): 3}
    assert kept(exam) == {}


def test_the_difference_is_seen_when_the_trigger_is_off(exam: Exam) -> None:
    """The comparison above can fail: the tally itself is emptied behind the trigger's back."""
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute("DELETE FROM offices_tally WHERE office_path = '/11/1101/'")
        assert kept(exam) != recounted()
        assert tallies.differences(exam.pk) == ["registration /11/1101/ confirmed/general: 6 rows, 0"]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_lost_when_many_count_while_it_is_folded() -> None:
    """Writers never wait for one another, nor for the folding; at the end every row is counted once."""
    exam = make_exam()
    seat_people(exam)
    with acting(SYSTEM):
        ids = list(Registration.objects.values_list("pk", flat=True))

    def work(n: int) -> None:
        try:
            with acting(SYSTEM):
                if n % 4 == 0:
                    tallies.fold()
                else:
                    pk, category = ids[n % len(ids)], ("general", "aquatic")[n % 2]
                    with transaction.atomic():
                        Registration.objects.filter(pk=pk).update(category=category)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(80)))
    with acting(SYSTEM):
        assert kept(exam) == recounted()
    tallies.fold()
    with acting(SYSTEM), connection.cursor() as cursor:
        assert kept(exam) == recounted()
        cursor.execute(
            "SELECT max(n) FROM (SELECT count(*) AS n FROM offices_tally GROUP BY office_path, key) x"
        )
        assert cursor.fetchone() == (1,)
