"""Numbers that are right, numbers that are wrong in one way each, and what the screen may show."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from keju.algorithms.identity import (
    REASONS,
    IdentityRefused,
    Kind,
    check_identity,
    compose,
    mask,
)

# The example printed in GB 11643-1999.
STANDARD = "11010519491231002X"

births = st.dates(date(1900, 1, 1), date(2011, 1, 1))
divisions = st.sampled_from(["110105", "510104", "650104", "820000", "110103", "320505"])


def refusal(number: str, kind: Kind = "resident", today: date | None = None) -> str:
    with pytest.raises(IdentityRefused) as caught:
        check_identity(number, kind, today=today)
    return caught.value.code


def test_the_example_of_the_standard() -> None:
    identity = check_identity(STANDARD)
    assert identity.normalised == STANDARD
    assert identity.birth_on == date(1949, 12, 31)
    assert identity.sex == "female"
    assert (identity.division, identity.division_name) == ("110105", "朝阳区")


@pytest.mark.parametrize(
    "typed",
    [
        "11010519491231002x",
        " 110105 19491231 002X ",
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105-19491231-002X",
    ],
)
def test_what_was_meant_is_taken(typed: str) -> None:
    assert check_identity(typed).normalised == STANDARD


@pytest.mark.parametrize(
    ("number", "kind", "code"),
    [
        ("", "resident", "length"),
        (STANDARD[:-1], "resident", "length"),
        (STANDARD[:17] + "21", "resident", "length"),
        (STANDARD + "0", "resident", "characters"),
        ("110105491231002", "resident", "length"),
        (STANDARD, "resident_15", "length"),
        ("1101051949123100X2", "resident", "characters"),
        ("11010519491231002Y", "resident", "characters"),
        ("11010519491231002Χ", "resident", "characters"),  # the Greek letter
        ("١١٠١٠٥١٩٤٩١٢٣١٠٠٢X", "resident", "characters"),
        ("11010549123100X", "resident_15", "characters"),
        ("110105194913310020", "resident", "date"),
        ("110105190002290020", "resident", "date"),  # 1900 had no 29 February
        ("110105189912310020", "resident", "date"),
        ("110105491331002", "resident_15", "date"),
        ("999999194912310020", "resident", "division"),
        ("119999194912310020", "resident", "division"),
        ("000000194912310020", "resident", "division"),
        ("110105194912310020", "resident", "check_digit"),
        ("11010519491231003X", "resident", "check_digit"),
    ],
)
def test_refusals(number: str, kind: Kind, code: str) -> None:
    assert refusal(number, kind) == code


def test_nobody_is_born_tomorrow() -> None:
    number = compose("110105", date(2011, 10, 17), 1)
    assert refusal(number, today=date(2011, 10, 16)) == "date"
    assert check_identity(number, today=date(2011, 10, 17)).birth_on == date(2011, 10, 17)


def test_fifteen_digits_become_eighteen() -> None:
    identity = check_identity("110105491231002", "resident_15")
    assert identity == check_identity(STANDARD)


def test_a_division_may_be_gone_or_younger_than_the_person() -> None:
    # 110103 was dissolved in 2010; 110112 exists since 1997 but gave first cards to people born long before.
    assert check_identity(compose("110103", date(1980, 5, 1), 7)).division_name == "崇文区"
    assert check_identity(compose("110112", date(1975, 5, 1), 7)).division_name == "通州区"


@pytest.mark.parametrize("division", ["810000", "820000", "830000"])
def test_residence_permits(division: str) -> None:
    assert check_identity(compose(division, date(1990, 1, 1), 2)).division == division


@given(divisions, births, st.integers(0, 999))
def test_composed_numbers_say_what_they_were_composed_of(division: str, born: date, serial: int) -> None:
    number = compose(division, born, serial)
    identity = check_identity(number)
    assert (identity.division, identity.birth_on, identity.normalised) == (division, born, number)
    assert identity.sex == ("male" if serial % 2 else "female")
    if division == "110105":  # a county of every period: python-stdnum's own, stricter check agrees
        assert ric.is_valid(number)


@given(divisions, births, st.integers(0, 999), st.integers(0, 17), st.sampled_from("0123456789X"))
def test_every_single_typing_mistake_is_found(
    division: str, born: date, serial: int, place: int, typed: str
) -> None:
    number = compose(division, born, serial)
    mistyped = number[:place] + typed + number[place + 1 :]
    if mistyped != number:
        refusal(mistyped)


@given(divisions, births, st.integers(0, 999), st.integers(0, 16))
def test_every_swap_of_neighbours_is_found(division: str, born: date, serial: int, place: int) -> None:
    number = compose(division, born, serial)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if swapped != number:
        refusal(swapped)


@given(st.text(max_size=20), st.sampled_from(["resident", "resident_15"]))
def test_whatever_is_typed_gets_an_answer(text: str, kind: Kind) -> None:
    try:
        check_identity(text, kind)
    except IdentityRefused as refused:
        assert all(REASONS[refused.code])


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("11010119900101001X", "11010119********1X"),
        ("110101900101001", "110101*******01"),
        ("E12345678", "E1*****78"),
        ("1234567", "*******"),
        ("", ""),
    ],
)
def test_masks(number: str, shown: str) -> None:
    assert mask(number) == shown


@pytest.mark.parametrize(
    ("division", "serial"), [("11010", 1), ("11010a", 1), ("110105", -1), ("110105", 1000)]
)
def test_nonsense_is_not_composed(division: str, serial: int) -> None:
    with pytest.raises(ValueError, match="six digits"):
        compose(division, date(1990, 1, 1), serial)
