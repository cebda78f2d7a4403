"""Turning a folder with a payload into a bag."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from keju.algorithms.bagit.layout import (
    DECLARATION,
    DECLARATION_TEXT,
    FETCH,
    INFO,
    MANIFEST,
    OXUM,
    PAYLOAD,
    TAG_MANIFEST,
    checksum,
    escaped,
    files_below,
    is_plain_file,
)


@dataclass(frozen=True)
class Sealed:
    """What was sealed. `digest` (SHA-256 of the tag manifest, hex) fixes every byte: record it elsewhere, for
    whoever can change the folder can also change the checksums in it."""

    digest: str
    files: int
    octets: int


def seal(folder: Path, info: Sequence[tuple[str, str]]) -> Sealed:
    """Make a bag of `folder`, whose payload lies in `folder/data`; other files in it become tag files.

    Afterwards `validate(folder)` finds nothing. `info` goes to bag-info.txt in its order, followed by the
    Payload-Oxum; no clock is read, so the same files and info give the same bytes. The last file written is
    the tag manifest: interrupted before, the folder is no valid bag and can be sealed again. Raises
    ValueError, with nothing written, for a folder already sealed or without data, for links and other
    things that are no files, for file names that are not UTF-8, and for info that does not fit a line.
    """
    payload = _payload(folder)
    info_text = _info_text(folder, payload, info)
    _write(folder / MANIFEST, _manifest(folder, payload))
    _write(folder / INFO, info_text)
    _write(folder / DECLARATION, DECLARATION_TEXT)
    tags = [path for path in files_below(folder) if not path.startswith(f"{PAYLOAD}/")]
    text = _manifest(folder, [path for path in tags if path != TAG_MANIFEST])
    _write(folder / TAG_MANIFEST, text)
    octets = sum((folder / path).stat().st_size for path in payload)
    return Sealed(sha256(text.encode()).hexdigest(), len(payload), octets)


def _payload(folder: Path) -> list[str]:
    if not (folder / PAYLOAD).is_dir() or (folder / PAYLOAD).is_symlink():
        raise ValueError("there is no payload: the folder holds no folder named data")
    if (folder / TAG_MANIFEST).exists():
        raise ValueError("the folder is sealed already")
    if (folder / FETCH).exists():
        raise ValueError("a bag whose files must be fetched from elsewhere proves nothing")
    found = list(files_below(folder))
    for path in found:
        path.encode()
        if not is_plain_file(folder / path):
            raise ValueError(f"{path} is not a plain file")
    return [path for path in found if path.startswith(f"{PAYLOAD}/")]


def _info_text(folder: Path, payload: Sequence[str], info: Sequence[tuple[str, str]]) -> str:
    lines: list[str] = []
    for label, value in info:
        if not label or label != label.strip() or ":" in label or label.lower() == OXUM.lower():
            raise ValueError(f"{label!r} cannot be a label of the bag's information")
        if value != value.strip() or any(end in label + value for end in "\r\n"):
            raise ValueError(f"the value of {label} does not fit a line")
        lines.append(f"{label}: {value}\n")
    octets = sum((folder / path).stat().st_size for path in payload)
    return "".join(lines) + f"{OXUM}: {octets}.{len(payload)}\n"


def _manifest(folder: Path, paths: Sequence[str]) -> str:
    ordered = sorted(paths, key=lambda path: path.encode())
    return "".join(f"{checksum(folder / path)}  {escaped(path)}\n" for path in ordered)


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode())
