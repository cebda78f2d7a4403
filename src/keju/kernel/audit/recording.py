"""`@write` and `record`: every change of the system goes through these two.

A service decorated with `@write(permission)` runs in one transaction, refuses an actor without the permission,
and is rolled back with `Unaudited` if it recorded no event. Events are inserted in that same transaction, so a change
and its event stand or fall together.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from keju.kernel.audit.errors import NotPermitted, Unaudited
from keju.kernel.audit.identifiers import uuid7

P = ParamSpec("P")
R = TypeVar("R")


class Acts(Protocol):
    """Who acts: `kernel.offices.Actor` in practice."""

    @property
    def ref(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def office_path(self) -> str: ...

    def may(self, permission: str) -> bool: ...


_frames: ContextVar[tuple[list[str], ...]] = ContextVar("keju_write_frames", default=())


def write(permission: str | None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a service of a function with keyword-only `by=` and `at=`.

    `permission=None` marks a write that follows from another one (called by services, never by a page).
    Afterwards: either everything it did and its events are in the transaction, or nothing. A write within another one
    falls with it: a service that means to go on without the inner one calls it within `transaction.atomic()`; without
    that Django refuses to go on.
    """

    def decorate(fn: Callable[P, R]) -> Callable[P, R]:
        @wraps(fn)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            by: Acts = kwargs["by"]  # type: ignore[assignment]
            if permission is not None and not by.may(permission):
                raise NotPermitted(permission)
            events: list[str] = []
            outer = _frames.get()
            token = _frames.set((*outer, events))
            try:
                with transaction.atomic(savepoint=not outer):
                    result = fn(*args, **kwargs)
                    if not events:
                        raise Unaudited(f"{fn.__module__}.{fn.__qualname__} recorded no audit event")
            finally:
                _frames.reset(token)
            return result

        run.permission = permission  # type: ignore[attr-defined]
        return run

    return decorate


def record(
    kind: str,
    *,
    by: Acts,
    at: datetime,
    subject: str,
    rules: Iterable[str] = (),
    exam: str = "",
    office_path: str | None = None,
    data: Mapping[str, Any] | None = None,
) -> UUID:
    """Append one event to the audit log, inside the caller's transaction.

    `subject` names the thing (`registration:17`), `data` holds plain values (dates, decimals allowed) and never
    clear personal data: the log is kept longer than persons' data may be.
    """
    frames = _frames.get()
    if not frames:
        raise Unaudited(f"{kind}: recorded outside a @write service")
    identifier = uuid7(at)
    row = {
        "id": str(identifier),
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "kind": kind,
        "actor": by.ref,
        "role": by.role,
        "office_path": by.office_path if office_path is None else office_path,
        "exam": exam,
        "subject": subject,
        "rules": sorted(rules),
        "data": _plain(data or {}),
    }
    body = canonical(row)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_event (id, at, kind, actor, role, office_path, exam, subject, rules, data, mac)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                identifier,
                row["at"],
                kind,
                row["actor"],
                row["role"],
                row["office_path"],
                exam,
                subject,
                row["rules"],
                json.dumps(row["data"], ensure_ascii=False),
                mac(body),
            ],
        )
    for frame in frames:
        frame.append(kind)
    return identifier


def canonical(row: Mapping[str, Any]) -> bytes:
    """The bytes that are hashed and authenticated: JSON with sorted keys, no blanks, UTF-8."""
    return json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def mac(body: bytes) -> bytes:
    """HMAC-SHA256 under a key that the database never holds: its administrator cannot make an event."""
    return hmac.new(settings.SECRETS.audit_mac_key, body, hashlib.sha256).digest()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value) if isinstance(value, set | frozenset) else value
        return [_plain(v) for v in items]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date | UUID):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, float):
        return repr(value)
    if value is None or isinstance(value, str | int | bool):
        return value
    return str(value)
