"""Numbers, collections, levels: the law of chapter 18 for any facts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keju.stages.certificates import rules


@pytest.mark.rule("V18.1.1")
@given(st.integers(1, 999_999), st.integers(1, 999_999))
def test_numbers_are_in_the_order_of_serials_and_never_equal(a: int, b: int) -> None:
    one, other = rules.number_of(2011, "11", a), rules.number_of(2011, "11", b)
    assert (one < other, one == other) == (a < b, a == b)


@pytest.mark.rule("V18.1.1", "V18.1.2")
@given(
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.integers(0, 4),
)
def test_a_collection_goes_through_exactly_when_everything_is_there(
    valid: bool, delivered: bool, collected: bool, identity: bool, owed: bool, diploma: bool, copies: int
) -> None:
    refusals = list(
        rules.check_collection(
            valid=valid, delivered=delivered, collected=collected, identity_seen=identity, diploma_owed=owed,
            diploma=diploma, copies=copies, needed=2,
        )
    )  # fmt: skip
    sound = valid and delivered and not collected and identity and (not owed or (diploma and copies >= 2))
    assert (not refusals) is sound
    assert ("V18.1.2" in {r.rule for r in refusals}) is (owed and not (diploma and copies >= 2))


@pytest.mark.rule("V18.2")
@pytest.mark.parametrize(
    ("path", "level"),
    [("/", "centre"), ("/11/", "region"), ("/11/1101/", "point"), ("", ""), ("/11/1101/01/", "")],
)
def test_the_level_of_an_office(path: str, level: str) -> None:
    assert rules.level_of(path) == level


@pytest.mark.rule("V18.2")
def test_three_levels_in_order_by_three_persons() -> None:
    def codes(**facts: object) -> set[str]:
        base = {"state": "asked", "level": "point", "passed_by": [], "by": "a", "identity_copy": True}
        return {r.code for r in rules.check_pass(**{**base, **facts})}  # type: ignore[arg-type]

    assert codes() == codes(state="point", level="region", passed_by=["b"]) == set()
    assert codes(level="region") == codes(state="region") == {"certificates_not_your_turn"}
    assert codes(state="done", level="centre") == {"certificates_not_your_turn"}
    assert codes(state="region", level="centre", passed_by=["a", "b"]) == {"certificates_same_person"}
    assert codes(identity_copy=False) == {"certificates_identity_copy"}


@given(st.text(min_size=1, max_size=25))
def test_a_masked_name_shows_one_letter(name: str) -> None:
    masked = rules.masked_name(name)
    assert masked[0] == name[0] and set(masked[1:]) <= {"*"} and len(masked) <= 5
