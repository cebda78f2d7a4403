"""Where the embedded server's socket lies: in the data folder, unless its path is too long for a socket."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from keju.web.installation.folder import DataFolder
from keju.web.installation.server_user import ServerUser

LONGEST = 107 - len("/.s.PGSQL.65535.lock")  # sockaddr_un less the name that PostgreSQL appends


def recorded(folder: DataFolder) -> Path:
    """The folder in which the running (or next) server's socket lies."""
    try:
        return Path((folder.run / "socket-folder").read_text("utf-8").strip())
    except FileNotFoundError:
        return _own(folder)


def make(folder: DataFolder, user: ServerUser) -> Path:
    """A folder that only the server's user (and root) can enter; its address is recorded."""
    place = _own(folder)
    if len(os.fsencode(place)) > LONGEST:
        place = _short(folder, user)
    else:
        place.mkdir(mode=0o700, exist_ok=True)
        user.own(place)
    (folder.run / "socket-folder").write_text(str(place), "utf-8")
    return place


def _own(folder: DataFolder) -> Path:
    return folder.path / "socket"


def _short(folder: DataFolder, user: ServerUser) -> Path:
    before = recorded(folder)
    if before != _own(folder) and before.is_dir() and not before.is_symlink():
        state = before.stat()
        if state.st_uid == user.uid and state.st_mode & 0o777 == 0o700:
            return before
    place = Path(tempfile.mkdtemp(prefix="keju-", dir=_short_parent()))
    user.own(place)
    return place


def _short_parent() -> str:
    parent = tempfile.gettempdir()
    return parent if len(os.fsencode(parent)) + 16 <= LONGEST else "/tmp"  # noqa: S108
