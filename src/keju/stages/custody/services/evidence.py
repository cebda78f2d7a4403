"""Evidence files: asked for with a reason, made of the log, signed. Every asking and every file is on record."""

import io
import json
import tempfile
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError

from keju.algorithms import bagit, merkle
from keju.kernel.audit import NotPermitted, proving, record, write
from keju.kernel.documents import codes
from keju.kernel.documents.services import print_document
from keju.kernel.exams.models import Exam
from keju.kernel.files import queries as files
from keju.kernel.files.vault import FileUnavailable
from keju.kernel.jobs import services as jobs
from keju.kernel.jobs.models import Job
from keju.kernel.offices import Actor
from keju.rulebook.words import t
from keju.stages.custody import events
from keju.stages.custody.documents import evidence as documents
from keju.stages.custody.queries import evidence as queries
from keju.stages.custody.queries.evidence import About
from keju.stages.custody.rules.evidence import sealed
from keju.stages.custody.rules.evidence.package import KEY_NAME, NAME

EVIDENCE = "custody.evidence"
RULES = ["V12.2.0", "V12.5"]
SOFTWARE = "Keju 1"
FIXED = (1980, 1, 1, 0, 0, 0)  # the time of every file in the archive: the same content is the same bytes
NO_REASON = t(
    "请写明为什么要这份证据、依据哪一份文件。", "Say why this evidence is wanted, and on which document."
)


@dataclass(frozen=True)
class Made:
    """The archive; `digest`: of its sealed folder, which its signature and the audit log name; `steps` that it proves."""

    archive: bytes
    name: str
    digest: str
    steps: int


@write("custody:evidence:make")
def ask_evidence(
    *, exam: Exam, kind: str, code: str, reason: str, language: str = "zh", by: Actor, at: datetime
) -> Job:
    """Who wants it, of what, and why is on record, and a worker makes it. `kind`: "container" or "site".

    ValidationError without a reason; NotPermitted (hidden) for what is out of sight.
    """
    why = " ".join(reason.replace("\0", " ").split())  # which the log cannot hold
    if not why:
        raise ValidationError(str(NO_REASON))
    asked = queries.about(exam, kind, code, viewer=by)
    record(
        events.EVIDENCE_ASKED, by=by, at=at, subject=asked.subject, exam=exam.slug, office_path=by.office_path, rules=RULES,
        data={"reason": why[:300]},
    )  # fmt: skip
    return jobs.start(
        EVIDENCE,
        exam=exam,
        what=asked.kind,
        code=asked.code,
        reason=why[:300],
        language=language,
        by=by,
        at=at,
    )


@write("custody:evidence:make")
def make_evidence(
    *, exam: Exam, kind: str, code: str, reason: str, language: str = "zh", by: Actor, at: datetime
) -> Made:
    """The file as it is now: data with proofs, the same to read, photos; sealed, signed, on record. NotYet while an event of it
    waits for its place in the log."""
    asked = queries.about(exam, kind, code, viewer=by)
    evidence = queries.evidence(exam, asked, reason=reason, by=by, at=at)
    photos, evidence["photos"] = _photos(evidence["photos"], by)
    keys = [str(key) for key in public_keys()]
    body = json.dumps(evidence, ensure_ascii=False, indent=1).encode()
    printed = print_document(
        kind="custody_evidence",
        template="custody/evidence",
        data=documents.paper(evidence, body=body, keys=keys),
        exam=exam,
        subject=asked.subject,
        office_path=by.office_path,
        language=language,
        by=by,
        at=at,
    )
    contents = {NAME: body, "evidence.pdf": printed.pdf, "README.txt": documents.README.encode()}
    contents |= {f"photos/{sha}": data for sha, data in photos.items()}
    archive, digest = _sealed(asked, evidence, contents, at)
    steps = len(evidence["life"])
    record(
        events.EVIDENCE_MADE, by=by, at=at, subject=asked.subject, exam=exam.slug, office_path=by.office_path, rules=RULES,
        data={"digest": digest, "containers": len(evidence["containers"]), "steps": steps, "pages": printed.record.pages,
              "photos": len(photos), "reason": reason},
    )  # fmt: skip
    return Made(archive, f"evidence-{asked.code}.zip", digest, steps)


def public_keys() -> tuple[merkle.Verifier, merkle.Verifier]:
    """What a checker needs from elsewhere than the file: the keys of the audit log and of evidence files."""
    return proving.verifier(), codes.note_signer(KEY_NAME).verifier


def _photos(shas: list[str], by: Actor) -> tuple[dict[str, bytes], list[str]]:
    """Those that are there and that the actor may see, and their names: one that the disk lost cannot be shown."""
    found = {}
    for sha in shas:
        with suppress(FileUnavailable, NotPermitted):
            found[sha] = files.read(sha, viewer=by)
    return found, sorted(found)


def _sealed(
    asked: About, evidence: dict[str, Any], contents: dict[str, bytes], at: datetime
) -> tuple[bytes, str]:
    """The archive of the sealed folder and its signed note, and the folder's digest."""
    name = f"evidence-{asked.code}"
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / name
        for path, data in contents.items():
            target = folder / "data" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        info = [
            ("External-Identifier", asked.subject),
            ("Bagging-Date", f"{at:%Y-%m-%d}"),
            ("Bag-Software-Agent", SOFTWARE),
        ]
        digest = bagit.seal(folder, info).digest
        size = int(evidence["head"].splitlines()[1])
        note = sealed(evidence, size, digest, codes.note_signer(KEY_NAME))
        (Path(temporary) / f"{name}.note").write_text(note, "utf-8")
        return _zipped(Path(temporary)), digest


def _zipped(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), FIXED)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()
