"""What `postmaster.pid` says, and whether to believe it: after a crash its number may be somebody else's."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from keju.web.installation import sentences

_STATUS_LINE = 7


def alive(cluster: Path) -> int | None:
    """The process id of the postmaster that runs on this cluster, ready or not."""
    lines = _lines(cluster)
    if not lines or not lines[0].strip().lstrip("-").isdigit():
        return None
    pid = abs(int(lines[0]))
    return pid if str(cluster) in command_of(pid) else None


def ready(cluster: Path) -> int | None:
    """The same, if it takes connections."""
    pid, lines = alive(cluster), _lines(cluster)
    is_ready = len(lines) > _STATUS_LINE and lines[_STATUS_LINE].strip() == "ready"
    return pid if is_ready else None


def send(cluster: Path, kind: signal.Signals) -> bool:
    """True if a running postmaster was told."""
    pid = alive(cluster)
    if pid is None:
        return False
    try:
        os.kill(pid, kind)
    except ProcessLookupError:
        return False
    return True


def clear_if_stale(cluster: Path) -> None:
    """Afterwards a number that now belongs to another program stops nobody from starting.

    PostgreSQL clears the file itself when the number is free; only one in use by a stranger, or by the
    server's own unburied remains, needs us. Nothing is touched while any process works inside the cluster.
    """
    lines = _lines(cluster)
    if not lines or alive(cluster) is not None or not _exists(abs(int(lines[0].strip() or 0))):
        return
    if workers := _inside(cluster):
        raise sentences.server_failed(cluster, f"process {workers[0]} still works in it")
    (cluster / "postmaster.pid").unlink(missing_ok=True)


def _lines(cluster: Path) -> list[str]:
    try:
        return (cluster / "postmaster.pid").read_text("utf-8").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid > 0


def command_of(pid: int) -> str:
    """The command line of a living process, else empty."""
    if pid <= 0:
        return ""
    if Path("/proc/self/cmdline").exists():
        try:
            # empty for a zombie, which is as dead as we need
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            return ""
    listed = subprocess.run(  # noqa: S603
        ["ps", "-ww", "-o", "command=", "-p", str(pid)],  # noqa: S607
        capture_output=True, check=False, text=True,
    )  # fmt: skip
    return listed.stdout.strip()


def _inside(cluster: Path) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink() == cluster:
                found.append(int(entry.name))
        except OSError:
            continue
    return found
