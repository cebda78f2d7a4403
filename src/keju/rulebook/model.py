"""A programme as the rest of the house sees it: frozen, plain, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Literal

from keju.algorithms.identity import DocumentKind
from keju.rulebook.handovers import HandoverKind
from keju.rulebook.precautions import Precautions
from keju.rulebook.responsibility import Responsibility
from keju.rulebook.rosters import RosterKind
from keju.rulebook.teaching import Teaching
from keju.rulebook.words import Words

Kind = Literal["access", "enforce", "deadline", "record", "document", "compute", "attest"]
KINDS: tuple[str, ...] = ("access", "enforce", "deadline", "record", "document", "compute", "attest")
OwnerKind = Literal["committee", "office", "centre", "region", "point", "site"]
OWNER_KINDS: tuple[str, ...] = ("committee", "office", "centre", "region", "point", "site")
Per = Literal["region", "point", "site", "floor", "room"]
PER: tuple[Per, ...] = ("region", "point", "site", "floor", "room")
Unit = Literal["working_days", "days", "months"]
UNITS: tuple[str, ...] = ("working_days", "days", "months")
When = Literal["before", "after"]
CheckedThing = Literal["site", "room", "store"]
CheckedBy = Literal["report", "eve", "receipt"]
CHECKED_THINGS: tuple[CheckedThing, ...] = ("site", "room", "store")
CHECKED_BY: tuple[CheckedBy, ...] = ("report", "eve", "receipt")
Channel = Literal["sms", "email"]
CHANNELS: tuple[Channel, ...] = ("sms", "email")

#: the stages of the year in calendar order; every clause belongs to one
STAGES: tuple[str, ...] = (
    *("announcement", "registration", "fees", "review", "venues", "seating", "tickets", "staffing"),
    *("security", "itembank", "custody", "examday", "misconduct", "marking", "statistics"),
    *("results", "certificates", "archive"),
)

#: kernel parts that may have dated parameters of their own
KERNEL_PARTS: tuple[str, ...] = (
    *("audit", "calendar", "offices", "accounts", "exams", "jobs", "files", "sheets"),
    *("documents", "notices", "duties", "readiness", "approvals"),
)


@dataclass(frozen=True)
class Clause:
    """One rule: ``who`` must act, ``text`` must hold, ``done`` is what people see when it does."""

    id: str
    stage: str
    kind: Kind
    who: Words
    text: Words
    done: Words
    note: Words | None = None
    #: names of the dated parameters that carry its figures, "fees.refund_working_days"
    params: tuple[str, ...] = ()


@dataclass(frozen=True)
class Category:
    """A kind of candidate with papers and a certificate of its own."""

    code: str
    name: Words


@dataclass(frozen=True)
class Level:
    """A level of the qualification, with a passing line and a certificate of its own; the highest comes first."""

    code: str
    name: Words


@dataclass(frozen=True)
class Session:
    """One sitting: number, day of the exam (1 is the first), usual start and end."""

    number: int
    name: Words
    starts: time
    ends: time
    day: int = 1


@dataclass(frozen=True)
class Subject:
    """A subject: sat in ``session`` at place ``order``, with ``questions`` questions of these ``options``."""

    code: str
    name: Words
    session: int
    order: int
    questions: int
    options: str
    categories: tuple[str, ...]


@dataclass(frozen=True)
class Segment:
    """``width`` digits of a ticket number that say ``what``: year, region, point, site, room or serial."""

    what: str
    width: int


@dataclass(frozen=True)
class TicketLayout:
    """How a ticket number is built; serials run from 1 to ``serial_max``."""

    segments: tuple[Segment, ...]
    serial_max: int

    @property
    def width(self) -> int:
        """Digits of a whole number."""
        return sum(segment.width for segment in self.segments)


@dataclass(frozen=True)
class PostQuota:
    """How many fill a post, counted per region, point, site, floor or room.

    ``min``, ``max``: a figure, or the name of a whole-number parameter, "staffing.deputies_min"; no ``max``: as many as
    one likes. ``used_only``: only where somebody sits the exam (host points, sites, floors and rooms in use).
    """

    per: Per
    min: int | str
    max: int | str | None = None
    used_only: bool = True


@dataclass(frozen=True)
class PostNeeds:
    """What must hold of whoever fills a post.

    ``recusal``: declared and without a hit; ``sector_ban``: the employer is outside the sector; ``training``: codes of
    modules passed; ``permanent``: permanent staff; ``letter``: a responsibility letter signed.
    """

    recusal: bool = True
    sector_ban: bool = False
    training: tuple[str, ...] = ()
    permanent: bool = False
    letter: bool = False


@dataclass(frozen=True)
class Post:
    """A post that somebody fills at an office of the kind ``at``, under clause ``rule``.

    ``holder``: whose office carries the post, in words; ``appointed_by``: the kind of office that appoints. ``keeps_papers``:
    receives, carries or keeps papers and cards; ``accompanies``: is with who is kept apart (V12.6.3). Without a ``quota``
    nothing is missing when nobody fills it.
    """

    code: str
    name: Words
    at: OwnerKind
    rule: str = ""
    holder: Words | None = None
    appointed_by: OwnerKind = "point"
    quota: PostQuota | None = None
    needs: PostNeeds = PostNeeds()
    keeps_papers: bool = False
    accompanies: bool = False


@dataclass(frozen=True)
class DueSpec:
    """Due n units before or after a milestone, at a time of day if set; ``param`` names where n stands."""

    n: int
    unit: Unit
    when: When
    milestone: str
    at: time | None = None
    param: str | None = None


@dataclass(frozen=True)
class FixedDay:
    """Due on this day of the exam year."""

    month: int
    day: int


@dataclass(frozen=True)
class DutySpec:
    """An obligation: ``code`` is unique in the programme, ``rule`` its clause.

    ``daily_until``: repeated every day from the due day to this milestone. ``discharge``: the audit
    event that closes it, or "manual". ``by_case``: no calendar opens it, but a case does, once for each day on
    which a term ends. ``hosts_only``: of the points those alone owe it that host, once that is decided.
    """

    code: str
    rule: str
    name: Words
    owner: OwnerKind
    creditor: OwnerKind
    due: DueSpec | FixedDay
    discharge: str = "manual"
    daily_until: str | None = None
    by_case: bool = False
    hosts_only: bool = False


@dataclass(frozen=True)
class Milestone:
    """A moment of the exam year that duties count from, in ``order``."""

    key: str
    name: Words
    order: int


@dataclass(frozen=True)
class Document:
    """A document that the programme knows, and the clauses that ask for it."""

    code: str
    name: Words
    stage: str
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Material:
    """What a candidate brings: originals and copies."""

    code: str
    name: Words
    originals: int
    copies: int


@dataclass(frozen=True)
class Route:
    """A way to be eligible, and what proves it. ``certificate_waits``: proof is owed until collection."""

    code: str
    name: Words
    rule: str
    materials: tuple[Material, ...]
    certificate_waits: bool = False


@dataclass(frozen=True)
class NeedKind:
    """What a candidate may need to sit the exam, and what the exam then does; ``code`` is a name that the planner knows."""

    code: str
    name: Words
    text: Words


@dataclass(frozen=True)
class MessageKind:
    """News for candidates: besides the inbox it goes out by ``channels``.

    ``sms`` is what a text message says instead of the news itself: short, nothing personal. An ``essential`` kind
    reaches also those who do not want e-mail.
    """

    code: str
    title: Words
    channels: tuple[Channel, ...] = ()
    essential: bool = False
    sms: Words | None = None


@dataclass(frozen=True)
class Question:
    """What candidates ask, and the answer: ``rule`` is the clause that it rests on."""

    code: str
    question: Words
    answer: Words
    rule: str


@dataclass(frozen=True)
class CheckItem:
    """What somebody has looked at and answers for, on a checklist of clause ``rule``.

    ``of`` the site as a whole, each room with desks, or a secret store; ``by`` the site's report, the eve of the exam, or
    the first receipt of papers.
    Words may name figures as answers do: {venues_cordon_metres}.
    """

    code: str
    words: Words
    rule: str
    of: CheckedThing
    by: CheckedBy


@dataclass(frozen=True)
class Programme:
    """An examination programme: the law and the make of one kind of exam."""

    code: str
    name: Words
    adopts: str | None
    first_year: int
    regions: str
    categories: tuple[Category, ...]
    subjects: tuple[Subject, ...]
    sessions: tuple[Session, ...]
    ticket: TicketLayout
    card: str
    posts: tuple[Post, ...]
    duties: tuple[DutySpec, ...]
    milestones: tuple[Milestone, ...]
    documents: tuple[Document, ...]
    identity: tuple[Material, ...]
    routes: tuple[Route, ...]
    rules: Mapping[str, Clause] = field(hash=False)
    refusal_words: Mapping[str, Words] = field(hash=False)
    readings: str
    levels: tuple[Level, ...] = ()
    #: ids of the clauses written in this programme itself, not adopted
    own_rules: tuple[str, ...] = ()
    messages: Mapping[str, MessageKind] = field(default_factory=dict, hash=False)
    #: kinds of identity document by which one may register
    identity_documents: tuple[DocumentKind, ...] = ("resident",)
    faq: tuple[Question, ...] = ()
    checklist: tuple[CheckItem, ...] = ()
    teaching: Teaching = field(default_factory=Teaching, hash=False)
    rosters: tuple[RosterKind, ...] = ()
    handovers: tuple[HandoverKind, ...] = ()
    #: posts whose holders are the responsible persons that an office files (V15.1.1)
    responsible: tuple[str, ...] = ()
    needs: tuple[NeedKind, ...] = ()
    precautions: Precautions = field(default_factory=Precautions, hash=False)
    responsibility: Responsibility = field(default_factory=Responsibility, hash=False)

    def clause(self, clause_id: str) -> Clause | None:
        """The clause of this id, ours or adopted; None if this programme does not know it."""
        return self.rules.get(clause_id)

    def subjects_of(self, category: str) -> tuple[Subject, ...]:
        """The subjects that a candidate of the category sits, in order of sitting."""
        mine = (subject for subject in self.subjects if category in subject.categories)
        return tuple(sorted(mine, key=lambda subject: (subject.session, subject.order)))

    def post(self, code: str) -> Post | None:
        """The post of this code; None if the programme has none."""
        return next((post for post in self.posts if post.code == code), None)

    def handover(self, code: str) -> HandoverKind | None:
        """The kind of handover of this code; None if the programme has none."""
        return next((kind for kind in self.handovers if kind.code == code), None)

    def handover_after(self, code: str) -> HandoverKind | None:
        """The first kind that follows the kind of this code; None where the chain ends there."""
        return next((kind for kind in self.handovers if code in kind.follows), None)

    def milestone(self, key: str) -> Milestone:
        """The milestone of this key. KeyError if there is none."""
        return {milestone.key: milestone for milestone in self.milestones}[key]
