"""Storing files."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import SEEK_END
from typing import IO

from keju.kernel.audit import record, write
from keju.kernel.files import vault
from keju.kernel.offices import Actor
from keju.kernel.offices.bulk import insert_rows

COLUMNS = (
    *("sha256", "office_path", "candidate_id", "name", "content_type", "size"),
    *("stored_by", "stored_at"),
)


@dataclass(frozen=True)
class NewFile:
    """A content and whom it belongs to. `candidate_id` lets that candidate see it, `office_path` their offices.

    `data` may be an open file, where the content is too large to be held.
    """

    data: bytes | IO[bytes]
    name: str
    content_type: str
    office_path: str
    candidate_id: int | None = None

    @property
    def size(self) -> int:
        return len(self.data) if isinstance(self.data, bytes) else self.data.seek(0, SEEK_END)


@write(None)
def store_many(*, files: Sequence[NewFile], by: Actor, at: datetime) -> list[str]:
    """The contents are safely on disk, then the rows that name them are written. Returns SHA-256 names in order.

    The same content for the same owner again adds nothing. A transaction that fails afterwards leaves sealed
    files that nobody can see; storing again uses them.
    """
    names = vault.put(file.data for file in files)
    insert_rows(
        "files_file",
        COLUMNS,
        (
            (sha, f.office_path, f.candidate_id, f.name[-200:], f.content_type, f.size, by.ref, at)
            for sha, f in zip(names, files, strict=True)
        ),
        on_conflict="DO NOTHING",
    )
    one = len(files) == 1
    record(
        "files.file.stored",
        by=by,
        at=at,
        subject=f"file:{names[0]}" if one else f"files:{len(files)}",
        office_path=files[0].office_path if one else None,
        data={
            "count": len(files),
            "bytes": sum(file.size for file in files),
            "digest": hashlib.sha256("\n".join(names).encode()).hexdigest(),
        },
    )
    return names


@write(None)
def store(
    *,
    data: bytes | IO[bytes],
    name: str,
    content_type: str,
    office_path: str,
    candidate_id: int | None = None,
    by: Actor,
    at: datetime,
) -> str:
    """One file, as `store_many`. Returns its SHA-256."""
    file = NewFile(data, name, content_type, office_path, candidate_id)
    return store_many(files=[file], by=by, at=at)[0]
