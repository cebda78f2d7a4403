"""What the steps of a rehearsal share: the exam, its calendar, who acts, where the documents go."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from random import Random

from keju.kernel.accounts.permissions import ROLES
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.models import Office
from keju.web.rehearsal.calendar import Calendar

Tick = Callable[[int], None]


@dataclass(frozen=True)
class Sheet:
    """A scanned card as it left the room: whose, of which session, and what the invigilators marked on it."""

    ticket: str
    session: int
    absent: bool
    violation: bool


@dataclass
class World:
    """One rehearsed year. `progress(done)` moves the bar of the running step."""

    programme: str
    year: int
    candidates: int
    seed: int
    calendar: Calendar
    out: Path | None
    slug: str = ""
    region_codes: tuple[str, ...] = ()  # none: the whole nation
    clock_shift: timedelta = timedelta()
    password_hash: str = ""
    exam: Exam = None  # type: ignore[assignment]  made by the first step
    regions: list[Office] = field(default_factory=list)
    points: dict[str, list[Office]] = field(default_factory=dict)
    people: dict[tuple[str, str], int] = field(default_factory=dict)
    seconds: dict[str, list[int]] = field(default_factory=dict)
    truth: dict[tuple[str, int], tuple[str, ...]] = field(default_factory=dict)
    sheets: dict[str, Sheet] = field(default_factory=dict)
    keys: dict[int, str] = field(default_factory=dict)
    bag: Path | None = None
    expected: dict[str, object] = field(default_factory=dict)
    photos: dict[str, bytes] = field(default_factory=dict)

    def random(self, purpose: str) -> Random:
        """A stream of its own for every purpose, so that a change in one step does not shift another."""
        return Random(f"{self.seed}/{purpose}")  # noqa: S311  reproducible, not secret

    def actor(self, role: str, office: Office) -> Actor:
        """The member of staff who holds the role at the office."""
        person = self.people[(role, office.code)]
        return Actor(
            ref=f"person:{person}",
            name=str(ROLES[role].name),
            role=role,
            office_code=office.code,
            office_path=office.path,
            person_id=person,
            permissions=frozenset(str(p) for p in ROLES[role].permissions),
        )

    def national(self, role: str, other: int = 0) -> Actor:
        """As `actor`, at the national body that the role belongs to; `other` 1, 2 … for a second person in it."""
        (kind,) = ROLES[role].at
        first = self.actor(role, Office(code=str(kind.value), path="/"))
        if not other:
            return first
        person = self.seconds[role][other - 1]
        return replace(first, ref=f"person:{person}", person_id=person)

    def write(self, name: str, data: bytes) -> None:
        """A document lies under that name in the output folder, if there is one."""
        if self.out is not None:
            path = self.out / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    def counts_of(self, name: str) -> int:
        return int(self.expected.get(name, 0))  # type: ignore[call-overload]


@dataclass(frozen=True)
class Step:
    """One stage of the year as rehearsed. `run` returns the counts that the table shows."""

    stage: str
    run: Callable[[World, Tick], dict[str, int]]
    total: Callable[[World], int] = lambda world: len(world.regions)


CLOCKWORK = Actor.system("rehearsal")
