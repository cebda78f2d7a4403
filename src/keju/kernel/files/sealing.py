"""A content of any size under seal, in pieces: AES-256-GCM, so that neither sealing nor opening holds more than one piece.

The pieces follow the construction STREAM (Hoang, Reyhanitabar, Rogaway and Vizár, "Online Authenticated-Encryption and its
Nonce-Reuse Misuse-Resistance", 2015): each file has a key of its own, derived from the installation's and a random salt; a
piece's nonce is its place and whether it is the last. Thus a piece that was changed, moved, left out or taken from another
file does not open, nor does a file that was cut between two pieces. The content's SHA-256 is bound into every piece.
"""

import os
from collections.abc import Callable, Iterator
from functools import cache
from typing import IO

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from django.conf import settings

IN_ONE, IN_PIECES = b"KEJU1", b"KEJU2"
NONCE, SALT, TAG = 12, 16, 16
PIECE = 1024 * 1024
Turn = Callable[[bytes, bytes, bytes], bytes]


def sealed(content: IO[bytes], sha: str) -> Iterator[bytes]:
    """What to write to the disk for the content from where it stands to its end; `sha` is the SHA-256 of that, in hex."""
    salt = os.urandom(SALT)
    yield IN_PIECES + salt
    yield from _pieces(content, PIECE, _of_file(salt).encrypt, sha)


def opened(file: IO[bytes], sha: str) -> Iterator[bytes]:
    """The clear content of a sealed file, piece by piece, each proved before it is given.

    Raises `cryptography.exceptions.InvalidTag` or ValueError at the first that does not open.
    """
    kind = file.read(len(IN_PIECES))
    if kind == IN_ONE:  # as files were sealed at first
        yield _of_installation().decrypt(file.read(NONCE), file.read(), sha.encode())
    elif kind == IN_PIECES:
        yield from _pieces(file, PIECE + TAG, _of_file(file.read(SALT)).decrypt, sha)
    else:
        raise ValueError("no sealed file")


def _pieces(file: IO[bytes], size: int, turn: Turn, sha: str) -> Iterator[bytes]:
    """Every piece of the file, sealed or opened; an empty content is one empty piece."""
    place, piece = 0, file.read(size)
    while True:
        following = file.read(size)
        nonce = place.to_bytes(NONCE - 1, "big") + (b"\0" if following else b"\1")
        yield turn(nonce, piece, sha.encode())
        if not following:
            return
        place, piece = place + 1, following


def _of_file(salt: bytes) -> AESGCM:
    return AESGCM(HKDFExpand(hashes.SHA256(), 32, b"keju sealed files 2" + salt).derive(_root()))


@cache
def _root() -> bytes:
    return HKDF(hashes.SHA256(), 32, None, b"keju sealed files 2").derive(
        settings.SECRETS.field_encryption_key
    )


@cache
def _of_installation() -> AESGCM:
    key = HKDF(hashes.SHA256(), 32, None, b"keju sealed files 1")
    return AESGCM(key.derive(settings.SECRETS.field_encryption_key))
