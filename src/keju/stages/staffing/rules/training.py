"""Chapter 4: who trains whom, by what, who was there. Pure."""

import hashlib
import hmac
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from keju.rulebook import Refusal, rule
from keju.rulebook.words import Words

DIGITS = 6


@dataclass(frozen=True)
class Wall:
    """What the code on the wall follows from: the course's secret, its span, how long a code lasts and is still taken."""

    secret: str
    starts_at: datetime
    ends_at: datetime
    seconds: int
    grace: int
    early_minutes: int

    @property
    def opens_at(self) -> datetime:
        """From when codes count."""
        return self.starts_at - timedelta(minutes=self.early_minutes)

    def code(self, at: datetime) -> str:
        """The code shown at that moment."""
        return self._code(int(at.timestamp()) // self.seconds)

    def left(self, at: datetime) -> int:
        """Seconds until the next code is shown."""
        return self.seconds - int(at.timestamp()) % self.seconds

    def takes(self, code: str, at: datetime) -> bool:
        """Whether the code is shown now or was shown no longer ago than the grace."""
        now = int(at.timestamp())
        first, last = (now - self.grace) // self.seconds, now // self.seconds
        return any(hmac.compare_digest(self._code(n), code) for n in range(first, last + 1))

    def _code(self, number: int) -> str:
        digest = hmac.new(self.secret.encode(), str(number).encode(), hashlib.sha256).digest()
        return f"{int.from_bytes(digest[:8], 'big') % 10**DIGITS:0{DIGITS}d}"


@rule("V4.1")
def check_attending(wall: Wall, code: str, *, is_invited: bool, at: datetime) -> Iterator[Refusal]:
    """A code counts for who is invited, while the course is on, and as long as it is shown."""
    if not is_invited:
        yield Refusal("V4.1", "training_not_invited")
        return
    if not wall.opens_at <= at <= wall.ends_at:
        facts = {"opens": wall.opens_at, "ends": wall.ends_at}
        yield Refusal("V4.1", "training_code_time", facts, field="code")
        return
    if not wall.takes("".join(code.split()), at):
        yield Refusal("V4.1", "training_code_wrong", field="code")


@rule("V4.1", "V4.2")
def check_course(
    modules: Sequence[str],
    known: Mapping[str, str],
    approved: Collection[str],
    names: Mapping[str, Words],
    starts_at: datetime,
    ends_at: datetime,
) -> Iterator[Refusal]:
    """A course teaches modules of the programme, by handbooks of which a version is approved.

    `known`: module → its handbook; `approved`: handbooks with an approved version; `names`: how handbooks are called.
    """
    if not modules or any(code not in known for code in modules):
        yield Refusal("V4.2", "training_no_module", field="modules")
        return
    if ends_at <= starts_at:
        yield Refusal("V4.1", "training_span", field="ends_at")
    for handbook in sorted({known[code] for code in modules} - set(approved)):
        yield Refusal("V4.2", "training_no_handbook", {"handbook": names[handbook]}, field="modules")


@rule("V4.1")
def check_level(is_below: bool, name: str) -> Iterator[Refusal]:
    """Each level trains its own people and those directly below."""
    if not is_below:
        yield Refusal("V4.1", "training_not_below", {"name": name})


@rule("V4.4")
def check_distribution(state: str, *, has_gone: bool) -> Iterator[Refusal]:
    """What goes down the tree was approved by the office, and goes once."""
    if state != "approved":
        yield Refusal("V4.4", "training_not_approved")
    elif has_gone:
        yield Refusal("V4.4", "training_distributed")


@rule("V4.1")
def check_entry(*, began: bool, is_cancelled: bool, starts_at: datetime) -> Iterator[Refusal]:
    """Attendance is entered of a course that has begun and was not cancelled."""
    if is_cancelled:
        yield Refusal("V4.1", "training_cancelled")
    elif not began:
        yield Refusal("V4.1", "training_not_begun", {"when": starts_at})
