"""Every word on a page stands in both languages, inside `{% t %}`."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template.base import Lexer, TokenType

SOURCE = Path(__file__).parents[2]
TEMPLATES = sorted(SOURCE.glob("**/templates/**/*.html"))
HAN = re.compile(r"[㐀-鿿]")
ENGLISH = re.compile(r"[A-Za-z]{2,}")
SAID = re.compile(
    r"""^t\s+("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s+("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')(\s|$)"""
)
STORED = re.compile(r"^t\s+(\S+)[._]zh\s+\1[._]en$")  # both languages come from the same row
CLASS_NAME = re.compile(r"\{% block body_class %\}.*?\{% endblock %\}")
FACT = re.compile(r"\{[^{}]*\}")
PLACES = re.compile(r"\{(\w+)")
SPOKEN = {"alt", "title", "placeholder", "aria-label", "aria-description", "content-label", "value"}
# What is the same in every language: the names of things, not words of ours.
NAMES = {"TOTP"}


class Bare(HTMLParser):
    """Text and spoken attributes that stand outside `{% t %}`."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in {"script", "style"}
        typed = dict(attrs).get("type") in {"hidden", "radio", "checkbox"}
        for name, value in attrs:
            if name in SPOKEN and value and not (name == "value" and (tag != "input" or typed)):
                self._look(value)

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self._look(data)

    def _look(self, text: str) -> None:
        words = set(ENGLISH.findall(text)) - NAMES
        if words or HAN.search(text):
            self.found.append(text.strip())


def without_tags(source: str) -> str:
    """The template's own text: template tags gone, each leaving a mark that holds no letters."""
    source = CLASS_NAME.sub("", source)
    return "".join(t.contents if t.token_type == TokenType.TEXT else "·" for t in Lexer(source).tokenize())


def bare_words(source: str) -> list[str]:
    parser = Bare()
    parser.feed(without_tags(source))
    return parser.found


def spoken(source: str) -> list[str]:
    """The contents of every `{% t … %}`."""
    tokens = (t.contents for t in Lexer(source).tokenize() if t.token_type == TokenType.BLOCK)
    return [c for c in tokens if c == "t" or c.startswith("t ")]


def trouble(said: str) -> str:
    """What is wrong with the contents of one `{% t %}`; "" if nothing."""
    match = SAID.match(said)
    if STORED.match(said):
        return ""
    if match is None:
        return "not two quoted texts"
    zh, en = match.group(1)[1:-1], match.group(2)[1:-1]
    if not zh.strip() or not en.strip():
        return "a language is missing"
    if (zh, en) == ("English", "中文"):  # the other language, in its own words
        return ""
    if HAN.search(en):
        return "Chinese in the English"
    if not HAN.search(zh) and ENGLISH.search(FACT.sub("", zh)):
        return "no Chinese in the Chinese"
    if set(PLACES.findall(zh)) != set(PLACES.findall(en)):
        return "the languages name different facts"
    return ""


def test_there_are_templates_to_look_at():
    assert len(TEMPLATES) > 30


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.name)
def test_no_word_stands_outside_the_two_languages(path: Path):
    assert bare_words(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.name)
def test_every_word_stands_in_both_languages(path: Path):
    wrong = [(said, why) for said in spoken(path.read_text("utf-8")) if (why := trouble(said))]
    assert wrong == []


@pytest.mark.parametrize(
    "source",
    [
        "<p>报名</p>",
        "<p>Register</p>",
        '<img alt="photo">',
        '<input type="submit" value="Send">',
        "<a>{{ x }} items</a>",
    ],
)
def test_the_check_finds_bare_words(source: str):
    assert bare_words(source)


@pytest.mark.parametrize(
    "said",
    [
        't "报名"',
        't "报名" ""',
        't "Register" "Register"',
        't "{n} 人" "people"',
        't "报名" "报名 form"',
        "t zh en",
    ],
)
def test_the_check_finds_a_missing_language(said: str):
    assert trouble(said)
