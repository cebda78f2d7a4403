"""In a candidate's own session the database refuses what offices decide, whatever the services say."""

from datetime import timedelta
from itertools import product

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.stages.registration import services
from keju.stages.registration.models import TRANSITIONS, Registration, State
from keju.stages.registration.tests.test_registering import AT, SYSTEM, exam, registered, submission

__all__ = ["exam"]
pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=1)


@pytest.fixture
def mine(exam: Exam) -> tuple[Actor, int]:
    return registered(exam, submission(1))


def as_it_is(pk: int) -> dict[str, object]:
    with acting(SYSTEM):
        return Registration.objects.values().get(pk=pk)


@pytest.mark.parametrize(
    "change",
    [
        {"state": State.CONFIRMED},
        {"state": State.REJECTED, "reason": "x"},
        {"state": State.CONFIRMED, "decided_at": LATER},
        {"decided_at": LATER},
        {"reason": "x"},
        {"photo_overruled_by": "person:1"},
        {"submitted_at": LATER},
        {"identity_index": b"somebody else's"},
    ],
)
def test_a_candidate_decides_nothing(mine: tuple[Actor, int], change: dict[str, object]) -> None:
    by, pk = mine
    before = as_it_is(pk)
    with pytest.raises(ProgrammingError, match="does not decide"), transaction.atomic(), acting(by):
        Registration.objects.filter(pk=pk).update(**change)
    assert as_it_is(pk) == before
    with acting(SYSTEM):  # an office's session may
        assert Registration.objects.filter(pk=pk).update(**change) == 1


@pytest.mark.parametrize("state", [State.CONFIRMED, State.REJECTED, State.WITHDRAWN])
def test_what_is_decided_stays_as_it_is(mine: tuple[Actor, int], state: State) -> None:
    by, pk = mine
    with acting(SYSTEM):
        Registration.objects.filter(pk=pk).update(state=state, reason="x")
    before = as_it_is(pk)
    for change in ({"name": "别人"}, {"state": State.SUBMITTED}):
        with pytest.raises(ProgrammingError, match="does not decide"), transaction.atomic(), acting(by):
            Registration.objects.filter(pk=pk).update(**change)
    assert as_it_is(pk) == before


def test_the_table_of_transitions_binds_offices_too(mine: tuple[Actor, int]) -> None:
    _, pk = mine
    gone = set()
    with acting(SYSTEM):
        row = Registration.objects.filter(pk=pk)
        for before, after in product(State, State):
            start = transaction.savepoint()
            row.update(state=before, reason="x")
            try:
                with transaction.atomic():
                    row.update(state=after)
                gone.add((before, after))
            except IntegrityError as refused:
                assert "does not go from" in str(refused)
            transaction.savepoint_rollback(start)
    table = {(before, after) for before, acts in TRANSITIONS.items() for after in acts.values()}
    assert gone == table | {(state, state) for state in State}


def test_an_overruled_photo_stays_overruled_only_as_it_is(mine: tuple[Actor, int]) -> None:
    by, pk = mine
    with acting(SYSTEM):
        Registration.objects.filter(pk=pk).update(photo_overruled_by="person:1")
    with pytest.raises(ProgrammingError, match="does not decide"), transaction.atomic(), acting(by):
        Registration.objects.filter(pk=pk).update(photo_sha256="b" * 64)
    with acting(by):
        Registration.objects.filter(pk=pk).update(name="改了名")
        Registration.objects.filter(pk=pk).update(photo_sha256="b" * 64, photo_overruled_by="")
    assert as_it_is(pk)["photo_overruled_by"] == ""


def test_a_candidate_neither_removes_a_registration_nor_adds_a_decided_one(mine: tuple[Actor, int]) -> None:
    by, pk = mine
    with pytest.raises(ProgrammingError, match="does not decide"), transaction.atomic(), acting(by):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM registration_registration WHERE id = %s", [pk])
    row = as_it_is(pk)
    with acting(SYSTEM):
        Registration.objects.filter(pk=pk).update(state=State.WITHDRAWN)
    for given in ({"state": State.CONFIRMED}, {"decided_at": AT}, {"photo_overruled_by": "person:1"}):
        with pytest.raises(ProgrammingError, match="does not decide"), transaction.atomic(), acting(by):
            Registration.objects.create(**{**row, "id": None, **given})


def test_what_candidates_do_still_works(exam: Exam, mine: tuple[Actor, int]) -> None:
    by, pk = mine
    with acting(by):
        version = services.edit(
            exam=exam, registration_id=pk, submission=submission(1, name="改了名"), version=1, by=by, at=LATER
        )
        services.withdraw(exam=exam, registration_id=pk, version=version, reason="改考明年", by=by, at=LATER)
    row = as_it_is(pk)
    assert (row["name"], row["state"], row["reason"]) == ("改了名", State.WITHDRAWN, "改考明年")
