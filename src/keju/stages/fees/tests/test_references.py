"""The reference in a transfer's remark: found in any noise, never mistaken for another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keju.stages.fees import rules
from keju.stages.fees.rules.references import ALPHABET

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
    code = gap.join(rules.reference(number).lower().replace("0", "o").replace("1", "l"))
    if wide:
        code = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in code)
    assert (rules.FEE, number) in rules.references(f"{before}{code}{after}")


@given(number=NUMBER, place=st.integers(2, 8), other=st.sampled_from(ALPHABET))
def test_one_wrong_character_is_no_reference(number: int, place: int, other: str) -> None:
    code = rules.reference(number)
    if code[place] != other:
        assert rules.references(code[:place] + other + code[place + 1 :]) == []


@given(number=NUMBER, one=st.integers(2, 8), two=st.integers(2, 8))
def test_two_swapped_characters_are_no_reference(number: int, one: int, two: int) -> None:
    code = list(rules.reference(number))
    if code[one] != code[two]:
        code[one], code[two] = code[two], code[one]
        assert rules.references("".join(code)) == []


def test_several_stand_in_one_remark_each_once_and_kinds_are_told_apart() -> None:
    one, two, back = rules.reference(7), rules.reference(8), rules.reference(7, rules.REFUND)
    text = f"代缴{one}、{two}；{one} 退{back}"
    assert rules.references(text) == [("KJ", 7), ("KJ", 8), ("KR", 7)]
    assert rules.references("KJ000000" + "0" + " 13800000000 报名费") == []
    assert rules.readable(one) == f"{one[:2]} {one[2:5]} {one[5:8]} {one[8]}"
    with pytest.raises(ValueError, match="no such number"):
        rules.reference(32**6)
