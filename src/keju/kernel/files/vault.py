"""Sealed files on disk: AES-256-GCM under a key derived from the installation's field key, one nonce a file.

The file's own SHA-256 is bound into the seal, so that one sealed file put in another's place does not open.
"""

import hashlib
import os
import secrets
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ValidationError

from keju.rulebook.words import Words, t

MAGIC = b"KEJU1"
NONCE = 12
TAG = 16
MAX_BYTES = 64 * 1024 * 1024

MISSING = t(
    "这个文件在服务器上找不到了。请联系技术支持从备份中恢复，不要重新录入。",
    "This file is missing on the server. Ask support to restore it from the backup; do not enter it anew.",
)
DAMAGED = t(
    "这个文件在服务器上已损坏，打不开。请联系技术支持从备份中恢复。",
    "This file is damaged on the server and cannot be opened. Ask support to restore it from the backup.",
)
TOO_LARGE = t("文件超过 64 MB，不能上传。", "The file is larger than 64 MB and cannot be stored.")


class FileUnavailable(ValidationError):
    """The row is there, its content is not: `words` says so in both languages."""

    def __init__(self, words: Words) -> None:
        super().__init__(str(words))
        self.words = words


class FileMissing(FileUnavailable):
    def __init__(self) -> None:
        super().__init__(MISSING)


class FileDamaged(FileUnavailable):
    def __init__(self) -> None:
        super().__init__(DAMAGED)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def place(sha: str) -> Path:
    return Path(settings.FILES_ROOT) / sha[:2] / sha


def put(contents: Iterable[bytes]) -> list[str]:
    """Each content is sealed on disk, flushed through, and under its name at once or not at all.

    Returns the names (SHA-256, hex) in order. A file that is already there and opens is left as it is; a damaged
    one is replaced. Directories are flushed once each, after all files.
    """
    names: list[str] = []
    touched: set[Path] = set()
    for data in contents:
        if len(data) > MAX_BYTES:
            raise ValidationError(str(TOO_LARGE))
        sha = digest(data)
        names.append(sha)
        if not _opens(sha):
            touched |= _write(place(sha), _sealed(sha, data))
    for folder in touched:
        _flush(folder)
    return names


def get(sha: str) -> bytes:
    """The clear content; `FileMissing` or `FileDamaged` where the disk no longer gives it."""
    try:
        sealed = place(sha).read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileMissing from error
    start = len(MAGIC) + NONCE
    if not sealed.startswith(MAGIC) or len(sealed) < start + TAG:
        raise FileDamaged
    try:
        data = _cipher().decrypt(sealed[len(MAGIC) : start], sealed[start:], sha.encode())
    except InvalidTag as error:
        raise FileDamaged from error
    return data


def _opens(sha: str) -> bool:
    try:
        get(sha)
    except FileUnavailable:
        return False
    return True


def _sealed(sha: str, data: bytes) -> bytes:
    nonce = os.urandom(NONCE)
    return MAGIC + nonce + _cipher().encrypt(nonce, data, sha.encode())


def _write(path: Path, content: bytes) -> set[Path]:
    """Returns the directories whose entries changed."""
    changed = {path.parent}
    if not path.parent.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        changed.add(path.parent.parent)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return changed


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@cache
def _cipher() -> AESGCM:
    key = HKDF(hashes.SHA256(), 32, None, b"keju sealed files 1").derive(
        settings.SECRETS.field_encryption_key
    )
    return AESGCM(key)
