"""From a stored event row back to the bytes that were hashed and authenticated."""

import json
from datetime import UTC
from typing import Any

from keju.kernel.audit.recording import canonical

COLUMNS = (
    "e.id, e.at, e.kind, e.actor, e.role, e.office_path, e.exam, e.subject, e.rules, e.data::text, e.mac"
)


def body_of(row: tuple[Any, ...]) -> bytes:
    """The canonical bytes of a row selected as `COLUMNS`."""
    identifier, at, kind, actor, role, office_path, exam, subject, rules, data, _ = row
    return canonical(
        {
            "id": str(identifier),
            "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
            "kind": kind,
            "actor": actor,
            "role": role,
            "office_path": office_path,
            "exam": exam,
            "subject": subject,
            "rules": list(rules),
            "data": json.loads(data),
        }
    )
