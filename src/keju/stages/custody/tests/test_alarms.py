"""Alarms: told once when they begin, ended when the cause is gone, never silenced otherwise."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam
from keju.kernel.notices.models import Receipt
from keju.kernel.offices import Actor, acting
from keju.rulebook.words import t
from keju.stages.custody.models import Alarm as Kept
from keju.stages.custody.queries import alarms as asked
from keju.stages.custody.queries.alarms import Alarm
from keju.stages.custody.services.alarms import told_of, watch
from keju.stages.venues.tests.year import AT

CLOCK = Actor.system("clock")
PLACES = ("/13/", "/13/1301/01/")


@pytest.fixture
def wrong(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whatever stands in this list of paths is wrong."""
    found: list[str] = []

    def late(exam: Exam, path: str, at: datetime) -> Iterator[Alarm]:
        for n, place in enumerate(found):
            yield Alarm("test_late", "V10.2.1", f"handover:{n}", place, AT, t("迟了", "Late"), "custody-home")

    monkeypatch.setattr(asked, "_watches", {"test_late": late})
    return found


@pytest.mark.rule("V10.2.1")
def test_an_alarm_is_told_once_and_is_over_when_its_cause_is(exam: Exam, wrong: list[str]) -> None:
    wrong += PLACES
    assert watch(exam=exam, by=CLOCK, at=AT) == 2
    assert watch(exam=exam, by=CLOCK, at=AT + timedelta(minutes=1)) == 0
    with acting(CLOCK):
        told = Receipt.objects.filter(notice__kind="custody").order_by("office_code")
        assert [r.office_code for r in told] == ["13", "1301", "centre"]
        assert Event.objects.filter(kind="custody.alarm.raised").count() == 2
    del wrong[1:]
    watch(exam=exam, by=CLOCK, at=AT + timedelta(minutes=2))
    with acting(CLOCK):
        rows = {k.office_path: k.cleared_at for k in Kept.objects.filter(exam=exam)}
        assert rows == {PLACES[0]: None, PLACES[1]: AT + timedelta(minutes=2)}
        for change in (Kept.objects.update, Kept.objects.filter(cleared_at=None).update):
            with pytest.raises(DatabaseError), transaction.atomic():
                change(since=AT)
    wrong += PLACES[1:]
    assert watch(exam=exam, by=CLOCK, at=AT + timedelta(minutes=3)) == 1


def test_the_office_and_the_one_above_are_told() -> None:
    assert told_of("/") == ["centre"]
    assert told_of("/13/") == ["centre", "13"]
    assert told_of("/13/1301/") == told_of("/13/1301/01/") == ["13", "1301"]
