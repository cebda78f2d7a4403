"""Recordings: how long they are kept, which are missing, which are replayed, when they may go (P2.2, V14.1, P7.2). Pure."""

import hashlib
import re
from calendar import monthrange
from collections.abc import Collection, Iterator, Sequence
from datetime import date

from keju.rulebook import Refusal, rule

SHA = re.compile(r"[0-9a-f]{64}")


@rule("P2.2", "V14.1")
def keep_until(exam_ends: date, months: int) -> date:
    """The last day of the term: the same day so many months later, or the last of that month."""
    n = exam_ends.month - 1 + months
    year, month = exam_ends.year + n // 12, n % 12 + 1
    return date(year, month, min(exam_ends.day, monthrange(year, month)[1]))


@rule("P2.2", "V14.1")
def check_recording(
    clause: str, room: int, rooms: Collection[int], session: int, ended: Collection[int], sha256: str, size: int,
    custodian_is_known: bool, place: str,
) -> Iterator[Refusal]:  # fmt: skip
    """A recording is of a room of the site and a session that is over, has a checksum, and somebody keeps it somewhere."""
    if room not in rooms:
        yield Refusal(clause, "security_recording_room", {"room": room}, field="room")
    if session not in ended:
        yield Refusal(clause, "security_recording_session", {"session": session}, field="session")
    if not SHA.fullmatch(sha256):
        yield Refusal(clause, "security_recording_sha", field="sha256")
    if size < 1:
        yield Refusal(clause, "security_recording_size", field="size")
    if not custodian_is_known:
        yield Refusal(clause, "security_recording_keeper", field="custodian")
    if not place.strip():
        yield Refusal(clause, "security_recording_place", field="place")


@rule("P2.2", "V14.1")
def check_disposal(
    clause: str, terms: Sequence[date], today: date, reason: str, disposed: int
) -> Iterator[Refusal]:
    """Nothing goes before the last day of its term is over, or twice. `terms`: the recordings' last days."""
    if not terms or disposed:
        yield Refusal(clause, "security_disposal_none", field="recordings")
    early = [day for day in terms if day >= today]
    if early:
        yield Refusal(clause, "security_disposal_early", {"n": len(early), "day": max(early)})
    if not reason.strip():
        yield Refusal(clause, "security_no_evidence", field="reason")


@rule("P7.2", "V14.1")
def check_replay(
    clause: str, from_minute: int, to_minute: int, seen: str, odd: bool, has_finding: bool
) -> Iterator[Refusal]:
    """Who replays a recording says what span was watched and what was seen; what is odd becomes a finding."""
    if not 0 <= from_minute < to_minute <= 600:
        yield Refusal(clause, "security_replay_span", field="to_minute")
    if not seen.strip():
        yield Refusal(clause, "security_no_evidence", field="seen")
    if odd and not has_finding:
        yield Refusal(clause, "security_replay_odd", field="odd")


@rule("P7.2", "V14.1")
def sample(salt: str, shas: Sequence[str], percent: int) -> list[str]:
    """Which recordings to replay: so many percent and at least one, by a hash that nobody chooses and anybody recomputes."""
    if not shas or not percent:
        return []
    n = max(1, -(-len(shas) * percent // 100))
    return sorted(shas, key=lambda sha: (hashlib.sha256(f"{salt}/{sha}".encode()).digest(), sha))[:n]
