"""Takes a mapping of a file apart, key by key; what is missing, unknown or misshapen becomes a problem."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, time

from keju.rulebook.clauses import CLAUSE_ID
from keju.rulebook.errors import Problem
from keju.rulebook.words import Words, t
from keju.rulebook.yamls import Spot


class Form:
    """One mapping being read. Takers return a usable value even after a problem, so that reading goes on."""

    def __init__(self, spot: Spot, problems: list[Problem]) -> None:
        self.spot = spot
        self.problems = problems
        self._known: set[str] = set()
        if not isinstance(spot.value, dict):
            self.complain(spot, "此处应为“名称: 值”的列表", "expected a list of “name: value” here")
        self._values: dict[str, Spot] = spot.value if isinstance(spot.value, dict) else {}

    def complain(self, spot: Spot, zh: str, en: str, **facts: object) -> None:
        """Adds a problem at the spot."""
        self.problems.append(spot.problem(zh, en, **facts))

    def has(self, key: str) -> bool:
        """Whether the key is written, with a value."""
        return key in self._values and self._values[key].value is not None

    def take(self, key: str, *, optional: bool = False) -> Spot:
        """The spot of the key; an empty one, with a problem unless optional, if it is not written."""
        self._known.add(key)
        found = self._values.get(key)
        if found is not None and (found.value is not None or optional):
            return found
        place = f"{self.spot.place}.{key}" if self.spot.place else key
        if not optional and isinstance(self.spot.value, dict):
            self.complain(self.spot, "缺少“{key}”", "“{key}” is missing", key=key)
        return Spot(None, self.spot.file, self.spot.line, place)

    def text(self, key: str, default: str = "", *, optional: bool = False) -> str:
        """The text under the key."""
        spot = self.take(key, optional=optional)
        if isinstance(spot.value, str) and spot.value.strip():
            return spot.value
        if isinstance(spot.value, int) and not isinstance(spot.value, bool):
            return str(spot.value)
        if spot.value is not None:
            self.complain(spot, "“{key}”应为文字", "“{key}” must be text", key=key)
        return default

    def number(
        self, key: str, default: int = 0, *, low: int = 0, high: int = 10**9, optional: bool = False
    ) -> int:
        """The whole number under the key, between low and high."""
        spot = self.take(key, optional=optional)
        value = spot.value
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool):
            self.complain(spot, "“{key}”应为整数", "“{key}” must be a whole number", key=key)
            return default
        if not low <= value <= high:
            zh, en = "“{key}”应在{low}到{high}之间", "“{key}” must be between {low} and {high}"
            self.complain(spot, zh, en, key=key, low=low, high=high)
            return default
        return value

    def flag(self, key: str) -> bool:
        """true or false under the key; false if it is not written."""
        spot = self.take(key, optional=True)
        if spot.value is not None and not isinstance(spot.value, bool):
            self.complain(spot, "“{key}”应为true或false", "“{key}” must be true or false", key=key)
        return spot.value is True

    def one_of(self, key: str, choices: Sequence[str], *, optional: bool = False) -> str:
        """The text under the key, which must be among the choices; the first of them after a problem."""
        spot = self.take(key, optional=optional)
        if isinstance(spot.value, str) and spot.value in choices:
            return spot.value
        if spot.value is not None:
            zh = "“{key}”是“{value}”，只能是：{choices}"
            en = "“{key}” is “{value}”, but can only be one of: {choices}"
            self.complain(spot, zh, en, key=key, value=spot.value, choices=tuple(choices))
        return choices[0] if choices else ""

    def words(self, key: str) -> Words:
        """The text in both languages under the key."""
        return self.both(self.take(key), key)

    def maybe_words(self, key: str) -> Words | None:
        """As ``words``, None if it is not written."""
        self._known.add(key)
        return self.words(key) if self.has(key) else None

    def both(self, spot: Spot, key: str) -> Words:
        """A spot of the form ``{zh: …, en: …}``; a problem if a language is missing."""
        if spot.value is None:
            return t("", "")
        if not isinstance(spot.value, dict):
            zh = "“{key}”要有中英文两种：{{zh: …, en: …}}"
            en = "“{key}” must be in both languages: {{zh: …, en: …}}"
            self.complain(spot, zh, en, key=key)
            return t("", "")
        inner = Form(spot, self.problems)
        words = t(inner.text("zh"), inner.text("en"))
        inner.close()
        if words.en and not any(letter.isascii() and letter.isalpha() for letter in words.en):
            self.complain(spot, "英文没有英文字母", "the English text has no English letters")
        return words

    def clause(self, key: str) -> str:
        """A clause id under the key."""
        spot = self.take(key)
        value = spot.value if isinstance(spot.value, str) else ""
        if spot.value is not None and not CLAUSE_ID.fullmatch(value):
            zh, en = "“{value}”不是条款编号（如V8.3）", "“{value}” is no clause id (one looks like V8.3)"
            self.complain(spot, zh, en, value=spot.value if not isinstance(spot.value, dict | list) else "…")
        return value

    def clock(self, key: str, *, optional: bool = False) -> time | None:
        """A time of day "HH:MM" under the key."""
        spot = self.take(key, optional=optional)
        if spot.value is None:
            return None
        try:
            if isinstance(spot.value, str) and len(spot.value) == 5:
                return time.fromisoformat(spot.value)
        except ValueError:
            pass
        self.complain(spot, "时间应写作09:00这样", "a time is written like 09:00")
        return None

    def items(self, key: str, *, optional: bool = False) -> Iterator[Spot]:
        """The spots of the list under the key."""
        spot = self.take(key, optional=optional)
        if spot.value is None:
            return
        if not isinstance(spot.value, list):
            self.complain(
                spot,
                "“{key}”应为列表（每项以“- ”开头）",
                "“{key}” must be a list, items begin with “- ”",
                key=key,
            )
            return
        yield from spot.value

    def forms(self, key: str, *, optional: bool = False) -> Iterator[Form]:
        """The mappings of the list under the key, each a form that the caller closes."""
        for spot in self.items(key, optional=optional):
            yield Form(spot, self.problems)

    def texts(self, key: str, *, optional: bool = False) -> tuple[str, ...]:
        """The texts of the list under the key."""
        found: list[str] = []
        for spot in self.items(key, optional=optional):
            if isinstance(spot.value, str):
                found.append(spot.value)
            else:
                self.complain(spot, "此处应为文字", "expected text here")
        return tuple(found)

    def close(self) -> None:
        """Every key that nobody asked for is a problem."""
        for key, spot in self._values.items():
            if key not in self._known:
                zh, en = (
                    "不认识“{key}”；这里可以写：{known}",
                    "“{key}” is not known; what can stand here: {known}",
                )
                self.complain(spot, zh, en, key=key, known=tuple(sorted(self._known)))


def day_of(text: object) -> date | None:
    """The day of "2011-01-01"; None if it is none."""
    if not isinstance(text, str) or len(text) != 10:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
