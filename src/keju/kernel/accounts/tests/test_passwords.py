"""Passwords by NIST SP 800-63B: length and what is tried first, nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keju.kernel.accounts.passwords import COMMON, LONGEST, PATTERN, PERSONAL, normalised, weaknesses
from keju.rulebook.words import Words

ABOUT = ("11010519491231002X", "王小明", "138 0013 8000", "wangxiaoming")


def told(password: str, minimum: int = 15) -> list[Words]:
    return list(weaknesses(password, minimum=minimum, about=ABOUT))


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "all lower case and no digit",
        "每天早上给院子里的三只猫喂食两次",
        "一只黄狗 two cats 三只鹅!",
        "🐈🐕🐄🐖🐏🐐🦆🐓🐇🐎🦌🐟🦎🐢🐍",
        "vXq8nLr2TzpW4kYs",
        "my dog Keju barks at noon",
    ],
)
def test_long_and_not_what_is_tried_first_is_all_it_takes(password: str) -> None:
    assert told(password) == []


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("passwordpassword", COMMON),
        ("PassWord20240101", COMMON),
        ("iloveyou12345678", COMMON),
        ("aaaaaaaaaaaaaaaaa", PATTERN),
        ("abcabcabcabcabcabc", PATTERN),
        ("123456789012345678", PATTERN),
        ("abcdefghijklmnopq", PATTERN),
        ("qwertyuiopasdfghjkl", PATTERN),
        ("1qaz2wsx3edc4rfv5tgb", PATTERN),
        ("98765432109876543", PATTERN),
        ("哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈", PATTERN),
        ("11010519491231002x", PERSONAL),
        ("19491231wangxiaoming", PERSONAL),
        ("王小明13800138000abcd", PERSONAL),
        ("执业兽医资格考试keju准考证密码", PERSONAL),
        ("１１０１０５１９４９１２３１００２Ｘ", PERSONAL),
    ],
)
def test_what_is_tried_first_is_refused_with_the_reason(password: str, words: Words) -> None:
    assert told(password) == [words]


@pytest.mark.parametrize(
    ("minimum", "short"), [(15, "fourteen chars"), (8, "seven 7"), (15, "十四个汉字不够长度请再加一")]
)
def test_short_ones_say_how_many_more(minimum: int, short: str) -> None:
    (words,) = told(short, minimum)
    assert str(minimum - len(short)) in words.zh
    assert str(minimum) in words.en


def test_sixty_four_characters_and_more_are_taken_and_code_points_count() -> None:
    sentence = "".join(chr(0x4E00 + 37 * n % 20000) for n in range(LONGEST))
    assert told(sentence) == []
    assert told(sentence[:64]) == []
    assert told(sentence + "一") != []


def test_however_the_keyboard_composed_it_the_password_is_the_same() -> None:
    assert normalised("cafe\u0301 ｆｕｌｌ") == normalised("caf\u00e9 full")


@given(st.text(max_size=200), st.lists(st.text(max_size=20), max_size=4))
def test_any_text_gets_an_answer(password: str, about: list[str]) -> None:
    for words in weaknesses(password, minimum=15, about=about):
        assert words.zh
        assert words.en
