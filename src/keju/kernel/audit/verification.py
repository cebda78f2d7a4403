"""Recomputes the whole log and names every row that is not as it was written."""

from collections.abc import Iterator
from dataclasses import dataclass
from hmac import compare_digest
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from keju.algorithms import merkle
from keju.kernel.audit.reading import COLUMNS, body_of
from keju.kernel.audit.recording import mac
from keju.kernel.audit.sequencing import ORIGIN, signer
from keju.rulebook.words import Words, t


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be."""

    place: str
    words: Words


@dataclass(frozen=True)
class Verification:
    """What was read and what was found; sound only with no finding."""

    events: int
    checkpoints: int
    root: bytes
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        return not self.findings


ALTERED = t("这条记录被改动过", "this event was altered")
FORGED = t("这条记录不是系统写入的", "this event was not written by the system")
GAP = t("序号不连续：有记录被删除、插入或调换", "the sequence breaks: a row was deleted, inserted or moved")
LOST = t(
    "已签名的记录不见了：日志被截断或换成了旧备份",
    "signed events are gone: cut off, or an old backup was restored",
)
ROOT = t("与已签名的检查点不符", "does not match the signed checkpoint")
SIGNATURE = t("检查点的签名不成立", "the checkpoint's signature does not hold")
STRAY = t(
    "这条记录不在日志树中，也不在待排队列中", "this event is neither in the tree nor waiting for its place"
)
NODE = t("存储的子树散列不符", "a stored subtree hash is wrong")


def verify(outside: Path | None = None) -> Verification:
    """Read every event in order, recompute every hash, compare with every checkpoint in and outside the database.

    Run in the nation's scope. `outside`: folder of checkpoints (default: the installation's).
    """
    findings: list[Finding] = []
    with transaction.atomic():
        checkpoints = list(_checkpoints(Path(outside or settings.CHECKPOINTS_ROOT), findings))
        frontier = _walk(checkpoints, findings)
        findings += _strays()
    return Verification(frontier.size, len(checkpoints), frontier.root(), tuple(findings))


def _walk(checkpoints: list[tuple[int, bytes, str]], findings: list[Finding]) -> merkle.Frontier:
    due = sorted(checkpoints)
    frontier = merkle.Frontier()
    position = 0
    nodes = _stored_nodes()
    for index, row, stored in _leaves():
        if index != frontier.size:
            findings.append(Finding(f"leaf:{frontier.size}", GAP))
            return frontier
        body = body_of(row)
        if not compare_digest(mac(body), bytes(row[-1])):
            findings.append(Finding(f"event:{row[0]}", ALTERED))
        digest = merkle.leaf_hash(body)
        if digest != bytes(stored):
            findings.append(Finding(f"event:{row[0]}", ALTERED))
        for level, node, value in frontier.append(digest):
            if level and nodes.pop((level, node), None) != value:
                findings.append(Finding(f"node:{level}/{node}", NODE))
        while position < len(due) and due[position][0] == frontier.size:
            if due[position][1] != frontier.root():
                findings.append(Finding(f"checkpoint:{due[position][2]}", ROOT))
            position += 1
    if position < len(due):
        findings.append(Finding(f"checkpoint:{due[-1][2]}", LOST))
    return frontier


def _leaves() -> Iterator[tuple[int, tuple[object, ...], bytes]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            f"SELECT l.index, l.hash, {COLUMNS} FROM audit_leaf l JOIN audit_event e ON e.id = l.event_id"  # noqa: S608
            " ORDER BY l.index"
        )
        for index, stored, *row in cursor:
            yield index, tuple(row), stored


def _stored_nodes() -> dict[tuple[int, int], bytes]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT level, index, hash FROM audit_node")
        return {(level, index): bytes(value) for level, index, value in cursor}


def _checkpoints(outside: Path, findings: list[Finding]) -> Iterator[tuple[int, bytes, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT size, note FROM audit_checkpoint ORDER BY size")
        notes = [(f"database/{size}", note) for size, note in cursor.fetchall()]
    notes += [(f"folder/{path.name}", path.read_text()) for path in sorted(outside.glob("*.note"))]
    for place, note in notes:
        try:
            checkpoint = merkle.open_checkpoint(note, [signer().verifier])
        except merkle.NoteRefused:
            findings.append(Finding(f"checkpoint:{place}", SIGNATURE))
            continue
        if checkpoint.origin != ORIGIN:
            findings.append(Finding(f"checkpoint:{place}", SIGNATURE))
            continue
        yield checkpoint.size, checkpoint.root, place


def _strays() -> list[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS}, p.event_id IS NOT NULL FROM audit_event e"  # noqa: S608
            " LEFT JOIN audit_leaf l ON l.event_id = e.id LEFT JOIN audit_pending p ON p.event_id = e.id"
            " WHERE l.event_id IS NULL"
        )
        found = []
        for *row, waiting in cursor.fetchall():
            if not waiting:
                found.append(Finding(f"event:{row[0]}", STRAY))
            if not compare_digest(mac(body_of(tuple(row))), bytes(row[-1])):
                found.append(Finding(f"event:{row[0]}", FORGED))
        return found
