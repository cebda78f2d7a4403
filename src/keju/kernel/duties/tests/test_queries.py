"""Boards, lists and who sees what."""

from datetime import timedelta

import pytest
from django.db import connection

from keju.kernel.audit import NotPermitted
from keju.kernel.duties import queries, services
from keju.kernel.duties.models import Obligation
from keju.kernel.duties.queries import Filters
from keju.kernel.notices.tests.year import AT, ROOT, china, exam_of_2011, officer
from keju.kernel.offices import Actor, acting

pytestmark = pytest.mark.django_db
ON = china(2011, 7, 6, 9)


@pytest.fixture
def exam():
    exam = exam_of_2011()
    services.reach(exam=exam, key="confirmation_ends", when=china(2011, 6, 30, 17), by=ROOT, at=AT)
    services.reach(
        exam=exam, key="money_received", when=china(2011, 7, 1), office_path="/13/", by=ROOT, at=AT
    )
    return exam


def board(exam, code, at=ON):
    with acting(officer(code)):
        return queries.board(viewer=officer(code), exam=exam, at=at)


def listed(exam, code, at=ON, **filters):
    with acting(officer(code)):
        return queries.duties(viewer=officer(code), exam=exam, at=at, filters=Filters(**filters))


def names(duties):
    return [(d.row.code, d.row.owner_code, d.state) for d in duties]


def test_the_board_of_a_region_says_what_it_owes_and_is_owed_by_due_date(exam):
    found = board(exam, "13")
    assert names(found.owed_by_us) == [
        ("V6.2", "13", "soon"),
        ("V5.4", "13", "open"),
        ("V8.2a", "13", "open"),
    ]
    assert names(found.owed_to_us) == [
        ("V5.3.3", "1301", "late"),
        ("V5.3.3", "1302", "late"),
        ("V8.2b", "centre", "open"),
    ]
    assert (found.ours.late, found.ours.soon, found.ours.open, found.ours.done) == (0, 1, 3, 0)
    assert (found.theirs.late, found.theirs.soon, found.theirs.open, found.theirs.done) == (2, 0, 3, 0)
    assert str(found.owed_by_us[0].creditor) == "国家考试中心" and found.owed_by_us[0].place == "venues-home"


def test_what_very_many_owe_is_summed_up_by_duty(exam, monkeypatch):
    monkeypatch.setattr(queries, "CROWDED", 8)
    found = board(exam, "centre")
    assert found.owed_to_us == [] and sum(g.open for g in found.groups) == found.theirs.open == 9
    assert sum(g.late for g in found.groups) == found.theirs.late
    assert [g.due_at for g in found.groups] == sorted(g.due_at for g in found.groups)
    for group in found.groups:
        page = listed(exam, "centre", side="theirs", state="open", rule=group.code)
        assert page.total == group.open and page.rows[0].row.due_at == group.due_at
    assert len({g.code for g in found.groups}) == len(found.groups)
    assert board(exam, "13").groups == ()  # few are shown one by one


def test_what_is_done_leaves_the_board_and_is_counted(exam):
    services.discharge(exam=exam, rule="V6.2", owner="13", evidence="x", by=ROOT, at=AT)
    found = board(exam, "13")
    assert names(found.owed_by_us)[0] == ("V5.4", "13", "open")
    assert (found.ours.open, found.ours.done) == (2, 1)


def test_a_duty_is_late_from_the_moment_after_its_term(exam):
    due = china(2011, 7, 5, 23, 59, 59)
    assert names(board(exam, "1301", due).owed_by_us) == [("V5.3.3", "1301", "soon")]
    assert names(board(exam, "1301", due + timedelta(seconds=1)).owed_by_us) == [("V5.3.3", "1301", "late")]


def test_the_three_national_bodies_have_boards_of_their_own(exam):
    assert names(board(exam, "centre").owed_by_us) == [("V8.2b", "centre", "open")]
    assert len(board(exam, "centre").owed_to_us) == 9
    assert board(exam, "office").owed_by_us == [] and board(exam, "office").owed_to_us == []


def test_a_region_sees_its_own_its_points_and_what_the_centre_owes_it_and_no_other_regions(exam):
    seen = {}
    for code in ("11", "13", "1301", "centre"):
        with acting(officer(code)):
            seen[code] = set(Obligation.objects.values_list("owner_code", flat=True))
    assert seen["13"] == {"13", "1301", "1302", "centre"}
    assert seen["11"] == {"11", "1101"}
    assert seen["1301"] == {"1301"}
    assert seen["centre"] == {"11", "13", "44", "1101", "1301", "1302", "4401", "centre"}
    for nobody in (Actor.anybody(), Actor(ref="candidate:1", name="", role="candidate", candidate_id=1)):
        with acting(nobody):
            assert not Obligation.objects.exists()


