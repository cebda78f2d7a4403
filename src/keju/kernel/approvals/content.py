"""What a signer is shown, and the hash that binds it. Plain data: what is stored is what is shown and hashed."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from keju.rulebook.words import Words, t

Text = Words | str


@dataclass(frozen=True)
class Table:
    """Rows of texts under a head."""

    head: Sequence[Text]
    rows: Sequence[Sequence[Text]]


@dataclass(frozen=True)
class Content:
    """A title, facts by name, tables, and where the thing itself can be looked at (a URL's name and arguments).

    Everything that the signature answers for stands here or is named here by its SHA-256.
    """

    title: Words
    facts: Sequence[tuple[Text, Text]] = ()
    tables: Sequence[Table] = ()
    place: str = ""
    place_args: Mapping[str, str | int] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        return {
            "title": _plain(self.title),
            "facts": [[_plain(name), _plain(value)] for name, value in self.facts],
            "tables": [
                {
                    "head": [_plain(h) for h in table.head],
                    "rows": [[_plain(c) for c in r] for r in table.rows],
                }
                for table in self.tables
            ],
            "place": self.place,
            "place_args": dict(self.place_args),
        }

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> "Content":
        return cls(
            title=_words(plain["title"]),
            facts=[(_text(name), _text(value)) for name, value in plain["facts"]],
            tables=[
                Table([_text(h) for h in one["head"]], [[_text(c) for c in row] for row in one["rows"]])
                for one in plain["tables"]
            ],
            place=plain["place"],
            place_args=plain["place_args"],
        )


def digest(value: Any) -> str:
    """SHA-256 in hex of a content or of any plain data, independent of the order of its keys."""
    plain = value.plain() if isinstance(value, Content) else value
    return hashlib.sha256(canonical(plain).encode()).hexdigest()


def canonical(value: Any) -> str:
    """JSON with sorted keys and no blanks: the same data, the same text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _plain(text: Text) -> Any:
    return [text.zh, text.en] if isinstance(text, Words) else str(text)


def _text(plain: Any) -> Text:
    return plain if isinstance(plain, str) else _words(plain)


def _words(plain: Any) -> Words:
    return t(plain[0], plain[1])
