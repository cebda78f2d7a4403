"""A lost key is a case: told at once, walked through its steps, closed when the lock is another one."""

from datetime import timedelta

import pytest

from keju.kernel.audit import Stale
from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam
from keju.kernel.notices.models import Receipt
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.custody.models import Case, KeyStep
from keju.stages.custody.queries.alarms import alarms
from keju.stages.custody.services import incidents, keys
from keju.stages.custody.services.keys import KeyMove
from keju.stages.custody.tests import stores as world
from keju.stages.custody.tests.stores import CAME
from keju.stages.custody.tests.world import POINT_PAPERS, REGION_PAPERS
from keju.stages.venues.tests.year import SYSTEM

HOUR = timedelta(hours=1)


@pytest.mark.rule("V12.2.4")
def test_a_lost_key_is_a_case_until_its_lock_is_another_one(exam: Exam) -> None:
    people, row = world.People(exam), world.entered(exam)
    world.named(exam, row, people)
    world.keyed(exam, row, people)
    lost = KeyMove(row.pk, "door_b", "1", "lost", note="途中遗失")
    with acting(POINT_PAPERS):
        keys.move_keys(exam=exam, moves=[lost], by=POINT_PAPERS, at=CAME)
        case = Case.objects.get()
        step = KeyStep.objects.get(act="lost")
        assert (case.kind, case.key_step_id, case.state, case.office_code) == (
            "key",
            step.pk,
            "reported",
            "1301",
        )

    def alarm() -> list[str]:
        with acting(POINT_PAPERS):
            return [a.words.zh for a in alarms(exam, "/13/1301/", CAME) if a.kind == "key_lost"]

    def took(name: str, words: str = "锁匠张三换锁，保管员在场") -> object:
        with acting(POINT_PAPERS):
            return incidents.take_step(
                exam=exam, case_id=case.pk, step=name, words=words, by=POINT_PAPERS, at=CAME
            )

    def close() -> set[str]:
        with acting(REGION_PAPERS):
            try:
                incidents.close_incident(
                    exam=exam, case_id=case.pk, version=1, findings="已换锁", by=REGION_PAPERS, at=CAME + HOUR
                )
            except RuleRefused as refused:
                return {r.code for r in refused.refusals}
        return set()

    with acting(SYSTEM):
        told = Receipt.objects.filter(notice__kind="custody").values_list("office_code", flat=True)
        assert set(told) == {"13"} and "换锁" in alarm()[0]
    assert close() == {"custody_case_steps", "custody_case_new_key"}
    with acting(POINT_PAPERS), pytest.raises(RuleRefused, match="custody_case_who"):
        incidents.take_step(
            exam=exam, case_id=case.pk, step="lock_changed", words=" ", by=POINT_PAPERS, at=CAME
        )
    with pytest.raises(Stale):
        took("police")  # a step of an incident
    for name in ("watched", "checked", "lock_changed"):
        took(name)
    assert close() == {"custody_case_new_key"} and alarm()
    with acting(POINT_PAPERS):
        new = KeyMove(row.pk, "door_b", "2", "issued", people.paper_receiver)
        keys.move_keys(exam=exam, moves=[new], by=POINT_PAPERS, at=CAME + HOUR)
    assert close() == set() and alarm() == []
    with acting(SYSTEM):
        assert Case.objects.get().state == "closed"
        assert Event.objects.get(kind="custody.case.lock_changed").rules == ["V12.2.4"]
