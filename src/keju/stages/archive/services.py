"""Sealing an exam's records into a bag, and checking the bag later (V5.5)."""

import hashlib
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from keju.algorithms import bagit
from keju.kernel.audit import record, write
from keju.kernel.calendar import CHINA
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.files import queries as files
from keju.kernel.offices import Actor
from keju.rulebook import Refusal, RuleRefused
from keju.rulebook.words import Words, t
from keju.stages.archive import documents, events, queries, rules
from keju.stages.archive.models import Bag, Check
from keju.stages.archive.params import Params
from keju.stages.results import queries as results

SOFTWARE = "Keju 1"


@dataclass(frozen=True)
class Sealed:
    """The bag: where it lies, the digest that fixes every byte, and how much is in it."""

    bag_id: int
    path: Path
    digest: str
    files: int
    rows: int
    octets: int


@write("archive:bundle:seal")
def seal(*, exam: Exam, folder: Path, by: Actor, at: datetime) -> Sealed:
    """Every stage's records lie in `folder` as a valid bag whose digest stands in the audit log.

    The folder appears whole or not at all; killed before, only `folder.part` is left, which the next attempt removes.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RuleRefused([Refusal("V5.5", "archive_folder_taken", {"folder": folder.name})])
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    (part / "data").mkdir(parents=True)
    try:
        items = list(_write_all(exam, part / "data", by))
        text = rules.catalogue(items, exam.year, exams.params(exam, Params))
        (part / "data" / "catalogue.csv").write_bytes(text.encode())
        sealed = bagit.seal(part, _info(exam, at))
        done = _recorded(exam, folder, sealed, items, by, at)
        if folder.exists():
            folder.rmdir()
        part.rename(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return done


@write("archive:bundle:seal")
def check(*, exam: Exam, bag_id: int, by: Actor, at: datetime) -> Check:
    """The bag was compared, byte by byte, with its manifests and the digest of its sealing; what was found is kept."""
    bag = queries.bag(viewer=by, exam=exam, bag_id=bag_id)
    folder = queries.folder_of(bag)
    if not folder.is_dir():
        raise RuleRefused([Refusal("V5.5", "archive_bag_gone")])
    found = bagit.validate(folder, digest=bag.digest)
    row = Check.objects.create(
        bag=bag,
        problems=[{"path": p.path, "kind": p.kind} for p in found[:200]],
        problem_count=len(found),
        by=by.ref,
        at=at,
    )
    record(
        events.CHECKED, by=by, at=at, subject=f"bag:{bag.pk}", exam=exam.slug, office_path="/", rules=["V5.5"],
        data={"problems": len(found), "digest": bag.digest},
    )  # fmt: skip
    return row


def _recorded(
    exam: Exam, folder: Path, sealed: bagit.Sealed, items: list[rules.Item], by: Actor, at: datetime
) -> Sealed:
    rows = sum(item.rows for item in items)
    home = queries.home()
    bag = Bag.objects.create(
        exam=exam,
        folder=str(folder.relative_to(home) if folder.is_relative_to(home) else folder.resolve()),
        digest=sealed.digest,
        files=sealed.files,
        rows=rows,
        octets=sealed.octets,
        sealed_by=by.ref,
        sealed_at=at,
    )
    record(
        events.SEALED,
        by=by,
        at=at,
        subject=f"bag:{bag.pk}",
        exam=exam.slug,
        office_path="/",
        rules=["V5.5"],
        data={"digest": sealed.digest, "files": sealed.files, "rows": rows, "octets": sealed.octets},
    )
    return Sealed(bag.pk, folder, sealed.digest, sealed.files, rows, sealed.octets)


def _write_all(exam: Exam, data: Path, by: Actor) -> Iterator[rules.Item]:
    for table in queries.tables():
        path = f"{table.stage}/{table.name}.jsonl"
        yield _write(data, path, table.stage, table.what, queries.records(table, exam))
    yield from _registers(exam, data, by)
    unplaced = yield from _audit(exam, data)
    text = documents.README.format(exam_zh=exam.name_zh, exam_en=exam.name_en, unplaced=unplaced)
    yield _write(data, "README.txt", "audit", t("说明", "Read me"), [text.encode()], rows=0)


def _registers(exam: Exam, data: Path, by: Actor) -> Iterator[rules.Item]:
    for sent in results.registers(viewer=by, exam=exam):
        what = t("合格人员名册：{code}", "Register of passes: {code}").format(code=sent.region_code)
        for kind, sha in (("pdf", sent.pdf_sha256), ("xlsx", sent.xlsx_sha256)):
            path = f"results/registers/{sent.region_code}.{kind}"
            yield _write(data, path, "results", what, [files.read(sha, viewer=by)], rows=sent.count)


def _audit(exam: Exam, data: Path) -> Iterator[rules.Item]:
    counted = {True: 0, False: 0}

    def lines() -> Iterator[bytes]:
        for text, placed in queries.audit_events(exam):
            counted[placed] += 1
            yield text

    size, note = queries.checkpoint()
    yield _write(data, "audit/events.jsonl", "audit", t("审计事件", "Audit events"), lines())
    leaves = queries.audit_leaves(size)
    yield _write(data, "audit/leaves.txt", "audit", t("日志的叶散列", "Leaf hashes of the log"), leaves)
    yield _write(data, "audit/checkpoint.txt", "audit", t("检查点", "Checkpoint"), [note.encode()], rows=0)
    key = f"{queries.verifier()}\n".encode()
    yield _write(data, "audit/verifier.txt", "audit", t("验证公钥", "Verifier key"), [key], rows=0)
    return counted[False]


def _write(
    data: Path, path: str, stage: str, what: Words, lines: Iterable[bytes], rows: int | None = None
) -> rules.Item:
    """The lines stand in the file; counted and hashed on the way."""
    place, digest, count = data / path, hashlib.sha256(), 0
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("wb") as file:
        for one in lines:
            file.write(one)
            digest.update(one)
            count += 1
    return rules.Item(path, stage, what, count if rows is None else rows, digest.hexdigest())


def _info(exam: Exam, at: datetime) -> list[tuple[str, str]]:
    return [
        ("Source-Organization", "Keju"),
        ("External-Identifier", exam.slug),
        ("External-Description", f"{exam.name_zh} / {exam.name_en}"),
        ("Bagging-Date", f"{at.astimezone(CHINA):%Y-%m-%d}"),
        ("Bag-Software-Agent", SOFTWARE),
    ]
