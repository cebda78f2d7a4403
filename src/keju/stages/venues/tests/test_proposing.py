"""Proposals as they are kept, compared and decided; who is told of a decision, and of a changed one."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client
from django.urls import reverse

from keju.algorithms.siting import Wishes
from keju.kernel.audit import NotPermitted
from keju.kernel.audit.models import Event
from keju.kernel.duties.models import Obligation
from keju.kernel.exams.models import Exam
from keju.kernel.jobs import services as jobs
from keju.kernel.jobs.models import State
from keju.kernel.notices.models import Receipt
from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import acting
from keju.kernel.offices.queries import office
from keju.rulebook import RuleRefused
from keju.rulebook.words import Words, speaking
from keju.stages.venues import queries, rules, services
from keju.stages.venues.jobs import PROPOSE
from keju.stages.venues.models import HostDecision, HostProposal
from keju.stages.venues.pages import choosing
from keju.stages.venues.services import proposing
from keju.stages.venues.services.telling import Told, changed
from keju.stages.venues.tests.test_hosting import asked
from keju.stages.venues.tests.year import AT, SYSTEM, confirmed, decide, make_exam, staff

BY = staff("region_officer", "13")


@pytest.fixture
def exam(db: None, settings: object, tmp_path: object) -> Exam:
    """Shijiazhuang 6, Tangshan 3, Qinhuangdao 2: all far below 300."""
    settings.FILES_ROOT = settings.STATIC_ROOT = tmp_path  # type: ignore[attr-defined]
    made = make_exam("1301", "1302", "1303", "1101")
    confirmed(made, {("1301", "general"): 6, ("1302", "general"): 3, ("1303", "aquatic"): 2})
    return made


def propose(exam: Exam, wishes: Wishes | None = None, **seats: int) -> HostProposal:
    with acting(BY):
        return services.propose_hosts(
            exam=exam,
            region_code="13",
            wishes=wishes,
            seats={code.removeprefix("_"): n for code, n in seats.items()},
            by=BY,
            at=AT,
        )


@pytest.mark.rule("V6.1")
def test_every_version_is_kept_with_what_it_was_made_from(exam: Exam) -> None:
    first = propose(exam)
    second = propose(exam, Wishes(must=frozenset({"1303"})), _1301=7)
    with acting(BY):
        kept = list(queries.proposals(exam, "13"))
    assert [row.version for row in kept] == [2, 1]
    assert first.assignment == {"1301": "1301", "1302": "1301", "1303": "1301"}
    assert set(second.assignment.values()) == {"1303"}
    assert second.wishes == {"must": ["1303"], "barred": [], "sent": {}} and second.seats == {"1301": 7}
    assert second.counts == {"1301": 6, "1302": 3, "1303": 2} and second.made_by == BY.ref
    assert second.optimal and second.bound == second.weighed and first.km == 3 * 364 + 2 * 487
    with acting(SYSTEM):
        events = Event.objects.filter(kind="venues.hosts.proposed")
        assert sorted(e.data["version"] for e in events) == [1, 2]
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE venues_proposal SET km = 0")


@pytest.mark.rule("V6.1")
@pytest.mark.parametrize(
    ("wishes", "seats", "code"),
    [
        (Wishes(must=frozenset({"1301"}), barred=frozenset({"1301"})), {}, "venues_wish_both"),
        (Wishes(sent={"1302": "1303"}, barred=frozenset({"1303"})), {}, "venues_wish_target"),
        (Wishes(sent={"1302": "1101"}), {}, "venues_point_elsewhere"),
        (Wishes(barred=frozenset(f"13{n:02d}" for n in range(1, 12))), {}, "venues_wish_nobody"),
        (None, {"_1301": 4, "_1302": 2, "_1303": 1}, "venues_places_lacking"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(
    exam: Exam, wishes: Wishes | None, seats: Mapping[str, int], code: str
) -> None:
    with pytest.raises(RuleRefused) as refused:
        propose(exam, wishes, **seats)
    assert code in {r.code for r in refused.value.refusals}
    with acting(SYSTEM):
        assert not HostProposal.objects.exists()


@pytest.mark.rule("V7.2")
def test_a_point_with_more_candidates_than_serials_is_named() -> None:
    found = list(rules.check_question(asked({"1301": 10_000, "1302": 5})))
    assert [(r.code, r.facts["host"]) for r in found] == [("venues_host_full", "1301")]


def test_no_time_is_said_and_other_regions_do_not_propose(
    exam: Exam, monkeypatch: pytest.MonkeyPatch
) -> None:
    with acting(BY):
        question = queries.question(exam, "13")
        with pytest.raises(RuleRefused) as refused:
            monkeypatch.setattr(rules, "propose_hosts", late)
            services.solved(question, 2)
    assert [r.code for r in refused.value.refusals] == ["venues_no_time"]
    for by in (staff("point_manager", "1301"), staff("region_officer", "11")):
        with acting(by), pytest.raises(NotPermitted):
            services.keep_hosts(exam=exam, region_code="13", assignment={}, by=by, at=AT)


def late(question: rules.Question, *, seconds: float) -> None:
    raise proposing.OutOfTime


@pytest.mark.rule("V6.1")
def test_a_decision_keeps_proposal_changes_and_decision_together(exam: Exam) -> None:
    propose(exam)
    second = propose(exam, Wishes(must=frozenset({"1303"})))
    by_hand = {"1301": "1301", "1302": "1302", "1303": "1301"}
    with acting(BY):
        services.keep_hosts(exam=exam, region_code="13", assignment=by_hand, note="两地", by=BY, at=AT)
        decided = services.decide_hosts(
            exam=exam,
            region_code="13",
            assignment=by_hand,
            reason="偏远",
            proposal=second.version,
            by=BY,
            at=AT,
        )
    with acting(SYSTEM):
        row = HostDecision.objects.get()
        assert row.based_on == second and row.proposal == second.assignment
        data = Event.objects.get(kind="venues.hosts.decided").data
        assert data["proposal"] == 2 and data["changed"] == by_hand
        hand = HostProposal.objects.get(by_hand=True)
        assert (hand.version, hand.bound, hand.note, hand.gap) == (3, None, "两地", None)
        assert hand.weighed > HostProposal.objects.get(version=1).weighed
    assert decided.version == 1
    with acting(BY):
        again = services.decide_hosts(
            exam=exam, region_code="13", assignment=by_hand, reason="偏远", proposal=3, by=BY, at=AT
        )
    assert (again.based_on, again.proposal) == (hand, second.assignment), (
        "by hand, beside what the solver said"
    )
    with acting(BY), pytest.raises(RuleRefused) as refused:
        services.decide_hosts(
            exam=exam, region_code="13", assignment=by_hand, reason="偏远", proposal=9, by=BY, at=AT
        )
    assert [r.code for r in refused.value.refusals] == ["venues_proposal_gone"]


@pytest.mark.rule("V6.1")
def test_the_costs_of_a_list_are_those_of_its_ways() -> None:
    question = asked({"1301": 400, "1302": 237, "1303": 100})
    costs = rules.costs_of(question, {"1301": "1301", "1302": "1301", "1303": "1303"})
    assert (costs.km, costs.candidates, costs.longest, costs.farthest) == (237 * 364, 737, 364, "1302")
    assert costs.hosts == ("1301", "1303") and costs.small == ("1303",)
    assert costs.average == pytest.approx(237 * 364 / 737)
    assert costs.weighed == costs.km + 2 * 10_000 + 50_000 + 200 * 100


def test_changes_of_large_figures_are_written_out() -> None:
    before = rules.Costs(99_505, 37_560, 207, "5133", ("5101",), (), 269_505)
    after = rules.Costs(159_695, 37_560, 618, "5134", ("5101", "5119"), ("5119",), 406_695)
    changes = [m["change"] for m in choosing._measures(before, after)]
    assert changes == ["+60,190", "+1.7", "+411", "+1", "+1", "+137,190"]
    assert [m["change"] for m in choosing._measures(after, after)] == [""] * 6


@pytest.mark.rule("V6.1")
def test_each_point_is_explained_in_both_languages() -> None:
    question = asked(
        {"1301": 400, "1302": 237, "1303": 0, "1304": 500, "1305": 310, "1306": 80},
        Wishes(sent={"1306": "1304"}),
        _1305=200,
    )
    chosen = {"1301": "1301", "1302": "1301", "1303": "1303", "1304": "1304", "1305": "1304", "1306": "1304"}
    said = rules.explain(question, chosen, office_words)
    with speaking("en"):
        assert str(said["1302"]) == "237 candidates, below 300: they go to Shijiazhuang, 364 km."
        assert str(said["1301"]) == "Hosts 637 candidates of 2 points, who travel 135 km on average."
        assert str(said["1303"]).startswith("Hosts 0, below 300; the nearest other host is")
        assert "places for 200 only" in str(said["1305"])
        assert "as the region settled" in str(said["1306"])
    assert str(said["1302"]) == "考生237人，不足300人，到石家庄市考试，364公里。"
    assert str(rules.explain(asked({"1301": 9}), {"1301": "1301"}, office_words)["1301"]).endswith(
        "考区没有其他承考考点。"
    )


def office_words(code: str) -> Words:
    names = {
        "1301": ("石家庄市", "Shijiazhuang"),
        "1302": ("唐山市", "Tangshan"),
        "1304": ("邯郸市", "Handan"),
    }
    return Words(*names.get(code, (code, code)))


@pytest.mark.rule("V6.2")
@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        ({}, {"1": "1", "2": "1"}, Told(("1",), ("2",), ())),
        ({"1": "1", "2": "1"}, {"1": "1", "2": "1"}, Told((), (), ())),
        ({"1": "1", "2": "1", "3": "3"}, {"1": "1", "2": "3", "3": "3"}, Told(("1", "3"), ("2",), ())),
        ({"1": "1", "2": "1", "3": "3"}, {"1": "1", "2": "1", "3": "1"}, Told(("1",), ("3",), ())),
        ({"1": "1", "2": "2"}, {"1": "1"}, Told((), (), ("2",))),
        ({"1": "2", "2": "2"}, {"1": "1", "2": "1"}, Told(("1",), ("2",), ())),
    ],
)
def test_only_those_are_told_for_whom_something_changed(
    before: dict[str, str], now: dict[str, str], told: Told
) -> None:
    assert changed(before, now) == told


@pytest.mark.rule("V6.2", "V6.3")
def test_a_changed_decision_tells_whom_it_concerns_and_leaves_the_terms_of_others(exam: Exam) -> None:
    decide(exam, "13", {"1301": "1301", "1302": "1302", "1303": "1302"})
    with acting(SYSTEM):
        due = {o.owner_code: o.due_at for o in Obligation.objects.filter(rule="V6.3", discharged_at=None)}
        Receipt.objects.all()
        before = sorted(r.office_code for r in Receipt.objects.all())
    assert before == ["1301", "1302", "1303"] and sorted(due) == ["1301", "1302"]
    later = AT.replace(day=AT.day + 3)
    with acting(BY):
        services.decide_hosts(
            exam=exam,
            region_code="13",
            assignment={"1301": "1301", "1302": "1302", "1303": "1303"},
            reason="x",
            by=BY,
            at=later,
        )
    with acting(SYSTEM):
        new = Receipt.objects.order_by("pk")[3:]
        assert sorted(r.office_code for r in new) == ["1302", "1303"], "1301 is not bothered"
        now = {o.owner_code: o.due_at for o in Obligation.objects.filter(rule="V6.3", discharged_at=None)}
    assert (
        now["1301"] == due["1301"] and now["1303"] > due["1302"] and sorted(now) == ["1301", "1302", "1303"]
    )


@pytest.mark.rule("V6.1")
def test_the_search_at_length_is_a_job_that_says_how_good_it_is(exam: Exam) -> None:
    with acting(BY):
        settled = {"wishes": queries.plain_wishes(Wishes(barred=frozenset({"1301"}))), "seats": {"1302": 50}}
        job = jobs.start(PROPOSE, exam=exam, region_code="13", **settled, by=BY, at=AT)
    done = jobs.run_now(job)
    assert done.state == State.DONE and "proven" in done.note_en
    with acting(BY):
        row = queries.proposal(exam, "13")
    assert row is not None and row.assignment["1301"] == "1302" and row.seats == {"1302": 50}


def at(name: str) -> str:
    return reverse(name, kwargs={"exam": "vet-2011"})


@pytest.mark.rule("V6.1")
def test_a_region_proposes_changes_sees_the_cost_keeps_and_decides(exam: Exam, client: Client) -> None:
    signed_in(client, "13", "region_officer")
    asked_for = client.get(at("venues-propose")).content.decode()
    assert 'name="settle-1302"' in asked_for and "style=" not in asked_for
    wrong = client.post(
        at("venues-propose"), {"settle-1301": "1302", "settle-1302": "not", "seats-1303": "12"}
    )
    assert wrong.status_code == 409 and 'value="12"' in wrong.content.decode()
    assert client.post(at("venues-propose"), {"seats-1303": "-1"}).status_code == 422
    sent = client.post(at("venues-propose"), {})
    assert sent.status_code == 302 and sent.headers["Location"].endswith("?v=1")
    chosen = {"host-1301": "1301", "host-1302": "1302", "host-1303": "1302", "v": "1", "version": "0"}
    with acting(SYSTEM):
        events = Event.objects.count()
    shown = client.get(at("venues-home"), chosen).content.decode()
    assert "<svg" in shown and "is-new" in shown and "style=" not in shown
    assert "2,066" in shown and "改动 2 处" in shown and "原为石家庄市" in shown
    assert "csrfmiddlewaretoken" in shown and 'type="hidden" name="csrfmiddlewaretoken" ' not in form_of(
        shown
    )
    with acting(SYSTEM):
        assert Event.objects.count() == events, "looking at the cost writes nothing"
    assert client.post(at("venues-keep"), {**chosen, "reason": "两地"}).status_code == 302
    refused = client.post(at("venues-decide"), chosen)
    assert refused.status_code == 409 and '<option value="1302" selected>' in refused.content.decode()
    assert client.post(at("venues-decide"), {**chosen, "reason": "路远"}).status_code == 302
    with acting(SYSTEM):
        row = HostDecision.objects.get()
        assert row.based_on is not None and row.based_on.version == 1
        assert queries.assignment(exam) == {"1301": "1301", "1302": "1302", "1303": "1302"}
    beside = client.get(at("venues-home"), {"v": "2", "with": "1"}).content.decode()
    assert "第 1 版和第 2 版相比，2 处不同" in beside and "2,066" in beside
    home = client.get(at("venues-home")).content.decode()
    assert "第 1 版决定" in home and "两地" in home and "已证明最优" in home


@pytest.mark.rule("V6.1")
def test_a_version_that_is_not_proven_says_so(
    exam: Exam, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = replace(rules.propose_hosts(asked({"1301": 6, "1302": 3, "1303": 2}), seconds=60), bound=100)
    monkeypatch.setattr(rules, "propose_hosts", lambda question, seconds: found)
    row = propose(exam)
    assert not row.optimal and row.gap == pytest.approx((row.weighed - 100) / row.weighed)
    signed_in(client, "13", "region_officer")
    shown = client.get(at("venues-home")).content.decode()
    assert "还没有证明是最优" in shown and "至多 99" in shown


def form_of(page: str) -> str:
    """The list's form, which is also sent by GET: no token may stand in it as a field."""
    return page[page.index('<form method="get"') : page.index("</form>", page.index('<form method="get"'))]


