"""Personal data at rest: sealed with AES-256-GCM, found again by a keyed index.

The keys stand in the installation's secrets, never in the database; a stolen dump shows neither numbers nor an
index that could be tried out number by number.
"""

import hashlib
import hmac
import os
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

NONCE = 12


@cache
def _cipher() -> AESGCM:
    return AESGCM(settings.SECRETS.field_encryption_key)


def seal(clear: str) -> bytes:
    """Nonce and ciphertext of `clear`; "" stays empty."""
    if not clear:
        return b""
    nonce = os.urandom(NONCE)
    return nonce + _cipher().encrypt(nonce, clear.encode(), None)


def unseal(sealed: bytes) -> str:
    """The clear text; raises `cryptography.exceptions.InvalidTag` where the row was tampered with."""
    sealed = bytes(sealed)
    if not sealed:
        return ""
    return _cipher().decrypt(sealed[:NONCE], sealed[NONCE:], None).decode()


def index_of(value: str, purpose: str) -> bytes:
    """A 16-byte keyed fingerprint for equality look-ups (HMAC-SHA256 under the index key, per purpose)."""
    body = f"{purpose}\0{value.strip().upper()}".encode()
    return hmac.new(settings.SECRETS.index_key, body, hashlib.sha256).digest()[:16]


class SealedField(models.BinaryField):
    """A text that the database only ever holds sealed. Cannot be filtered on: keep an index beside it."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str:
        return "" if value is None else unseal(value)

    def to_python(self, value: Any) -> Any:
        return value

    def get_prep_value(self, value: Any) -> Any:
        return seal(value) if isinstance(value, str) else value

    def value_to_string(self, obj: Any) -> str:
        return ""
