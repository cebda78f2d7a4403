"""What a database server of our own takes: processor seconds and memory of all its processes, as the kernel counts them.

Not a benchmark itself.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def server_of(folder: Path) -> int:
    """The process of the server whose data lie in the folder."""
    return int(next(Path(folder).rglob("postmaster.pid")).read_text().split()[0])


def postgres_cpu(server: int) -> float:
    """Of the server, of its processes, and of those of them that ended."""
    return sum(_times(server)) + sum(sum(_times(pid)[:2]) for pid in _children(server))


def _children(server: int) -> list[int]:
    return [
        int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit() and _parent(int(p.name)) == server
    ]


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return []  # it ended meanwhile


def _parent(pid: int) -> int:
    return int((_stat(pid) or ["", "0"])[1])


def _times(pid: int) -> list[float]:
    """User and system seconds of the process, then of its ended children."""
    return [int(t) / TICKS for t in (_stat(pid) or ["0"] * 15)[11:15]]


def held_mb(server: int) -> float:
    """Memory of the server's processes, shared pages divided among those that share them."""
    return sum(_pss(pid) for pid in [server, *_children(server)]) / 1024


@contextmanager
def watched(server: int, every: float = 0.5) -> Iterator[list[float]]:
    """Inside, the list grows by what this process and the server hold together, in MB, every so many seconds."""
    found: list[float] = []
    done = threading.Event()

    def look() -> None:
        while not done.wait(every):
            found.append(_pss(os.getpid()) / 1024 + held_mb(server))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield found
    finally:
        done.set()
        watcher.join()
        found.append(_pss(os.getpid()) / 1024 + held_mb(server))


def _pss(pid: int) -> int:
    """Kilobytes that the process holds, shared pages divided among those that share them; 0 if it is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
