"""Hints to relatives whom nobody declared (V2.9): staff who share telephone, address or employer with candidates. Pure.

A hint proves nothing and bars nobody. Employers are shared by many for good reasons; the office knows which.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from keju.rulebook import Refusal, rule
from keju.rulebook.words import Words, t

KINDS: dict[str, Words] = {
    "phone": t("同一手机号码", "The same telephone"),
    "address": t("同一住址", "The same address"),
    "employer": t("同一工作单位", "The same employer"),
}
SHOWN = 20
SHORTEST = {"phone": 7, "address": 6, "employer": 4}
"""A value of fewer characters tells nothing: "无", "一中"."""


@dataclass(frozen=True)
class Sharing:
    """What of somebody is compared, each in its one form; "" where it is not known."""

    id: int
    values: tuple[tuple[str, str], ...]


@dataclass
class Shared:
    """How many candidates share it with the member, and the first of their registrations."""

    count: int = 0
    registrations: list[int] = field(default_factory=list)


def one_form(kind: str, text: str) -> str:
    """The text as it is compared: width, blanks and punctuation aside; "" if too short to tell anything."""
    plain = "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())
    return plain if len(plain) >= SHORTEST[kind] else ""


@rule("V2.9", "P1.2")
def shared(staff: Iterable[Sharing], candidates: Iterable[Sharing]) -> dict[tuple[int, str], Shared]:
    """(member, kind) → what they share with candidates, where they share anything. One look at each candidate."""
    wanted: dict[tuple[str, str], list[int]] = {}
    for one in staff:
        for key in one.values:
            if key[1]:
                wanted.setdefault(key, []).append(one.id)
    found: dict[tuple[int, str], Shared] = {}
    for candidate in candidates:
        for key in candidate.values:
            for member in wanted.get(key, ()):
                here = found.setdefault((member, key[0]), Shared())
                here.count += 1
                if len(here.registrations) < SHOWN:
                    here.registrations.append(candidate.id)
    return found


@rule("V2.9", "P1.2")
def check_answer(*, own_case: bool, reason: str) -> Iterator[Refusal]:
    """Who is asked says what was found, and never about themself."""
    if own_case:
        yield Refusal("V2.9", "recusal_own_case")
    if not reason.strip():
        yield Refusal("V2.9", "recusal_no_reason", field="reason")
