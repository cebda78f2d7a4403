"""Kinds of messages and the length of text messages."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keju.rulebook import load_programme
from keju.rulebook.errors import Problem
from keju.rulebook.programmes import programme_codes
from keju.rulebook.reading.messages import long_texts, read_messages
from keju.rulebook.texting import letters, parts


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("准" * 70, 1),
        ("准" * 71, 2),
        ("准" * 134, 2),
        ("准" * 135, 3),
        ("a" * 69 + "准", 1),
        ("a" * 70 + "准", 2),
        ("𠀀" * 35, 1),
        ("𠀀" * 36, 2),
        ("𠀀" * 66, 2),
        ("𠀀" * 67, 3),  # 66 of 67 fit a part: none is cut in two
        ("a" * 152 + "€" + "a" * 10, 2),
    ],
)
def test_parts(text: str, count: int) -> None:
    assert parts(text) == count


@given(st.text(max_size=400))
def test_a_letter_more_never_needs_less(text: str) -> None:
    assert parts(text) <= parts(text + "准") and parts(text) <= letters(text)[0]


@pytest.mark.parametrize("code", programme_codes())
def test_what_the_programmes_say_fits_one_part(code: str) -> None:
    programme = load_programme(code)
    folder = Path(__file__).parents[1] / "programmes" / code
    assert list(long_texts(folder)) == []
    for kind in programme.messages.values():
        assert len(kind.code) <= 40 and (kind.sms is None) == ("sms" not in kind.channels)


def test_another_programme_has_the_adopted_kinds() -> None:
    assert load_programme("physician").messages.keys() >= load_programme("veterinarian").messages.keys()


def written(folder: Path, text: str) -> Path:
    (folder / "messages.yaml").write_text(text, "utf-8")
    return folder


GOOD = "messages:\n  - {code: a.b, title: {zh: 甲, en: A}, channels: [sms], sms: {zh: 请登录, en: Sign in}}\n"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[sms]", "[pigeon]", "a channel is one of"),
        ("[sms]", "[email]", "sms is not among the channels"),
        (", sms: {zh: 请登录, en: Sign in}", "", "has no text"),
        ("zh: 请登录", "zh: '请登录{name}'", "nothing personal"),
        ("code: a.b", "kode: a.b", "“kode” is not known"),
        ("title: {zh: 甲, en: A}", "title: 甲", "both languages"),
        ("\n  - {", "\n  - {code: a.b, title: {zh: 甲, en: A}}\n  - {", "written twice"),
    ],
)
def test_a_fault_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    problems: list[Problem] = []
    read_messages(written(tmp_path, GOOD), problems)
    assert problems == []
    assert old in GOOD
    read_messages(written(tmp_path, GOOD.replace(old, new, 1)), problems)
    assert any(said in problem.words.en for problem in problems), problems


def test_a_long_text_is_a_warning_and_no_fault(tmp_path: Path) -> None:
    folder = written(tmp_path, GOOD.replace("请登录", "请" * 60))
    problems: list[Problem] = []
    read_messages(folder, problems)
    (warning,) = long_texts(folder)
    assert problems == [] and warning.mild and "2" in warning.words.zh and warning.line == 2
