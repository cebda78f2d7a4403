"""Signed codes for paper: whoever holds the public key can tell, without a network, that we made them (`offline`).

The key is derived (HKDF-SHA256) from the installation's signing seed, apart from the audit log's own.
"""

import re
from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from keju.algorithms.merkle import Signer
from keju.kernel.documents import offline
from keju.kernel.documents.offline import LONGEST, VERSION

KIND = re.compile(r"[a-z0-9_.-]{1,30}")


def sign_code(kind: str, payload: str) -> str:
    """The code's text: 90 characters and a third more than kind and payload have bytes. Deterministic."""
    if not KIND.fullmatch(kind):
        raise ValueError(f"not a kind of code: {kind!r}")
    head = f"{VERSION}.{offline.encoded(kind.encode() + b'|' + payload.encode())}"
    if len(head) > LONGEST:
        raise ValueError("too long for a code")
    return f"{head}.{offline.encoded(_key().sign(head.encode()))}"


def verify_code(text: str, public_key: bytes | None = None) -> tuple[str, str] | None:
    """(kind, payload) of a code that this installation (or the holder of `public_key`) made; None for anything else."""
    return offline.verify(text, _public_key() if public_key is None else public_key)


def public_key() -> bytes:
    """The 32 bytes with which codes are verified elsewhere, offline."""
    return _public_key()


def note_signer(name: str) -> Signer:
    """Signs lists for the same devices by the same key, so that one public key is enough for them.

    A code begins with its version and holds no line break, a note is lines: neither can be taken for the other.
    """
    return Signer(name, _key())


@cache
def _public_key() -> bytes:
    return _key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


@cache
def _key() -> Ed25519PrivateKey:
    seed = HKDF(hashes.SHA256(), 32, None, b"keju document codes 1").derive(
        settings.SECRETS.audit_signing_seed
    )
    return Ed25519PrivateKey.from_private_bytes(seed)
