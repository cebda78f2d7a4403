"""The keys of one installation: made once, kept in `secrets.json`, never shown."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from keju.web.installation import sentences

KEY_BYTES = 32


@dataclass(frozen=True, repr=False)
class Secrets:
    """Each `bytes` key has 32 random bytes; each `str` is printable and safe in a URL."""

    django_secret_key: str
    field_encryption_key: bytes
    index_key: bytes
    audit_mac_key: bytes
    audit_signing_seed: bytes
    admin_password: str
    app_password: str

    def __repr__(self) -> str:
        return "Secrets(…)"


def fresh() -> Secrets:
    return Secrets(
        django_secret_key=secrets.token_urlsafe(50),
        field_encryption_key=secrets.token_bytes(KEY_BYTES),
        index_key=secrets.token_bytes(KEY_BYTES),
        audit_mac_key=secrets.token_bytes(KEY_BYTES),
        audit_signing_seed=secrets.token_bytes(KEY_BYTES),
        admin_password=secrets.token_urlsafe(24),
        app_password=secrets.token_urlsafe(24),
    )


def load(path: Path) -> Secrets:
    """The secrets in `path`; a missing, short or unreadable entry refuses the whole file."""
    try:
        stored = json.loads(path.read_text("utf-8"))
        values = {f.name: _value(f.type == "bytes", stored[f.name]) for f in fields(Secrets)}
    except (ValueError, KeyError, TypeError) as error:
        raise sentences.broken_file(path) from error
    return Secrets(**values)  # type: ignore[arg-type]


def make_once(path: Path) -> Secrets:
    """The secrets in `path`, made first if there are none; of two makers at once one wins, both read it."""
    if not path.exists():
        stored = {k: v.hex() if isinstance(v, bytes) else v for k, v in asdict(fresh()).items()}
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        try:
            _write_private(draft, json.dumps(stored, indent=2))
            os.link(draft, path)
        except FileExistsError:
            pass  # somebody else was quicker; theirs is the truth
        except OSError as error:
            raise sentences.of_os_error(path, error) from error
        finally:
            draft.unlink(missing_ok=True)
    return load(path)


def _value(is_bytes: bool, stored: object) -> str | bytes:
    if not isinstance(stored, str) or not stored:
        raise ValueError
    if not is_bytes:
        return stored
    key = bytes.fromhex(stored)
    if len(key) != KEY_BYTES:
        raise ValueError
    return key


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