@pytest.mark.rule("V6.1")
def test_the_api_proposes_weighs_keeps_and_decides(exam: Exam, client: Client) -> None:
    signed_in(client, "13", "region_officer")
    base = "/api/v1/venues/vet-2011"
    made = client.post(f"{base}/proposals", {"must": ["1302"]}, "application/json")
    assert made.status_code == 201 and made.json()["optimal"] and made.json()["assignment"]["1301"] == "1302"
    by_hand = {"assignment": {"1301": "1301", "1302": "1302", "1303": "1302"}}
    costs = client.post(f"{base}/costs", by_hand, "application/json").json()
    assert costs["hosts"] == ["1301", "1302"] and costs["km"] < made.json()["km"]
    assert client.post(f"{base}/lists", by_hand, "application/json").json()["bound"] is None
    assert [p["version"] for p in client.get(f"{base}/proposals").json()] == [2, 1]
    wrong = client.post(f"{base}/proposals", {"must": ["1302"], "barred": ["1302"]}, "application/json")
    assert wrong.status_code == 409
    sent = {**by_hand, "reason": "路远", "proposal": 1, "expected_version": 0}
    assert client.post(f"{base}/hosts", sent, "application/json").status_code == 201


def test_names_of_points_are_the_offices_own(exam: Exam) -> None:
    assert queries.names("13")["1301"] == office("1301").name
