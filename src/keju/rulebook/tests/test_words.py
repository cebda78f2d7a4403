"""Words speak the current language, fill facts, and never crash."""

from __future__ import annotations

import contextvars
import copy
import pickle
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keju.rulebook.words import (
    Words,
    current_language,
    later,
    places,
    set_language,
    speaking,
    stray_braces,
    t,
)

TICKET = t("准考证", "Ticket")


def test_chinese_unless_chosen_otherwise() -> None:
    assert current_language() == "zh"
    assert str(TICKET) == f"{TICKET}" == "准考证"


def test_speaking_is_undone_even_after_an_error() -> None:
    with pytest.raises(RuntimeError), speaking("en"):
        assert str(TICKET) == "Ticket"
        raise RuntimeError
    assert str(TICKET) == "准考证"


def test_set_language_stays_within_its_context() -> None:
    context = contextvars.copy_context()
    context.run(set_language, "en")
    assert context.run(str, TICKET) == "Ticket"
    assert str(TICKET) == "准考证"


@pytest.mark.parametrize("act", [set_language, lambda lang: speaking(lang).__enter__(), TICKET.in_])
def test_other_languages_are_refused(act: object) -> None:
    with pytest.raises(ValueError, match="zh or en"):
        act("de")  # type: ignore[operator]


def test_format_fills_each_language_in_its_own_way() -> None:
    words = t("{what}须在{day}{at}前，缺{names}", "{what} by {day} {at}, missing {names}").format(
        what=TICKET, day=date(2011, 10, 1), at=time(9, 5), names=["甲", TICKET]
    )
    assert words.zh == "准考证须在2011年10月1日09:05前，缺甲、准考证"
    assert words.en == "Ticket by 1 October 2011 09:05, missing 甲, Ticket"


@pytest.mark.parametrize(
    ("template", "facts", "said"),
    [
        ("{{x}} {x}", {"x": 1}, "{x} 1"),
        ("{kb:.1f} KB", {"kb": 41.26}, "41.3 KB"),
        ("{kb:.1f} KB", {"kb": "many"}, "many KB"),
        ("{n:row|rows} of {m:file|files}", {"n": 1, "m": 0}, "1 row of 0 files"),
        ("{n:row|rows}", {"n": "1,200"}, "1,200 rows"),
        ("{missing}", {}, "{missing}"),
        ("{x.__class__} {x[0]} {", {"x": "a"}, "{x.__class__} {x[0]} {"),
        ("{x}", {"x": "{y}", "y": 2}, "{y}"),
        ("{x}", {"x": None}, "—"),
        ("{x}", {"x": frozenset({"b", "a"})}, "a, b"),
        ("{x}", {"x": datetime(2011, 1, 2, 3, 4)}, "2 January 2011, 03:04"),
        (
            "{x}",
            {"x": datetime(2011, 1, 2, 20, 4, tzinfo=UTC)},
            "3 January 2011, 04:04",
        ),  # the clock in China
    ],
)
def test_templates(template: str, facts: dict[str, object], said: str) -> None:
    assert t("", template).format(**facts).en == said


@given(st.text(), st.dictionaries(st.sampled_from(["x", "y", "rule"]), st.text() | st.integers() | st.none()))
def test_formatting_never_crashes(template: str, facts: dict[str, object]) -> None:
    words = t(template, template).format(**facts)
    assert isinstance(words.zh, str)
    if "{" not in template and "}" not in template:
        assert words.en == template


def test_places_and_stray_braces() -> None:
    assert places("{a} {{b}} {c:.1f}") == {"a", "c"}
    assert stray_braces("{a.b}") and stray_braces("{") and stray_braces("{0}")
    assert not stray_braces("{a} {{b}}")


def test_words_serve_as_labels_keys_and_values() -> None:
    assert TICKET[-1] == "证"
    assert {TICKET: 1}[t("准考证", "Ticket")] == 1
    assert pickle.loads(pickle.dumps(TICKET)) == copy.deepcopy(TICKET) == TICKET
    path, args, kwargs = TICKET.deconstruct()
    assert path == "keju.rulebook.words.t"
    assert Words(*args, **kwargs) == TICKET


def test_forms_write_the_facts_of_an_error_into_both_languages() -> None:
    words = t("“%(value)s”不对", "“%(value)s” is wrong") % {"value": "x"}
    assert (words.zh, words.en) == ("“x”不对", "“x” is wrong")


def test_words_made_later_are_made_once_and_are_like_any() -> None:
    made: list[int] = []

    def make() -> Words:
        made.append(1)
        return t("{n}人", "{n:person|persons}").format(n=2)

    words = later(make)
    assert not made
    assert words == t("2人", "2 persons") == words and hash(words) == hash(t("2人", "2 persons"))
    with speaking("en"):
        assert str(words) == "2 persons" == t("{n}人", "{n:person|persons}").said(n=2)
    assert len(made) == 1
