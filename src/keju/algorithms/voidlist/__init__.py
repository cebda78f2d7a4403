"""Lists of tickets that no longer hold, for devices without a network (docs/void-list.md).

A signed note in the form of a C2SP checkpoint: the version stands where a log's size does, the hash of the entries where
its root does, the entries are its further lines. Pure: runs wherever Python and `cryptography` do.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from keju.algorithms.merkle import NoteRefused, Signer, Verifier, checkpoint_body, open_checkpoint

PREFIX = "keju/tickets/void/"
KEY_NAME = "keju-tickets"
"""The name under which the list is signed, by the key of the codes on tickets."""
VALID, REISSUED, REVOKED = "valid", "reissued", "revoked"
_ENTRY = re.compile(r"([0-9]{1,20})(?: ([0-9a-f]{16}))?", re.ASCII)


@dataclass(frozen=True)
class VoidList:
    """The tickets of `exam` at `host` that were reissued (number → the code that holds) or revoked (number → None)."""

    exam: str
    host: str
    version: int
    entries: Mapping[str, str | None]

    def state(self, number: str, code: str) -> str:
        """Whether a ticket with that number and code holds: "valid", "reissued" or "revoked"."""
        if number not in self.entries:
            return VALID
        holds = self.entries[number]
        if holds is None:
            return REVOKED
        return VALID if holds == code else REISSUED


def write(exam: str, host: str, version: int, entries: Mapping[str, str | None], signer: Signer) -> str:
    """The signed list. The same input gives the same bytes. Raises ValueError for what the format cannot say."""
    lines = [number if code is None else f"{number} {code}" for number, code in sorted(entries.items())]
    if not all(_ENTRY.fullmatch(line) for line in lines) or "/" in exam + host:
        raise ValueError("a number is digits, a code sixteen hex digits, and names hold no slash")
    body = checkpoint_body(f"{PREFIX}{exam}/{host}", version, _hash(lines))
    body += "".join(f"{line}\n" for line in lines)
    return f"{body}\n{signer.line(body)}"


def read(text: str, public_key: bytes, *, exam: str, host: str, at_least: int = 0) -> VoidList:
    """What the list says, once its signature, its hash and whom it is for were checked.

    `at_least`: the version that the device holds already; an older list is refused. Raises NoteRefused with `.code`:
    those of a signed note, and `other` (another exam or host), `hash`, `entry`, `old`.
    """
    note = open_checkpoint(text, [Verifier(KEY_NAME, public_key)])
    if note.origin != f"{PREFIX}{exam}/{host}":
        raise NoteRefused("other", f"a list for {note.origin}")
    if note.root != _hash(note.extensions):
        raise NoteRefused("hash", "the entries are not those of the hash")
    if note.size < at_least:
        raise NoteRefused("old", f"version {note.size} is older than {at_least}")
    entries: dict[str, str | None] = {}
    for line in note.extensions:
        match = _ENTRY.fullmatch(line)
        if match is None or match[1] in entries:
            raise NoteRefused("entry", "an entry is malformed or stands twice")
        entries[match[1]] = match[2]
    return VoidList(exam, host, note.size, entries)


def _hash(lines: Iterable[str]) -> bytes:
    return sha256("".join(f"{line}\n" for line in lines).encode()).digest()
