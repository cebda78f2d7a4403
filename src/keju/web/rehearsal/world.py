"""What the steps of a rehearsal share: the exam, its calendar, who acts, where the documents go."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from uuid import NAMESPACE_OID, UUID, uuid5

from keju.kernel.accounts.permissions import ROLES
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.models import Office
from keju.stages.fees.services.gateway.practice import PracticeGateway
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
    """One rehearsed year. Without `out` nothing is written; without `pdfs` only the archive."""

    programme: str
    year: int
    candidates: int
    seed: int
    calendar: Calendar
    out: Path | None
    pdfs: bool = True
    slug: str = ""
    region_codes: tuple[str, ...] = ()  # none: the whole nation
    uneven: bool = False  # points of unequal size, as real ones; else all alike
    leave_open: bool = False  # what somebody has to decide is left to be decided: for a demo
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
    planted: set[tuple[str, str]] = field(
        default_factory=set
    )  # attempts against the rules of custody: kind and subject
    gateways: dict[str, PracticeGateway] = field(default_factory=dict)
    photos: dict[str, bytes] = field(default_factory=dict)

    def random(self, purpose: str) -> Random:
        """A stream of its own for every purpose, so that a change in one step does not shift another."""
        return Random(f"{self.seed}/{purpose}")  # noqa: S311  reproducible, not secret

    def key(self, purpose: str) -> UUID:
        """An operation's id, the same for the same seed and purpose."""
        return uuid5(NAMESPACE_OID, f"{self.seed}/{self.slug}/{purpose}")

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

    def second(self, role: str, office: Office) -> Actor:
        """Another person in the same role at the same office, where the rules want two."""
        person = self.people[(f"{role}/2", office.code)]
        return replace(self.actor(role, office), ref=f"person:{person}", person_id=person)

    def national(self, role: str, other: int = 0) -> Actor:
        """As `actor`, at the national body that the role belongs to; `other` 1, 2 … for a second person in it."""
        (kind,) = ROLES[role].at
        first = self.actor(role, Office(code=str(kind.value), path="/"))
        if not other:
            return first
        person = self.seconds[role][other - 1]
        return replace(first, ref=f"person:{person}", person_id=person)

    @property
    def papers(self) -> Path | None:
        """The folder for the documents, or None where none are wanted."""
        return self.out if self.pdfs else None

    def write(self, name: str, data: bytes) -> None:
        """A document lies under that name in the output folder, if documents are wanted. A name is used once."""
        if self.papers is not None:
            path = self.papers / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                file.write(data)

    def examined(self) -> datetime:
        """When the last session is over, its papers are packed, and absences are known: before 17:00 (V15.9.2)."""
        return max(s.ends_at for s in exams.sessions(self.exam)) + timedelta(minutes=20)

    def counts_of(self, name: str) -> int:
        return int(self.expected.get(name, 0))  # type: ignore[call-overload]


@dataclass(frozen=True)
class Step:
    """One stage of the year as rehearsed. `run` returns the counts that the table shows.

    `papers` prints the stage's documents; it is called after `run` where documents are wanted, and counts them.
    """

    stage: str
    run: Callable[[World, Tick], dict[str, int]]
    total: Callable[[World], int] = lambda world: len(world.regions)
    papers: Callable[[World], dict[str, int]] | None = None


CLOCKWORK = Actor.system("rehearsal")
