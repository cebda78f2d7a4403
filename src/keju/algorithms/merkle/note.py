"""Signed checkpoints: C2SP signed-note, tlog-checkpoint and (Ed25519) tlog-cosignature.

    origin              which log speaks
    size                leaves, decimal
    root                base64 of 32 bytes
                        an empty line, then one line per signature:
    — name base64(key id of 4 bytes, signature)

A log signs the text itself (type 1). A witness signs it with the time at which it saw it (type 4), so that
the paper it prints or the file it keeps is evidence of its own. Signatures by unknown keys are ignored, as
the format demands: witnesses may be added without asking every reader. One by a known key that does not
verify condemns the whole note.
"""

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field

from keju.algorithms.merkle.keys import NoteRefused, Signer, Verifier, decode64

__all__ = [
    "Checkpoint",
    "NoteRefused",
    "Signer",
    "Verifier",
    "add_signature",
    "checkpoint_body",
    "open_checkpoint",
    "sign_checkpoint",
]

HASH_BYTES = 32
BODY_LINES = 3
MAX_CHARACTERS = 1 << 20
"""A longer text is refused unread; sixteen signatures and any origin fit many times."""

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True)
class Checkpoint:
    """What a signed note said, and which of the verifiers asked for vouched for it (name → time or None)."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()
    signed_by: dict[str, int | None] = field(default_factory=dict)
    body: str = ""


def checkpoint_body(origin: str, size: int, root: bytes) -> str:
    """The text that is signed. Raises ValueError for what the format cannot say."""
    if not origin or "\n" in origin or _CONTROL.search(origin):
        raise ValueError("the origin must be one non-empty line")
    if size < 0 or len(root) != HASH_BYTES:
        raise ValueError("a checkpoint has a size of at least 0 and a root of 32 bytes")
    return f"{origin}\n{size}\n{b64encode(root).decode()}\n"


def sign_checkpoint(
    origin: str, size: int, root: bytes, signers: Sequence[Signer], *, at: int | None = None
) -> str:
    """The checkpoint with one signature line per signer, in their order.

    `at` (Unix seconds) is needed by witness signers only. Same input, same bytes. Raises ValueError without
    a signer: an unsigned checkpoint is worth nothing and must not exist.
    """
    if not signers:
        raise ValueError("a checkpoint needs at least one signer")
    body = checkpoint_body(origin, size, root)
    return body + "\n" + "".join(signer.line(body, at) for signer in signers)


def add_signature(text: str, signer: Signer, *, at: int | None = None) -> str:
    """The same note with one more signature line at its end; raises NoteRefused if it is not a note."""
    body, _ = _split(text)
    return text + signer.line(body, at)


def open_checkpoint(text: str, verifiers: Sequence[Verifier]) -> Checkpoint:
    """What the note says, after its signatures were checked.

    `signed_by` holds exactly those of `verifiers` whose signature stands under it: the caller asks for more
    than one where it needs them. Raises NoteRefused (with `.code`) if the text is not a checkpoint, if none
    of the verifiers signed it, or if one of their signatures is false.
    """
    body, lines = _split(text)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    signed_by: dict[str, int | None] = {}
    for line in lines:
        name, key_id, signature = _signature(line)
        verifier = known.get((name, key_id))
        if verifier is None:
            continue
        if name in signed_by:
            raise NoteRefused("signed_twice", f"{name} stands twice under the note")
        signed_by[name] = verifier.check(body, signature)
    if not signed_by:
        raise NoteRefused("unsigned", "no key that is trusted here signed the note")
    return _parse(body, signed_by)


def _split(text: str) -> tuple[str, list[str]]:
    if len(text) > MAX_CHARACTERS:
        raise NoteRefused("too_long", "the note is too long")
    if _CONTROL.search(text):
        raise NoteRefused("control", "the note holds control characters")
    body, separator, signatures = text.rpartition("\n\n")
    if not separator or not signatures.endswith("\n"):
        raise NoteRefused("form", "the note has no signatures, or its last line is cut off")
    return body + "\n", signatures[:-1].split("\n")


def _signature(line: str) -> tuple[str, bytes, bytes]:
    mark, name, encoded, *rest = [*line.split(" "), "", "", ""]
    raw = decode64(encoded)
    if mark != "—" or not name or any(rest) or line.count(" ") != 2 or raw is None or len(raw) < 5:
        raise NoteRefused("form", "a signature line is malformed")
    return name, raw[:4], raw[4:]


def _parse(body: str, signed_by: dict[str, int | None]) -> Checkpoint:
    lines = body[:-1].split("\n")
    if len(lines) < BODY_LINES or not all(lines):
        raise NoteRefused("form", "a checkpoint has three lines or more, none empty")
    origin, size, encoded, *extensions = lines
    root = decode64(encoded)
    if not _SIZE.fullmatch(size) or root is None or len(root) != HASH_BYTES:
        raise NoteRefused("form", "size or root of the checkpoint is malformed")
    return Checkpoint(origin, int(size), root, tuple(extensions), signed_by, body)
