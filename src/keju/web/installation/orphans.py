"""What a killed `keju up` left running: noted while it runs, ended by the next one.

A process is believed to be ours only if its command line is still the noted one.
"""

from __future__ import annotations

import json
import os
import signal
import time

from keju.web.installation.folder import DataFolder
from keju.web.installation.pidfile import command_of
from keju.web.installation.supervisor import Program, kill_group

_PROGRAMS = "programs.json"
_SERVER = "server-is-ours"
_SECONDS = 10.0


def note(folder: DataFolder, programs: list[Program]) -> None:
    running = {str(p.process.pid): " ".join(p.command) for p in programs if p.process is not None}
    draft = folder.run / f".{_PROGRAMS}"
    draft.write_text(json.dumps(running), "utf-8")
    draft.replace(folder.run / _PROGRAMS)


def forget(folder: DataFolder) -> None:
    (folder.run / _PROGRAMS).unlink(missing_ok=True)


def end(folder: DataFolder) -> None:
    """Afterwards no program of an earlier `keju up` on this folder runs. Only for the holder of its lock."""
    try:
        noted: dict[str, str] = json.loads((folder.run / _PROGRAMS).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return
    ours = [int(pid) for pid, command in noted.items() if command_of(int(pid)).strip() == command]
    for pid in ours:
        os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + _SECONDS
    while any(command_of(pid) for pid in ours) and time.monotonic() < until:
        time.sleep(0.05)
    for pid in ours:
        kill_group(pid)
    forget(folder)


def note_server(folder: DataFolder, pid: int | None) -> None:
    """The embedded server `pid`, or the one that is about to start, belongs to `keju up` and ends with it."""
    (folder.run / _SERVER).write_text(str(pid or ""), "ascii")


def left_server(folder: DataFolder, pid: int | None) -> bool:
    """True if a `keju up` that was killed had started the server `pid` that runs now."""
    try:
        return (folder.run / _SERVER).read_text("ascii") in ("", str(pid))
    except FileNotFoundError:
        return False


def forget_server(folder: DataFolder) -> None:
    (folder.run / _SERVER).unlink(missing_ok=True)
