"""The reference in a transfer's remark: found in any noise, never mistaken for another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keju.algorithms import reference as codes
from keju.algorithms.reference.codes import ALPHABET

NUMBER = st.integers(0, 32**6 - 1)
NOISE = st.text(st.sampled_from("报名费缴 考试张三·:，。-_/13800"), max_size=12)


@given(
    number=NUMBER,
    before=NOISE,
    after=NOISE,
    gap=st.sampled_from(["", " ", "-", "　", "·"]),
    wide=st.booleans(),
)
def test_it_is_found_in_any_noise(number: int, before: str, after: str, gap: str, wide: bool) -> None:
    code = gap.join(codes.reference(number).lower().replace("0", "o").replace("1", "l"))
    if wide:
        code = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in code)
    assert (codes.FEE, number) in codes.references(f"{before}{code}{after}")


@given(number=NUMBER, place=st.integers(2, 8), other=st.sampled_from(ALPHABET))
def test_one_wrong_character_is_no_reference(number: int, place: int, other: str) -> None:
    code = codes.reference(number)
    if code[place] != other:
        assert codes.references(code[:place] + other + code[place + 1 :]) == []


@given(number=NUMBER, one=st.integers(2, 8), two=st.integers(2, 8))
def test_two_swapped_characters_are_no_reference(number: int, one: int, two: int) -> None:
    code = list(codes.reference(number))
    if code[one] != code[two]:
        code[one], code[two] = code[two], code[one]
        assert codes.references("".join(code)) == []


def test_several_stand_in_one_remark_each_once_and_kinds_are_told_apart() -> None:
    one, two, back = codes.reference(7), codes.reference(8), codes.reference(7, codes.REFUND)
    text = f"代缴{one}、{two}；{one} 退{back}"
    assert codes.references(text) == [("KJ", 7), ("KJ", 8), ("KR", 7)]
    assert codes.references("KJ000000" + "0" + " 13800000000 报名费") == []
    assert codes.readable(one) == f"{one[:2]} {one[2:5]} {one[5:8]} {one[8]}"
    with pytest.raises(ValueError, match="no such number"):
        codes.reference(32**6)
