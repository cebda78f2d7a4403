"""Sealed files on disk, each under the SHA-256 of its content; how they are sealed stands in `sealing`."""

import hashlib
import io
import os
import secrets
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.core.exceptions import ValidationError

from keju.kernel.files.sealing import opened, sealed
from keju.rulebook.words import Words, t

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


def put(contents: Iterable[bytes | IO[bytes]]) -> list[str]:
    """Each content is sealed on disk, flushed through, and under its name at once or not at all.

    Returns the names (SHA-256, hex) in order. A file that is already there and opens is left as it is; a damaged
    one is replaced. Directories are flushed once each, after all files. What comes as bytes came over the web and is
    at most 64 MB; what comes as an open file is read from its beginning, in pieces, however large.
    """
    names: list[str] = []
    touched: set[Path] = set()
    for content in contents:
        if isinstance(content, bytes) and len(content) > MAX_BYTES:
            raise ValidationError(str(TOO_LARGE))
        file = io.BytesIO(content) if isinstance(content, bytes) else content
        file.seek(0)
        sha = hashlib.file_digest(file, "sha256").hexdigest()
        names.append(sha)
        if not _opens(sha):
            file.seek(0)
            touched |= _write(place(sha), sealed(file, sha))
    for folder in touched:
        _flush(folder)
    return names


def get(sha: str) -> bytes:
    """The clear content; `FileMissing` or `FileDamaged` where the disk no longer gives it."""
    return b"".join(pieces(sha))


def pieces(sha: str) -> Iterator[bytes]:
    """As `get`, piece by piece, so that a large file is never held whole; raises as late as at the damaged piece."""
    try:
        with place(sha).open("rb") as file:
            yield from opened(file, sha)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileMissing from error
    except (InvalidTag, ValueError) as error:
        raise FileDamaged from error


def prove(sha: str) -> None:
    """The file is there and opens to its last piece; raises as `get` otherwise."""
    deque(pieces(sha), maxlen=0)


def _opens(sha: str) -> bool:
    try:
        prove(sha)
    except FileUnavailable:
        return False
    return True


def _write(path: Path, content: Iterable[bytes]) -> set[Path]:
    """Returns the directories whose entries changed."""
    changed = {path.parent}
    if not path.parent.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        changed.add(path.parent.parent)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(content)
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
