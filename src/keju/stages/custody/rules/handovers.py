"""Formal handovers: who must be there, what a scanned code is, when all is counted, who may sign and instruct. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from keju.rulebook import Refusal, rule
from keju.rulebook.handovers import SIDES, HandoverKind
from keju.rulebook.words import Words
from keju.stages.custody.rules.containers import read_code
from keju.stages.custody.rules.places import read

TRANSITIONS: Mapping[str, frozenset[str]] = {
    "prepared": frozenset({"announced", "counting", "broken_off"}),
    "announced": frozenset({"announced", "counting", "broken_off"}),
    "counting": frozenset({"signing", "broken_off"}),
    "signing": frozenset({"counting", "closed", "broken_off"}),
    "closed": frozenset(),
    "broken_off": frozenset(),
}
LIVING = ("prepared", "announced", "counting", "signing")


class Seen(StrEnum):
    """How a container was found. The last two judge a code that was read twice."""

    INTACT = "intact"  # sealed with the number that is on record (or open, as on record)
    BROKEN = "broken"  # the seal is open or damaged
    OTHER_SEAL = "other_seal"  # a seal of another number
    MISSING = "missing"  # not there
    SAME = "same"  # read twice, one container
    DUPLICATE = "duplicate"  # two containers with one label


SEEN = tuple(Seen)


class Verdict(StrEnum):
    """What a code is to the handover that reads it."""

    EXPECTED = "expected"
    REJUDGED = "rejudged"  # expected, and judged otherwise than before
    AGAIN = "again"  # read twice and not yet judged whether it is one container
    EXTRA = "extra"  # a container that is not on the list
    FOREIGN = "foreign"  # one that another handover expects
    UNKNOWN = "unknown"  # a sound code that no container has
    MISREAD = "misread"  # not a code


VERDICTS = tuple(Verdict)


class Flaw(StrEnum):
    """Kinds of exception that a handover finds (V11.3.3)."""

    MISSING = "missing"
    BROKEN = "broken"
    OTHER_SEAL = "other_seal"
    DUPLICATE = "duplicate"
    EXTRA = "extra"
    FOREIGN = "foreign"
    UNKNOWN = "unknown"


NOT_WHOLE = frozenset({Seen.BROKEN, Seen.OTHER_SEAL})
FLAW_OF: Mapping[str, Flaw] = {
    Seen.BROKEN: Flaw.BROKEN, Seen.OTHER_SEAL: Flaw.OTHER_SEAL, Seen.DUPLICATE: Flaw.DUPLICATE,
    Verdict.EXTRA: Flaw.EXTRA, Verdict.FOREIGN: Flaw.FOREIGN, Verdict.UNKNOWN: Flaw.UNKNOWN,
}  # fmt: skip


@dataclass(frozen=True)
class Scan:
    """A code as it was read. `seal`: the number on its seal, "" if it was compared by eye; `state`: a `Seen`; `photo`: of what
    is not intact (bytes of a picture); `read_at`: by the device's clock."""

    code: str
    seal: str = ""
    state: str = Seen.INTACT
    photo: bytes = b""
    read_at: datetime | None = None


@dataclass(frozen=True)
class Named:
    """Somebody named beforehand for a side ("sender", "receiver") in a role."""

    side: str
    role: str
    person_id: int


@dataclass(frozen=True)
class Expected:
    """An item of the list: its container, the seal on record, and how it was found so far ("" not yet)."""

    container_id: int
    seal: str
    seen: str


@dataclass(frozen=True)
class Judged:
    """A scan with what it means: `seen` is how the item now stands, "" if it is no item."""

    scan: Scan
    code: str
    verdict: Verdict
    seen: str
    container_id: int | None

    @property
    def flaw(self) -> Flaw | None:
        """The exception that it makes, if any."""
        if self.scan.state == Seen.DUPLICATE and self.container_id is not None:
            return Flaw.DUPLICATE
        if self.verdict in (Verdict.EXPECTED, Verdict.REJUDGED):
            return FLAW_OF.get(self.seen)
        return FLAW_OF.get(self.verdict)


@rule("V11.1", "V11.3.3")
def judge(
    scans: Sequence[Scan],
    expected: Mapping[str, Expected],
    *,
    others: Mapping[str, int | None],
    foreign: Collection[str],
) -> list[Judged]:
    """Each scan in turn against the list. `others`: code → container (None out of sight), of known ones that are not on
    it; `foreign`: those of them that another living handover expects.

    A seal number other than the one on record is another seal, whatever was ticked. What was once not whole stays so. A
    code read a second time waits to be judged: one container, or two with one label.
    """
    now = dict(expected)
    found = []
    for scan in scans:
        code = read_code(scan.code)
        item = now.get(code) if code else None
        if code is None:
            found.append(Judged(scan, scan.code.strip()[:40], Verdict.MISREAD, "", None))
        elif item is None:
            verdict = Verdict.UNKNOWN
            if code in others:
                verdict = Verdict.FOREIGN if code in foreign else Verdict.EXTRA
            found.append(Judged(scan, code, verdict, "", others.get(code)))
        else:
            judged = _judged(scan, code, item)
            found.append(judged)
            now[code] = Expected(item.container_id, item.seal, judged.seen)
    return found


