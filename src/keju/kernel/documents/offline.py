"""Verifying a signed code where there is no network, no database and no framework: the code and 32 bytes are enough.

`K1.<kind and payload>.<signature>`: base64url without padding, Ed25519 (RFC 8032) over the first two parts' bytes.
Nothing here knows the installation, so a device at a school gate runs the very same lines.
"""

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

VERSION = "K1"
LONGEST = 2000


def verify(text: str, public_key: bytes) -> tuple[str, str] | None:
    """(kind, payload) of a code that the holder of `public_key`'s secret half made; None for anything else.

    ValueError if `public_key` does not have 32 bytes: that is no fault of the code.
    """
    key = Ed25519PublicKey.from_public_bytes(public_key)
    head, _, signature = text.strip().rpartition(".")
    version, _, body = head.partition(".")
    if version != VERSION or len(text) > LONGEST + 200:
        return None
    try:
        key.verify(decoded(signature), head.encode())
        kind, _, payload = decoded(body).decode().partition("|")
    except (InvalidSignature, ValueError):
        return None
    return kind, payload


def encoded(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """ValueError unless `text` is exactly what `encoded` writes: one code has one spelling."""
    try:
        data = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not base64url") from error
    if encoded(data) != text:
        raise ValueError("another spelling")
    return data
