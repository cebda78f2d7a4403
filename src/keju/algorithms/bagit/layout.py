"""What a bag looks like on disk: its files, its lines, its file names.

Written here and not taken from the package `bagit`, which changes the working directory of the whole process
while it seals, stamps the present date and its own name, and declares version 0.97; the tests let that
package judge our bags.
"""

from collections.abc import Iterator
from hashlib import file_digest
from pathlib import Path

PAYLOAD = "data"
DECLARATION = "bagit.txt"
INFO = "bag-info.txt"
MANIFEST = "manifest-sha256.txt"
TAG_MANIFEST = "tagmanifest-sha256.txt"
FETCH = "fetch.txt"

DECLARATION_TEXT = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
OXUM = "Payload-Oxum"

_ESCAPES = (("%", "%25"), ("\n", "%0A"), ("\r", "%0D"))


def escaped(path: str) -> str:
    """A path as a manifest writes it (RFC 8493 §2.1.3)."""
    for plain, written in _ESCAPES:
        path = path.replace(plain, written)
    return path


def unescaped(path: str) -> str:
    """The path that a manifest means; `unescaped(escaped(p)) == p`."""
    for plain, written in reversed(_ESCAPES):
        path = path.replace(written, plain).replace(written.lower(), plain)
    return path


def files_below(folder: Path) -> Iterator[str]:
    """Relative paths of everything below that is not a folder; symbolic links are not followed."""
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            yield from (f"{entry.name}/{inner}" for inner in files_below(entry))
        else:
            yield entry.name


def is_plain_file(path: Path) -> bool:
    """True for a regular file that is really there and not a link to one."""
    return path.is_file() and not path.is_symlink()


def checksum(path: Path) -> str:
    """SHA-256 of the file's bytes in hex, read in pieces."""
    with path.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()
