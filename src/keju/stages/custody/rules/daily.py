"""V12.4: what an office reports of its papers each day, from the log. Pure."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from keju.rulebook import Refusal, rule


@dataclass(frozen=True)
class StoreDay:
    """A store on a day. Counts are of containers; `by_kind`: those that lie there by themselves or in others, by kind.

    `unguarded`: minutes of the day without a guard while papers were there; `inside`: people who have not come out.
    """

    store: int
    name: str
    containers: int = 0
    by_kind: Mapping[str, int] = field(default_factory=dict)
    sealed: int = 0
    open: int = 0
    frozen: int = 0
    came: int = 0
    left: int = 0
    guards: int = 0
    unguarded: int = 0
    entries: int = 0
    refused: int = 0
    inside: int = 0


@dataclass(frozen=True)
class Day:
    """What an office reports. `alarms`: kind → how many are open at and under the office; `below`: office → report of that
    day as it was sent ([containers, safe]), None where it is missing."""

    stores: Sequence[StoreDay]
    elsewhere: int
    broken: int
    alarms: Mapping[str, int]
    below: Mapping[str, Any]

    @property
    def containers(self) -> int:
        return sum(store.containers for store in self.stores)

    @property
    def is_safe(self) -> bool:
        """Whether nothing in it asks for a word."""
        odd = any(s.frozen or s.unguarded or s.refused for s in self.stores)
        return not (odd or self.broken or self.alarms)

    def plain(self) -> dict[str, Any]:
        return asdict(self)


def digest(day: Day, progress: str) -> str:
    """SHA-256 over what is reported."""
    text = json.dumps([day.plain(), progress], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


@rule("V12.4", "V15.9.1")
def check_daily(day: Day, progress: str, *, former: str) -> Iterator[Refusal]:
    """What is not in order is explained; what was sent before is not sent again. `former`: the digest sent today, or ""."""
    if not day.is_safe and not progress.strip():
        yield Refusal("V12.4", "stores_daily_kept", field="progress")
    if former and former == digest(day, progress.strip()):
        yield Refusal("V12.4", "stores_daily_same", field="progress")
