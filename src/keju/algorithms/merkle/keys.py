"""Keys that sign and verify notes: Ed25519 through `cryptography`, identified as C2SP signed-note says."""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

LOG = 1
"""Signature type 0x01: Ed25519 over the text."""
WITNESS = 4
"""Signature type 0x04: Ed25519 over the text and the time at which it was seen (cosignature/v1)."""

ID_BYTES = 4
TIME_BYTES = 8
TIME_LIMIT = 1 << 63
KEY_BYTES = 32


class NoteRefused(ValueError):
    """The note is not what it claims to be. `code` is stable; the text is for a log, not for a screen."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def decode64(encoded: str) -> bytes | None:
    """Bytes of strict, canonical base64, else None: two spellings of one signature would be two notes."""
    try:
        raw = b64decode(encoded, validate=True)
    except (Base64Error, ValueError):
        return None
    return raw if b64encode(raw).decode() == encoded else None


def _key_id(name: str, kind: int, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:ID_BYTES]


def _checked_name(name: str, kind: int) -> None:
    if not name or "+" in name or any(c.isspace() or c < " " for c in name):
        raise ValueError("a key name is not empty and has neither spaces nor plus signs")
    if kind not in (LOG, WITNESS):
        raise ValueError(f"signature type {kind} is not known here")


def _message(body: str, kind: int, at: int) -> bytes:
    head = f"cosignature/v1\ntime {at}\n" if kind == WITNESS else ""
    return (head + body).encode()


@dataclass(frozen=True)
class Verifier:
    """A public key under a name. `key_id` says which key a signature claims; it proves nothing."""

    name: str
    public: bytes
    kind: int = LOG
    key_id: bytes = field(init=False)

    def __post_init__(self) -> None:
        _checked_name(self.name, self.kind)
        if len(self.public) != KEY_BYTES:
            raise ValueError("an Ed25519 public key has 32 bytes")
        object.__setattr__(self, "key_id", _key_id(self.name, self.kind, self.public))

    def __str__(self) -> str:
        """The key as one printable word, `name+id+base64`: what a witness keeps and `parse` reads."""
        encoded = b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    @classmethod
    def parse(cls, word: str) -> Self:
        """The verifier printed as `word`. Raises ValueError if the word was mistyped: its id must match."""
        name, _, rest = word.partition("+")
        key_id, _, encoded = rest.partition("+")
        raw = decode64(encoded)
        if raw is None or not raw:
            raise ValueError("not a verifier key")
        verifier = cls(name, raw[1:], raw[0])
        if verifier.key_id.hex() != key_id:
            raise ValueError("the id of the verifier key does not match its bytes")
        return verifier

    def check(self, body: str, signature: bytes) -> int | None:
        """The time (Unix seconds) that a witness signed, None for a log. Raises NoteRefused if false."""
        at = None
        if self.kind == WITNESS:
            at, signature = int.from_bytes(signature[:TIME_BYTES], "big"), signature[TIME_BYTES:]
            if at >= TIME_LIMIT:
                raise NoteRefused("false_signature", f"{self.name} signed at an impossible time")
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(
                signature, _message(body, self.kind, at or 0)
            )
        except InvalidSignature:
            raise NoteRefused("false_signature", f"the signature of {self.name} is false") from None
        return at


@dataclass(frozen=True)
class Signer:
    """A private key under a name. Never printed: its representation shows the name only."""

    name: str
    private: Ed25519PrivateKey = field(repr=False)
    kind: int = LOG

    def __post_init__(self) -> None:
        _checked_name(self.name, self.kind)

    @classmethod
    def from_seed(cls, name: str, seed: bytes, kind: int = LOG) -> Self:
        """The signer whose Ed25519 seed these 32 bytes are; raises ValueError for another length."""
        return cls(name, Ed25519PrivateKey.from_private_bytes(seed), kind)

    @property
    def verifier(self) -> Verifier:
        """Its public half."""
        return Verifier(self.name, self.private.public_key().public_bytes_raw(), self.kind)

    def line(self, body: str, at: int | None = None) -> str:
        """The signature line over `body` (which ends in a newline), with its newline.

        Raises ValueError if a witness is not told the time, `at` in Unix seconds.
        """
        stamp = b""
        if self.kind == WITNESS:
            if at is None or not 0 < at < TIME_LIMIT:
                raise ValueError("a witness signs with the time")
            stamp = at.to_bytes(TIME_BYTES, "big")
        signature = self.private.sign(_message(body, self.kind, at or 0))
        raw = self.verifier.key_id + stamp + signature
        return f"— {self.name} {b64encode(raw).decode()}\n"
