"""Words in both languages: ``t("准考证", "Ticket")`` is one thing, said in the reader's language (ADR 2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

from keju.algorithms.workdays import CHINA

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

_language: ContextVar[Language] = ContextVar("keju_language", default="zh")

# {{ and }} are braces; {name} and {name:spec} are facts. Attributes and indices stay plain text on
# purpose: templates are written by lay authors and filled with what people typed.
_PLACE = re.compile(r"\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]*)(?::([^{}]*))?\}")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def set_language(lang: str) -> None:
    """From here on, in this request or task, ``str(words)`` speaks ``lang``. ValueError unless zh or en."""
    if lang not in LANGUAGES:
        raise ValueError(f"language is zh or en, not {lang!r}")
    _language.set(lang)


def current_language() -> Language:
    """The language that ``str(words)`` speaks now: "zh" unless somebody chose otherwise."""
    return _language.get()


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """Inside the block ``lang`` is spoken; afterwards whatever was spoken before."""
    if lang not in LANGUAGES:
        raise ValueError(f"language is zh or en, not {lang!r}")
    token = _language.set(lang)
    try:
        yield
    finally:
        _language.reset(token)


@dataclass(frozen=True)
class Words:
    """One message in Chinese and English. ``str()`` gives the current language, each time anew."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.in_(_language.get())

    def __getitem__(self, key: int | slice) -> str:
        """Letters of the current language; form labels are asked for their last one."""
        return str(self)[key]

    def __mod__(self, facts: object) -> Words:
        """Both languages with ``%(name)s`` filled in: how forms write the facts of an error."""
        return Words(self.zh % facts, self.en % facts)

    def in_(self, lang: str) -> str:
        """The message in ``lang`` ("zh" or "en"), whatever the current language."""
        if lang not in LANGUAGES:
            raise ValueError(f"language is zh or en, not {lang!r}")
        return self.en if lang == "en" else self.zh

    def format(self, **facts: object) -> Words:
        """Both languages with ``{name}`` replaced by the facts, ``{n:row|rows}`` by "1 row" or "2 rows".

        Words among the facts speak the language around them; days, times and lists are written as people
        write them. A placeholder without a fact stays visible as it is: a message must never become a crash.
        """
        return Words(_fill(self.zh, facts, "zh"), _fill(self.en, facts, "en"))

    def said(self, **facts: object) -> str:
        """As `str(words.format(...))`, without making the other language too: a page has hundreds."""
        lang = _language.get()
        return _fill(self.in_(lang), facts, lang)

    def deconstruct(self) -> tuple[str, list[str], dict[str, str]]:
        """How a migration writes this value down again."""
        return "keju.rulebook.words.t", [self.zh, self.en], {}


class _Later(Words):
    """Words that are made when somebody reads them."""

    _make: Callable[[], Words]

    def __init__(self, make: Callable[[], Words]) -> None:
        object.__setattr__(self, "_make", make)

    def __getattr__(self, name: str) -> str:
        """Asked for "zh" or "en" while the words are not made yet."""
        if name not in LANGUAGES:
            raise AttributeError(name)
        made = self._make()
        object.__setattr__(self, "zh", made.zh)
        object.__setattr__(self, "en", made.en)
        return made.in_(name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Words) and (self.zh, self.en) == (other.zh, other.en)

    def __hash__(self) -> int:
        return hash((self.zh, self.en))


def later(make: Callable[[], Words]) -> Words:
    """What `make` returns, not made before somebody reads it: of a nation's thousands of rows a board shows a hundred."""
    return _Later(make)


def places(template: str) -> frozenset[str]:
    """Names of the facts that a template asks for."""
    return frozenset(match.group(1) for match in _PLACE.finditer(template) if match.group(1))


def stray_braces(template: str) -> bool:
    """Whether a brace is left that is neither part of ``{name}`` nor doubled."""
    rest = _PLACE.sub("", template)
    return "{" in rest or "}" in rest


def t(zh: str, en: str) -> Words:
    """The bilingual message of a Chinese and an English text."""
    return Words(zh, en)


def said_day(day: date, lang: Language) -> str:
    """2011年7月1日 / 1 July 2011. Of an instant, the day in China."""
    if isinstance(day, datetime) and day.tzinfo:
        day = day.astimezone(CHINA)
    if lang == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def said_moment(moment: datetime, lang: Language) -> str:
    """2011年7月1日 09:00 / 1 July 2011, 09:00, by the clock in China."""
    here = moment.astimezone(CHINA) if moment.tzinfo else moment
    return f"{said_day(here, lang)}{' ' if lang == 'zh' else ', '}{here:%H:%M}"


def _fill(template: str, facts: Mapping[str, object], lang: Language) -> str:
    def one(match: re.Match[str]) -> str:
        whole = match.group(0)
        if whole in ("{{", "}}"):
            return whole[0]
        name, spec = match.group(1), match.group(2)
        if name not in facts:
            return whole
        return _say(facts[name], spec or "", lang)

    return _PLACE.sub(one, template)


def _say(fact: object, spec: str, lang: Language) -> str:
    if "|" in spec:
        one, _, many = spec.partition("|")
        said = _say(fact, "", lang)
        return f"{said} {one if said == '1' else many}"
    if spec:
        try:
            return format(fact, spec)
        except (ValueError, TypeError):
            pass
    if isinstance(fact, Words):
        return fact.in_(lang)
    if isinstance(fact, datetime):
        return said_moment(fact, lang)
    if isinstance(fact, date):
        return said_day(fact, lang)
    if isinstance(fact, time):
        return f"{fact:%H:%M}"
    if isinstance(fact, tuple | list | frozenset | set):
        items = sorted(fact, key=str) if isinstance(fact, frozenset | set) else fact
        return ("、" if lang == "zh" else ", ").join(_say(item, "", lang) for item in items)
    if fact is None:
        return "—"
    return str(fact)
