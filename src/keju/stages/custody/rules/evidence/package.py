"""The archive that an evidence file is handed over in: a sealed folder (BagIt) and, beside it, a signed note of its digest.

    evidence-B0000017X/data/evidence.json, evidence.pdf, README.txt, photos/…
    evidence-B0000017X.note     keju/evidence/<exam>/<what>, log size, digest of the folder: signed as a C2SP checkpoint is

Whoever checks it has the two public keys from elsewhere: that of the audit log, and that of the files.
"""

import json
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

from keju.algorithms import bagit, merkle
from keju.rulebook.words import Words, t
from keju.stages.custody.rules.evidence.checking import FORM, Finding, check

KEY_NAME = "keju-evidence"
"""The name under which files are signed, by the key of the codes on documents."""
LOG_NAME = "keju/audit"
ORIGIN = "keju/evidence/"
NAME = "evidence.json"
MOST_FILES, MOST_BYTES = 5_000, 1 << 30

NO_NOTE = t("没有签名文件（.note）", "the signed note (.note) is missing")
SIGNATURE = t(
    "签名不成立：不是用这把公钥签的，或签名后被改动",
    "the signature does not hold: made with another key, or changed since",
)
HEAD = t("日志检查点的签名不成立", "the signature of the log's checkpoint does not hold")
ABOUT = t("签名属于另一份文件", "the signature is of another file")
NOT_ZIP = t("不是证据包，或压缩包已损坏、过大", "this is no evidence archive, or it is damaged or too large")
PHOTO = t("照片与编号（SHA-256）不符或不存在", "a photo is not that of its SHA-256, or is missing")


class UnusableKeys(ValueError):
    """The file of public keys holds none that are needed."""


@dataclass(frozen=True)
class Keys:
    """Public keys, got from elsewhere than the file that they judge."""

    log: merkle.Verifier
    files: merkle.Verifier


@dataclass(frozen=True)
class Checked:
    """What a file says it is, how much in it was proved, and what is wrong; sound only with no finding."""

    findings: tuple[Finding, ...]
    about: str = ""
    containers: int = 0
    steps: int = 0
    events: int = 0
    log_size: int = 0

    @property
    def sound(self) -> bool:
        return not self.findings


def read_keys(text: str) -> Keys:
    """The keys of a pinned file: one C2SP verifier key a line, `#` begins a remark. UnusableKeys unless both are there."""
    words = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    try:
        keys = {key.name: key for key in map(merkle.Verifier.parse, words)}
        return Keys(keys[LOG_NAME], keys[KEY_NAME])
    except (KeyError, ValueError) as error:
        raise UnusableKeys(str(error)) from error


def origin(evidence: Mapping[str, Any]) -> str:
    """What the note of a file begins with: the exam, and the container or site that it is about."""
    return f"{ORIGIN}{evidence['exam']['slug']}/{evidence['about']['kind']}/{evidence['about']['code']}"


def sealed(evidence: Mapping[str, Any], log_size: int, digest: str, signer: merkle.Signer) -> str:
    """The signed note of a sealed folder: same input, same text."""
    return merkle.sign_checkpoint(origin(evidence), log_size, bytes.fromhex(digest), [signer])


def check_package(path: Path, keys: Keys) -> Checked:
    """Everything that is wrong with an archive (or with the folder that it was unpacked to). Raises nothing for what is in it."""
    if path.is_dir():
        return _check_folder(path, keys)
    with tempfile.TemporaryDirectory() as folder:
        try:
            _unpacked(path, Path(folder))
        except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError, RuntimeError):
            return Checked((Finding(path.name, NOT_ZIP),))
        return _check_folder(Path(folder), keys)


def _unpacked(path: Path, folder: Path) -> None:
    """The archive's files lie in the folder; ValueError for one that is too large or leads outside."""
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > MOST_BYTES:
            raise ValueError("too large")
        for entry in entries:
            parts = PurePosixPath(entry.filename).parts
            if entry.filename.startswith("/") or ".." in parts or "\\" in entry.filename:
                raise ValueError("leads outside")
            archive.extract(entry, folder)  # reads no more than the size that the entry states


def _check_folder(folder: Path, keys: Keys) -> Checked:
    notes = sorted(folder.glob("*.note"))
    if len(notes) != 1 or not notes[0].is_file() or not notes[0].with_suffix("").is_dir():
        return Checked((Finding(folder.name, NO_NOTE),))
    try:
        note = merkle.open_checkpoint(notes[0].read_text("utf-8"), [keys.files])
    except (merkle.NoteRefused, ValueError, OSError):
        return Checked((Finding(notes[0].name, SIGNATURE),))
    bag = notes[0].with_suffix("")
    found = [
        Finding(problem.path, t(*bagit.PROBLEMS[problem.kind]))
        for problem in bagit.validate(bag, digest=note.root.hex())
    ]
    try:
        evidence = json.loads((bag / "data" / NAME).read_bytes())
        counts = {name: len(evidence[part]) for name, part in
                  (("containers", "containers"), ("steps", "life"), ("events", "events"))}  # fmt: skip
        about, head = origin(evidence), str(evidence["head"])
        photos = [str(sha) for sha in evidence["photos"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Checked((*found, Finding(NAME, FORM)))
    if note.origin != about:
        found.append(Finding(notes[0].name, ABOUT))
    found += _photos(bag / "data" / "photos", photos)
    try:
        log = merkle.open_checkpoint(head, [keys.log])
    except merkle.NoteRefused:
        return Checked((*found, Finding("head", HEAD)), about)
    if (log.origin, log.size) != (LOG_NAME, note.size):
        found.append(Finding("head", HEAD))
    return Checked((*found, *check(evidence, log)), about, log_size=log.size, **counts)


def _photos(folder: Path, shas: Sequence[str]) -> list[Finding]:
    wrong: Words = PHOTO
    return [
        Finding(f"photos/{sha}"[:80], wrong)
        for sha in shas
        if not sha.isalnum()
        or not (folder / sha).is_file()
        or sha256((folder / sha).read_bytes()).hexdigest() != sha
    ]
