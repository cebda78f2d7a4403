"""Refusals: what a clause says no to, with the facts, and how strongly."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from keju.rulebook.words import Words, t

Strength = Literal["must", "in principle"]


class _Clause(Protocol):
    @property
    def text(self) -> Words: ...


class HasWords(Protocol):
    """What a refusal needs of a programme in order to speak."""

    @property
    def refusal_words(self) -> Mapping[str, Words]: ...

    def clause(self, clause_id: str) -> _Clause | None:
        """The clause of that id, the programme's own or any other's; None if nobody knows it."""
        ...


@dataclass(frozen=True)
class Refusal:
    """Clause ``rule`` refuses: ``code`` picks the words, ``facts`` fill them, ``field`` is the form field."""

    rule: str
    code: str
    facts: Mapping[str, object] = dataclasses.field(default_factory=dict, hash=False)
    strength: Strength = "must"
    field: str | None = None

    def words(self, programme: HasWords) -> Words:
        """What to tell the person: the programme's words for the code, else the clause's; never an error."""
        template = programme.refusal_words.get(self.code)
        if template is not None:
            return template.format(**{"rule": self.rule, **self.facts})
        clause = programme.clause(self.rule)
        if clause is not None:
            return t("不符合规定 {rule}：{text}", "Not in keeping with rule {rule}: {text}").format(
                rule=self.rule, text=clause.text
            )
        return t("不符合规定 {rule}（{code}）", "Not in keeping with rule {rule} ({code})").format(
            rule=self.rule, code=self.code
        )


class RuleRefused(Exception):
    """The law refuses the act; ``refusals`` says by which clauses and why. Nothing has happened."""

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        self.refusals: tuple[Refusal, ...] = tuple(refusals)
        super().__init__("; ".join(f"{r.rule} {r.code} {dict(r.facts)}" for r in self.refusals))


def enforce(
    refusals: Iterable[Refusal], *, reason: str | None = None, may_override: bool = False
) -> list[Refusal]:
    """Lets the act through, or raises RuleRefused with everything that stands against it.

    A ``must`` refusal always stands. One ``in principle`` yields to a written reason by a role that may
    override; those are returned, and the caller records them with the reason in the audit log.
    """
    found = list(refusals)
    yields = may_override and bool(reason and reason.strip())
    standing = [r for r in found if r.strength != "in principle" or not yields]
    if standing:
        raise RuleRefused(standing)
    return found
