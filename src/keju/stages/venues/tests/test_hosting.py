"""Which points host: the proposal, the decision, who is told, what is owed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.audit.models import Event
from keju.kernel.duties.models import Obligation
from keju.kernel.exams.models import Exam
from keju.kernel.notices.models import Receipt
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.stages.venues import queries, rules, services
from keju.stages.venues.models import Assignment, HostDecision
from keju.stages.venues.tests.year import AT, SYSTEM, confirmed, decide, make_exam, staff

POINTS = [f"{13}{n:02d}" for n in range(1, 12)]


@pytest.mark.rule("V6.1")
@given(st.dictionaries(st.sampled_from(POINTS), st.integers(0, 900)))
def test_a_proposal_places_everybody_and_leaves_no_small_host_beside_another(counts: dict[str, int]) -> None:
    proposed = rules.propose_hosts(counts, 300)
    assert set(proposed) == {point for point, n in counts.items() if n}
    sizes = rules.per_host(proposed, counts)
    assert all(proposed[host] == host for host in sizes)
    assert len(sizes) <= 1 or min(sizes.values()) >= 300
    assert sum(sizes.values()) == sum(counts.values())
    assert all(n < 300 or proposed[p] == p or sizes[proposed[p]] >= 300 for p, n in counts.items() if n)


@pytest.mark.rule("V6.1")
@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"1301": 300, "1302": 299}, {"1301": "1301", "1302": "1301"}),
        ({"1301": 400, "1302": 299, "1303": 300}, {"1301": "1301", "1302": "1301", "1303": "1303"}),
        ({"1301": 200, "1302": 150}, {"1301": "1301", "1302": "1301"}),
        ({"1301": 0, "1302": 5}, {"1302": "1302"}),
        ({"1301": 160, "1302": 150, "1309": 900}, {"1301": "1301", "1302": "1301", "1309": "1309"}),
    ],
)
def test_the_smallest_goes_to_the_nearest_by_code(counts: dict[str, int], expected: dict[str, str]) -> None:
    assert rules.propose_hosts(counts, 300) == expected


@pytest.mark.rule("V6.1")
@pytest.mark.parametrize(
    ("assignment", "code"),
    [
        ({"1301": "1301"}, "venues_point_unassigned"),
        ({"1301": "1301", "1302": "1401"}, "venues_point_elsewhere"),
        ({"1301": "1302", "1302": "1301"}, "venues_host_not_own"),
        ({"1301": "1301", "1302": "1302"}, "venues_host_small"),
    ],
)
def test_what_is_no_assignment_is_refused_by_name(assignment: dict[str, str], code: str) -> None:
    found = list(rules.check_hosts(assignment, {"1301": 400, "1302": 20}, ["1301", "1302"], 300))
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
        assert services.propose_hosts(exam=exam, region_code="13") == {"1301": "1301", "1302": "1301"}
    decide(exam, "13", {"1301": "1301", "1302": "1301"})
    with acting(SYSTEM):
        row = HostDecision.objects.get()
        assert (row.version, row.reason, row.proposal) == (1, "偏远地区", {"1301": "1301", "1302": "1301"})
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
