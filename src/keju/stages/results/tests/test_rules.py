"""Lines, levels and what they would mean, for any lines and totals."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keju.stages.results import rules

LEVELS = ("licensed", "assistant")
HIGHEST = {"general": 400, "aquatic": 400}
points = st.integers(-5, 410)
lines = st.fixed_dictionaries({(c, level): points for c in HIGHEST for level in LEVELS})


def refused(found: dict[tuple[str, str], int]) -> set[str]:
    return {r.code for r in rules.check_lines(found, list(HIGHEST), LEVELS, HIGHEST)}


@pytest.mark.rule("V17.3")
@given(lines)
def test_lines_are_accepted_exactly_when_in_range_and_in_order(found: dict[tuple[str, str], int]) -> None:
    sound = all(1 <= v <= 400 for v in found.values()) and all(
        found[c, "licensed"] > found[c, "assistant"] for c in HIGHEST
    )
    assert (refused(found) == set()) is sound


@pytest.mark.rule("V17.3")
@pytest.mark.parametrize("change", ["missing", "unknown"])
def test_a_line_too_few_or_too_many_is_refused(change: str) -> None:
    found = {(c, level): 240 - 40 * n for c in HIGHEST for n, level in enumerate(LEVELS)}
    assert refused(found) == set()
    if change == "missing":
        found.pop(("aquatic", "licensed"))
    else:
        found["birds", "licensed"] = 100
    assert refused(found) == {"results_lines_incomplete"}


@pytest.mark.rule("V17.3")
@given(st.integers(2, 400), st.integers(1, 399), st.lists(st.integers(0, 400), max_size=60))
def test_the_impact_counts_everybody_once_at_their_level(high: int, low: int, totals: list[int]) -> None:
    high = max(high, low + 1)
    found = {("general", "licensed"): high, ("general", "assistant"): low}
    impact = rules.impact({"general": Counter(totals)}, found, LEVELS)["general"]
    assert impact["licensed"] == sum(t >= high for t in totals)
    assert impact["assistant"] == sum(low <= t < high for t in totals)
    assert impact[""] == sum(t < low for t in totals)


@pytest.mark.rule("V17.3")
@given(st.integers(0, 400), st.integers(0, 400))
def test_more_points_never_give_a_lower_level(one: int, other: int) -> None:
    found = {("general", "licensed"): 240, ("general", "assistant"): 200}
    order = ["", "assistant", "licensed"]
    low, high = sorted((one, other))
    assert order.index(rules.level_of(low, "general", found, LEVELS)) <= order.index(
        rules.level_of(high, "general", found, LEVELS)
    )


@pytest.mark.rule("V17.3")
@given(lines, lines)
def test_the_hash_of_a_proposal_tells_lines_apart(a: dict, b: dict) -> None:
    assert (rules.proposal_digest("x", a, {}) == rules.proposal_digest("x", b, {})) is (a == b)
    assert rules.lines_of(rules.plain_lines(a)) == a


@pytest.mark.rule("V17.4")
def test_rechecks_are_refused_unless_the_programme_allows_them() -> None:
    assert [r.code for r in rules.check_recheck(False)] == ["results_no_rechecks"]
    assert list(rules.check_recheck(True)) == []


@pytest.mark.rule("V17.3")
@pytest.mark.parametrize(
    ("approvals", "against", "code"),
    [
        (0, 0, "no_quorum"),
        (1, 0, "no_quorum"),
        (2, 2, "not_carried"),
        (2, 3, "not_carried"),
        (2, 1, ""),
        (3, 2, ""),
    ],
)
def test_a_quorum_approves_and_more_than_refuse(approvals: int, against: int, code: str) -> None:
    found = [r.code for r in rules.check_quorum(approvals, against, 2)]
    assert found == ([f"results_{code}"] if code else [])