def test_another_regions_duty_does_not_exist_for_a_region(exam):
    with acting(ROOT):
        theirs = Obligation.objects.get(code="V5.4", owner_code="11").pk
    with acting(officer("13")), pytest.raises(NotPermitted) as refused:
        queries.duty(viewer=officer("13"), exam=exam, obligation=theirs, at=ON)
    assert refused.value.hidden
    with acting(officer("13")):
        assert Obligation.objects.filter(pk=theirs).update(evidence="x") == 0


def test_lists_are_narrowed_and_paged_by_key(exam, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 4)
    seen, after = [], ""
    while True:
        page = listed(exam, "centre", side="theirs", after=after)
        assert page.total == 9 and page.shown <= 4
        seen += [d.row.pk for d in page.rows]
        if not page.next:
            break
        after = page.next
    assert len(seen) == len(set(seen)) == 9
    assert names(listed(exam, "13", side="theirs", state="late", office="1302").rows) == [
        ("V5.3.3", "1302", "late")
    ]
    assert names(listed(exam, "13", rule="V5.4").rows) == [("V5.4", "13", "open")]
    assert {d.row.owner_code for d in listed(exam, "13", side="below").rows} == {"1301", "1302", "centre"}
    assert listed(exam, "13", after="nonsense").total == 3


def test_the_timeline_has_today_between_what_was_and_what_comes(exam):
    found = queries.timeline(exam=exam, at=ON, office_path="/13/")
    today = [m.state for m in found].index("today")
    assert [m.name.en for m in found[:today]] == ["Confirmation ends", "National fees received"]
    assert all(m.state == "next" for m in found[today + 1 :]) and len(found) == 22


def test_how_a_term_is_counted_is_said_in_words(exam):
    with acting(ROOT):
        rows = {r.code: r for r in Obligation.objects.filter(owner_code__in=["13", "1301"])}
    assert queries.how_counted(exam, rows["V5.4"]).en == "within 20 working days after: Confirmation ends"
    assert queries.how_counted(exam, rows["V8.2a"]).zh == "报名确认结束后2个月内"
    assert not queries.is_provisional(exam, rows["V5.4"])


def test_due_at_answers_for_other_stages(exam):
    with acting(officer("13")):
        assert queries.due_at(exam=exam, rule="V8.2a", owner="13") == china(2011, 8, 30, 23, 59, 59)
        assert queries.due_at(exam=exam, rule="V7.1", owner="13") is None
        assert not queries.is_done(exam=exam, rule="V8.2a", owner="13")


@pytest.mark.parametrize(
    ("side", "index"), [("ours", "duties_owner_open"), ("theirs", "duties_creditor_open")]
)
@pytest.mark.django_db(transaction=True)
def test_the_board_reads_what_is_open_by_index(exam, owner_connection, side, index):
    """Of 20,000 duties of forty offices a tenth is open: a board reads its own open ones and none besides."""
    fill = """
    INSERT INTO duties_obligation (exam_id, code, rule, owner_code, owner_path, creditor_code, office_path, day,
      milestone, milestone_at, due_at, manual, discharged_at, discharged_by, evidence, evidence_file, escalated_level,
      withdrawn_because)
    SELECT %s, 'X' || n, 'V1.1', CASE n %% 40 WHEN 0 THEN '13' ELSE 'o' || n %% 40 END, '/13/',
      CASE n %% 40 WHEN 1 THEN '13' ELSE 'c' || n %% 40 END, '/13/', NULL, 'm', now(), now() + n * interval '1 min',
      false, CASE WHEN n / 40 %% 10 <> 0 THEN now() END, CASE WHEN n / 40 %% 10 <> 0 THEN 'x' ELSE '' END,
      CASE WHEN n / 40 %% 10 <> 0 THEN 'x' ELSE '' END, '', 0, '' FROM generate_series(1, 20000) n
    """
    with acting(ROOT), connection.cursor() as cursor:
        cursor.execute(fill, [exam.pk])
    # by the owner: to the application's role it is a warning, and the planner would go by no statistics
    owner_connection.execute("ANALYZE duties_obligation")
    with acting(officer("13")):
        found = queries._by_due(queries._side(officer("13"), exam, side).filter(queries.OPEN))[:200]
        assert found.count() >= 50
        plan = found.explain(analyze=True)
    assert f"using {index} on" in plan and "Removed by Filter" not in plan, plan
