"""Finding everything that is wrong with a bag."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Literal

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
    files_below,
    is_plain_file,
    unescaped,
)

ProblemKind = Literal["missing", "extra", "altered", "oxum", "form", "digest"]

PROBLEMS: Mapping[ProblemKind, tuple[str, str]] = MappingProxyType(
    {
        "missing": ("清单所列的文件不存在", "a listed file is missing"),
        "extra": ("文件不在清单内", "a file is not listed"),
        "altered": ("文件内容与校验值不符", "a file does not match its checksum"),
        "oxum": (
            "载荷的字节数或文件数与登记不符",
            "the payload has another size or number of files than stated",
        ),
        "form": ("档案包的格式不正确", "the bag is malformed"),
        "digest": ("档案包与封存时登记的摘要不符", "the bag is not the one whose digest was recorded"),
    }
)
"""Words for every kind: (Chinese, English)."""

# Two blanks as we write them, and the path as it stands; or what other programs write.
_LINE = re.compile(r"([0-9a-fA-F]{64})(?:  |[ \t]+\*?)(.+)")
_OXUM_LINE = re.compile(rf"{OXUM}: *([0-9]+)\.([0-9]+)", re.IGNORECASE)


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong: its kind and the path concerned, relative to the bag."""

    path: str
    kind: ProblemKind


def validate(folder: Path, *, digest: str | None = None) -> list[Problem]:
    """Everything wrong with the bag, by path; empty if it is complete and unaltered.

    Stricter than RFC 8493 where that suits an archive: tag files must be listed too, nothing is fetched from
    elsewhere, SHA-256 is required. With the `digest` that `seal` returned, it also tells a bag that was
    altered and sealed anew. Reads every byte; raises nothing for a damaged bag.
    """
    return sorted(set(_problems(folder, digest)))


def _problems(folder: Path, digest: str | None) -> Iterator[Problem]:
    present = set(files_below(folder)) if folder.is_dir() else set()
    if DECLARATION in present and _text(folder / DECLARATION) != DECLARATION_TEXT:
        yield Problem(DECLARATION, "form")
    if FETCH in present:
        yield Problem(FETCH, "form")
    for required in (DECLARATION, MANIFEST, INFO, TAG_MANIFEST):
        if required not in present:
            yield Problem(required, "missing")
    payload = {path for path in present if path.startswith(f"{PAYLOAD}/")}
    yield from _against(folder, MANIFEST, payload)
    yield from _against(folder, TAG_MANIFEST, present - payload - {TAG_MANIFEST})
    if INFO in present:
        yield from _oxum(folder, payload)
    if digest is not None and TAG_MANIFEST in present:
        raw = (folder / TAG_MANIFEST).read_bytes() if is_plain_file(folder / TAG_MANIFEST) else b""
        if sha256(raw).hexdigest() != digest.lower():
            yield Problem(TAG_MANIFEST, "digest")


def _against(folder: Path, manifest: str, present: set[str]) -> Iterator[Problem]:
    """Compares what a manifest lists with what is there."""
    listed: dict[str, str] = {}
    text = _text(folder / manifest)
    for line in _lines(text):
        match = _LINE.fullmatch(line)
        path = unescaped(match[2]) if match else ""
        if match is None or path in listed or not _belongs(path, manifest):
            yield Problem(manifest, "form")
        else:
            listed[path] = match[1].lower()
    if text is None and is_plain_file(folder / manifest):
        yield Problem(manifest, "form")
    for path in present - set(listed):
        yield Problem(path, "extra")
    for path, expected in listed.items():
        if path not in present:
            yield Problem(path, "missing")
        elif not is_plain_file(folder / path):
            yield Problem(path, "form")
        elif checksum(folder / path) != expected:
            yield Problem(path, "altered")


def _belongs(path: str, manifest: str) -> bool:
    """A listed path stays inside the bag, in the part that the manifest is for."""
    parts = path.split("/")
    if path.startswith("/") or any(part in ("", ".", "..") for part in parts):
        return False
    return (parts[0] == PAYLOAD and len(parts) > 1) == (manifest == MANIFEST)


def _oxum(folder: Path, payload: set[str]) -> Iterator[Problem]:
    lines = _lines(_text(folder / INFO))
    stated = [match.groups() for line in lines if (match := _OXUM_LINE.fullmatch(line))]
    sizes = [(folder / path).stat().st_size for path in payload if is_plain_file(folder / path)]
    if stated != [(str(sum(sizes)), str(len(payload)))]:
        yield Problem(INFO, "oxum")


def _text(path: Path) -> str | None:
    """The file's text, None if it is no file or no UTF-8."""
    if not is_plain_file(path):
        return None
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError:
        return None


def _lines(text: str | None) -> list[str]:
    """Lines ended by LF or CR LF and by nothing else: a form feed may be part of a file's name."""
    lines = (text or "").split("\n")
    return [line.removesuffix("\r") for line in (lines if lines[-1] else lines[:-1])]