def _judged(scan: Scan, code: str, item: Expected) -> Judged:
    def of(verdict: Verdict, seen: str) -> Judged:
        return Judged(scan, code, verdict, seen, item.container_id)

    state = scan.state
    if state in (Seen.SAME, Seen.DUPLICATE):
        return of(Verdict.EXPECTED, item.seen or Seen.INTACT)
    if state == Seen.INTACT and scan.seal and scan.seal.strip() != item.seal:
        state = Seen.OTHER_SEAL
    if item.seen in ("", Seen.MISSING):
        return of(Verdict.EXPECTED, state)
    if state in NOT_WHOLE and item.seen != state:
        return of(Verdict.REJUDGED, state)
    return of(Verdict.AGAIN, item.seen)


@rule("V11.1", "V10.1", "V11.2.1", "V11.3.1")
def check_people(
    kind: HandoverKind,
    people: Sequence[Named],
    posts: Mapping[tuple[str, str, int], str],
    least: Mapping[tuple[str, str], int],
    names: Mapping[tuple[str, str], Words],
    humans: Mapping[int, int],
) -> Iterator[Refusal]:
    """Who is named suffices: each role of each side has its people, each holds one of its posts in force, nobody stands twice.

    `posts`: (side, role, person) → the post by which they qualify; `least`: (side, role) → how many; `names`: as said;
    `humans`: person → the human, who may have been entered more than once (ADR 19).
    """
    ids = [humans.get(p.person_id, p.person_id) for p in people]
    if len(ids) != len(set(ids)):
        yield Refusal("V11.1", "handover_twice", field="people")
    for need in kind.people:
        mine = [p for p in people if (p.side, p.role) == (need.side, need.role)]
        facts = {"role": names[need.side, need.role], "least": least[need.side, need.role]}
        unfit = sum((p.side, p.role, p.person_id) not in posts for p in mine)
        if unfit:
            yield Refusal("V2.9", "handover_unqualified", {**facts, "count": unfit}, field="people")
        if len(mine) < least[need.side, need.role]:
            yield Refusal("V11.1", "handover_too_few", {**facts, "count": len(mine)}, field="people")
    known = {(need.side, need.role) for need in kind.people}
    if any((p.side, p.role) not in known for p in people):
        yield Refusal("V11.1", "handover_role", field="people")
    for side in SIDES:
        if not any(p.side == side for p in people):
            yield Refusal("V10.1", "handover_nobody_answers", {"side": side}, field="people")


@rule("V10.1", "V11.3.1", "V12.2.0")
def check_way(kind: HandoverKind, places: Collection[str], place: str) -> Iterator[Refusal]:
    """The containers stand together at a place from which this kind hands over, and go to one to which it does."""
    if len(set(places)) != 1 or any(str(read(p).spot) not in kind.origin for p in places):
        yield Refusal("V12.2.0", "handover_from", {"kind": kind.name}, field="containers")
    try:
        spot = str(read(place).spot)
    except ValueError:
        spot = ""
    if spot not in kind.target:
        yield Refusal("V11.3.1", "handover_to", {"kind": kind.name}, field="place")


@rule("V11.3.1")
def check_begin(kind: HandoverKind, state: str) -> Iterator[Refusal]:
    """What is escorted was announced to the receiver before anything is counted."""
    if kind.announced and state == "prepared":
        yield Refusal("V11.3.1", "handover_unannounced")


@rule("V11.1")
def check_counted(unseen: int, repeats: Sequence[str]) -> Iterator[Refusal]:
    """Everything is scanned or declared missing, and each code read twice is judged."""
    if unseen:
        yield Refusal("V11.1", "handover_uncounted", {"count": unseen})
    if repeats:
        yield Refusal("V11.1", "handover_repeats", {"count": len(repeats), "codes": "、".join(repeats[:5])})


@rule("V11.1")
def check_photos(judged: Sequence[Judged]) -> Iterator[Refusal]:
    """What is not intact is photographed."""
    telling = (Verdict.EXPECTED, Verdict.REJUDGED)
    repeat = (Seen.SAME, Seen.DUPLICATE)
    bare = [
        j.code
        for j in judged
        if j.seen in NOT_WHOLE and j.verdict in telling and j.scan.state not in repeat and not j.scan.photo
    ]
    if bare:
        yield Refusal(
            "V11.1", "handover_photo", {"codes": "、".join(bare[:5]), "count": len(bare)}, field="photo"
        )


@rule("V11.3.2")
def check_signer(is_named: bool, name: str) -> Iterator[Refusal]:
    """Only who was named signs; another needs the signed consent of the unit's leader first."""
    if not is_named:
        yield Refusal("V11.3.2", "handover_not_named", {"name": name})


@rule("V11.3.3")
def check_as_signed(signed: Collection[str], stays: Collection[str]) -> Iterator[Refusal]:
    """What is frozen, and so stays with the sender, is what the signers were shown. Codes."""
    other = sorted(set(signed) ^ set(stays))
    if other:
        facts = {"containers": "、".join(other[:5]), "count": len(other)}
        yield Refusal("V11.3.3", "handover_frozen_since", facts)


@rule("V11.3.3")
def check_instruct(
    path: str, by_path: str, reported_by: str, by: str, case_id: int | None = None
) -> Iterator[Refusal]:
    """The superior instructs: an office above, or at the top somebody else than who reported; where a case was opened about
    it (`case_id`), by the case."""
    if case_id is not None:
        yield Refusal("V11.3.3", "custody_case_has", {"case": case_id})
    above = bool(by_path) and path.startswith(by_path) and (path != by_path or path == "/")
    if not above or by == reported_by:
        yield Refusal("V11.3.3", "handover_instruct_above")
