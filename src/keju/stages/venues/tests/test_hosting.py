"""Which points host: the proposal, the decision, who is told, what is owed."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keju.algorithms.siting import Point, Terms, Wishes
from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.duties.models import Obligation
from keju.kernel.exams.models import Exam
from keju.kernel.notices.models import Receipt
from keju.kernel.offices import acting
from keju.kernel.offices.positions import position
from keju.rulebook import RuleRefused
from keju.stages.venues import queries, rules, services
from keju.stages.venues.models import Assignment, HostDecision, HostProposal
from keju.stages.venues.rules import Question
from keju.stages.venues.tests.year import AT, SYSTEM, confirmed, decide, make_exam, staff

TERMS = Terms(minimum=300, most=9999, host_km=10_000, small_km=50_000, missing_km=100)
POINTS = [f"{13}{n:02d}" for n in range(1, 12)]


def asked(counts: Mapping[str, int], wishes: Wishes | None = None, **seats: int) -> Question:
    """A question about points of Hebei where they really are."""
    points = []
    for code, n in sorted(counts.items()):
        at = position(code)
        points.append(Point(code, n, at.longitude, at.latitude, seats.get(f"_{code}")))
    return Question(tuple(points), TERMS, wishes or Wishes())


@pytest.mark.rule("V6.1")
@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from(POINTS), st.integers(0, 900)))
def test_a_proposal_places_everybody_and_flags_whoever_stays_small(counts: dict[str, int]) -> None:
    question = asked(counts)
    proposed = rules.propose_hosts(question, seconds=60)
    assert set(proposed.host) == {point for point, n in counts.items() if n}
    sizes = rules.per_host(proposed.host, counts)
    assert all(proposed.host[host] == host for host in sizes)
    assert sum(sizes.values()) == sum(counts.values())
    flagged = {r.facts["host"] for r in rules.check_hosts(proposed.host, counts, POINTS, 300, 9999)}
    assert flagged == {host for host, n in sizes.items() if n < 300}
    assert flagged == set(rules.costs_of(question, proposed.host).small)
    assert proposed.optimal
    # Merging the small ones into the nearest host is never cheaper than what is proposed.
    assert proposed.cost.total <= rules.costs_of(question, merged(question)).weighed


def merged(question: Question) -> dict[str, str]:
    """What a clerk would do without help: the largest hosts, and with it everybody who is too few."""
    counts = {p: n for p, n in question.counts.items() if n}
    largest = max(counts, key=lambda p: (counts[p], p), default="")
    return {p: p if n >= 300 or p == largest else largest for p, n in counts.items()}


@pytest.mark.rule("V6.1", "V7.2")
@pytest.mark.parametrize(
    ("assignment", "code"),
    [
        ({"1301": "1301"}, "venues_point_unassigned"),
        ({"1301": "1301", "1302": "1401"}, "venues_point_elsewhere"),
        ({"1301": "1302", "1302": "1301"}, "venues_host_not_own"),
        ({"1301": "1301", "1302": "1302"}, "venues_host_small"),
        ({"1301": "1302", "1302": "1302"}, "venues_host_full"),
    ],
)
def test_what_is_no_assignment_is_refused_by_name(assignment: dict[str, str], code: str) -> None:
    found = list(rules.check_hosts(assignment, {"1301": 400, "1302": 20}, ["1301", "1302"], 300, 410))
    assert code in {r.code for r in found}


@pytest.fixture
def exam(db: None) -> Exam:
    made = make_exam("1301", "1302", "1303", "1101")
    confirmed(made, {("1301", "general"): 6, ("1302", "general"): 2, ("1302", "aquatic"): 1})
    return made


@pytest.mark.rule("V6.1", "V6.2")
def test_a_decision_is_kept_with_its_proposal_tells_everybody_and_closes_the_duty(exam: Exam) -> None:
    by = staff("region_officer", "13")
    with acting(by):
        first = services.propose_hosts(exam=exam, region_code="13", by=by, at=AT)
        assert first.assignment == {"1301": "1301", "1302": "1301"} and first.optimal
    decide(exam, "13", {"1301": "1301", "1302": "1301"})
    with acting(SYSTEM):
        row = HostDecision.objects.get()
        assert (row.version, row.reason, row.proposal) == (1, "偏远地区", {"1301": "1301", "1302": "1301"})
        assert row.based_on == HostProposal.objects.get(), (
            "the proposal of these candidates is not made twice"
        )
        assert {r.office_code for r in Receipt.objects.all()} == {"1301", "1302"}
        assert Obligation.objects.get(rule="V6.2", owner_code="13").discharged_at == AT
        owed = Obligation.objects.filter(rule="V6.3", discharged_at=None)
        assert [o.owner_code for o in owed] == ["1301"]
        event = Event.objects.get(kind="venues.hosts.decided")
        assert event.data["below_minimum"] == ["1301"]


@pytest.mark.rule("V6.1")
def test_a_small_host_needs_a_reason(exam: Exam) -> None:
    with pytest.raises(RuleRefused) as refused:
        decide(exam, "13", {"1301": "1301", "1302": "1301"}, reason="  ")
    assert [r.code for r in refused.value.refusals] == ["venues_host_small"]
    with acting(SYSTEM):
        assert not HostDecision.objects.exists() and not Receipt.objects.exists()


def test_a_later_decision_supersedes_and_the_former_host_owes_nothing(exam: Exam) -> None:
    decide(exam, "13", {"1301": "1301", "1302": "1302"})
    by = staff("region_officer", "13")
    with acting(by):
        with pytest.raises(Stale):
            services.decide_hosts(
                exam=exam, region_code="13", assignment={"1301": "1301"}, expected_version=0, by=by, at=AT
            )
        services.decide_hosts(
            exam=exam,
            region_code="13",
            assignment={"1301": "1301", "1302": "1301"},
            reason="x",
            expected_version=1,
            by=by,
            at=AT,
        )
    with acting(SYSTEM):
        assert queries.hosts(exam, "13") == ["1301"]
        assert Assignment.objects.filter(current=True).count() == 2
        open_ = Obligation.objects.filter(rule="V6.3", discharged_at=None, withdrawn_at=None)
        assert [o.owner_code for o in open_] == ["1301"]


@pytest.mark.rule("V1.7")
def test_only_the_region_decides_and_only_for_itself(exam: Exam) -> None:
    for by in (staff("point_manager", "1301"), staff("region_officer", "11")):
        with acting(by), pytest.raises(NotPermitted):
            services.decide_hosts(
                exam=exam, region_code="13", assignment={"1301": "1301"}, reason="x", by=by, at=AT
            )
