"""What was done is owed again: a whole term from then on, open on both boards, and no calendar shortens it."""

import pytest

from keju.kernel.audit.models import Event
from keju.kernel.duties import queries, services
from keju.kernel.duties.models import Obligation
from keju.kernel.notices.tests.year import AT, ROOT, china, exam_of_2011, officer
from keju.kernel.offices import acting

pytestmark = pytest.mark.django_db
END = (23, 59, 59)


@pytest.fixture
def exam():
    exam = exam_of_2011()
    services.reach(exam=exam, key="exam_ends", when=china(2011, 10, 16, 17), by=ROOT, at=AT)
    services.discharge(exam=exam, rule="V8.3", owner="13", evidence="refunds completed", by=ROOT, at=AT)
    return exam


def renewed(exam, begins, owner="13"):
    facts = {"exam": exam, "rule": "V8.3", "owner": owner, "because": "退回", "by": ROOT, "at": begins}
    return services.renew(begins=begins, **facts)


def row(exam, owner="13"):
    with acting(ROOT):
        return Obligation.objects.get(exam=exam, code="V8.3", owner_code=owner)


@pytest.mark.rule("V8.3")
def test_a_done_duty_is_open_again_for_a_whole_term_on_both_boards(exam):
    before = row(exam)
    back = china(2011, 11, 30, 10)
    assert renewed(exam, back) == 1
    again = row(exam)
    assert (again.discharged_at, again.evidence, again.renewed_at) == (None, "", back)
    assert again.due_at.date() > before.due_at.date()
    assert again.due_at == china(2011, 12, 30, *END)
    for code in ("13", "centre"):
        with acting(officer(code)):
            board = queries.board(viewer=officer(code), exam=exam, at=back)
            listed = [d.row for d in (*board.owed_by_us, *board.owed_to_us) if d.row.code == "V8.3"]
            assert [(r.pk, r.due_at) for r in listed if r.owner_code == "13"] == [(again.pk, again.due_at)]
    with acting(ROOT):
        assert not queries.is_done(exam=exam, rule="V8.3", owner="13")
        event = Event.objects.get(kind="duties.obligation.renewed")
        assert (event.rules, event.data["renewed"], event.data["because"]) == (["V8.3"], 1, "退回")
    services.discharge(exam=exam, rule="V8.3", owner="13", evidence="again", by=ROOT, at=back)
    assert row(exam).evidence == "again"


@pytest.mark.rule("V8.3")
def test_it_is_never_due_earlier_than_it_was_and_a_moved_calendar_only_puts_it_off(exam):
    first = row(exam).due_at
    renewed(exam, china(2011, 9, 1))
    assert row(exam).due_at == first
    renewed_late = china(2011, 11, 30, 10)
    services.discharge(exam=exam, rule="V8.3", owner="13", evidence="again", by=ROOT, at=AT)
    renewed(exam, renewed_late)
    due = row(exam).due_at
    services.reach(exam=exam, key="exam_ends", when=china(2011, 10, 17, 17), by=ROOT, at=AT)
    assert row(exam).due_at == due
    services.reach(exam=exam, key="exam_ends", when=china(2012, 3, 1, 17), by=ROOT, at=AT)
    assert row(exam).due_at > due


@pytest.mark.rule("V8.3")
def test_what_is_still_open_keeps_its_date(exam):
    before = row(exam, "11")
    assert renewed(exam, china(2011, 11, 30, 10), "11") == 0
    after = row(exam, "11")
    assert (after.due_at, after.renewed_at) == (before.due_at, None)
