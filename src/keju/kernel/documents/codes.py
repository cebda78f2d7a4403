"""Signed codes for paper: whoever holds the public key can tell, without a network, that we made them.

`K1.<kind and payload>.<signature>`: base64url without padding, Ed25519 (RFC 8032) over the first two parts' bytes. The
key is derived (HKDF-SHA256) from the installation's signing seed, apart from the audit log's own.
"""

import base64
import binascii
import re
from functools import cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from keju.algorithms.merkle import Signer

VERSION = "K1"
KIND = re.compile(r"[a-z0-9_.-]{1,30}")
LONGEST = 2000


def sign_code(kind: str, payload: str) -> str:
    """The code's text: 90 characters and a third more than kind and payload have bytes. Deterministic."""
    if not KIND.fullmatch(kind):
        raise ValueError(f"not a kind of code: {kind!r}")
    head = f"{VERSION}.{_text(kind.encode() + b'|' + payload.encode())}"
    if len(head) > LONGEST:
        raise ValueError("too long for a code")
    return f"{head}.{_text(_key().sign(head.encode()))}"


def verify_code(text: str, public_key: bytes | None = None) -> tuple[str, str] | None:
    """(kind, payload) of a code that this installation (or the holder of `public_key`) made; None for anything else."""
    head, _, signature = text.strip().rpartition(".")
    version, _, body = head.partition(".")
    if version != VERSION or len(text) > LONGEST + 200:
        return None
    key = _key().public_key() if public_key is None else Ed25519PublicKey.from_public_bytes(public_key)
    try:
        key.verify(_bytes(signature), head.encode())
        kind, _, payload = _bytes(body).decode().partition("|")
    except (InvalidSignature, ValueError):
        return None
    return kind, payload


def public_key() -> bytes:
    """The 32 bytes with which codes are verified elsewhere, offline."""
    return _key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def note_signer(name: str) -> Signer:
    """Signs lists for the same devices by the same key, so that one public key is enough for them.

    A code begins with its version and holds no line break, a note is lines: neither can be taken for the other.
    """
    return Signer(name, _key())


@cache
def _key() -> Ed25519PrivateKey:
    seed = HKDF(hashes.SHA256(), 32, None, b"keju document codes 1").derive(
        settings.SECRETS.audit_signing_seed
    )
    return Ed25519PrivateKey.from_private_bytes(seed)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    """ValueError unless `text` is exactly what `_text` writes: one code has one spelling."""
    try:
        data = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not base64url") from error
    if _text(data) != text:
        raise ValueError("another spelling")
    return data
