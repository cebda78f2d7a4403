"""A registration and a declaration at once: neither sees the other, and the second look finds what both missed."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection

from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.stages.staffing.models import Declaration, Watch
from keju.stages.staffing.queries import recusal as queries
from keju.stages.staffing.services import recusal as services
from keju.stages.staffing.tests import crowd
from keju.stages.venues.tests.year import AT, SYSTEM, make_exam

pytestmark = pytest.mark.django_db(transaction=True)
SITS = "UPDATE registration_registration SET identity_index = %s WHERE id = %s"
RELATED = """INSERT INTO staffing_relative
  (declaration_id, exam_id, member_id, office_path, relation, name, identity, identity_index)
  VALUES (%s, %s, %s, '/13/1301/', 'spouse', '', '', %s)"""


@contextmanager
def another() -> Iterator[psycopg.Connection]:
    """A second session in the nation's scope, in a transaction of its own that is committed by hand."""
    facts = connection.get_connection_params()
    wanted = {key: facts[key] for key in ("dbname", "user", "password", "host", "port") if facts.get(key)}
    with psycopg.connect(**wanted) as session:
        session.execute("SELECT set_config('keju.path', '/', false)")
        session.commit()
        yield session


def minute(exam: Exam) -> None:
    services.keep_recusal(exam=exam, by=SYSTEM, at=AT)


def minutes(exam: Exam) -> None:
    """As many as it takes: transactions of other databases on the server (other tests') put the second look off, too."""
    for _ in range(300):
        minute(exam)
        with acting(SYSTEM):
            if not Watch.objects.filter(looked=False).exists():
                return
        time.sleep(0.1)


def blocked(exam: Exam) -> set[int]:
    with acting(SYSTEM):
        return queries.blocked_members(exam)


@pytest.mark.rule("V2.9", "P1.2")
def test_neither_order_of_two_at_once_is_missed() -> None:
    exam = make_exam("1301")
    with acting(SYSTEM):
        one, two = (m.pk for m in crowd.members(2, first=900))
        (candidate,) = crowd.register(exam, [1])
        for member in (one, two):
            crowd.appoint(exam, member, room=member)
            crowd.declare(exam, member)
    minute(exam)
    with another() as session:
        session.execute(
            SITS, [crowd.index(2), candidate]
        )  # sits under another number, but not yet for anybody else
        with acting(SYSTEM):
            crowd.declare(exam, one, [2])
        minute(exam)  # too early: the other has not ended
        session.commit()
    assert blocked(exam) == set()  # so it would stay without the second look
    minutes(exam)
    assert blocked(exam) == {one}

    with another() as session:
        with acting(SYSTEM):
            declaration = Declaration.objects.filter(member_id=two).get().pk
        session.execute(RELATED, [declaration, exam.pk, two, crowd.index(3)])
        with acting(SYSTEM):
            crowd.register(exam, [3])
        minute(exam)
        session.commit()
    assert blocked(exam) == {one}
    minutes(exam)
    assert blocked(exam) == {one, two}
    with acting(SYSTEM):
        assert not Watch.objects.filter(looked=False).exists()
