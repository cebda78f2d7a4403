"""The embedded PostgreSQL: the server that a package of the lock brings along, run in the data folder.

It asks for a password on every connection, listens on a socket that only its owner can reach, and on no
network. Durability is PostgreSQL's own: checksums on, `synchronous_commit` on.
"""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

from keju.web.installation import cluster, pidfile, sockets
from keju.web.installation.folder import LARGEST_LOG, DataFolder
from keju.web.installation.server_user import ServerUser, choose

PORT = 5432  # names the socket; nothing listens on a network
_START_SECONDS = 60
_STOP_SECONDS = 40
# Servers outlive the objects that started them, on purpose; kept, so that nobody is warned about that.
_NOT_YET = (b"still in use", b'.lock" already exists')
_started: list[subprocess.Popen[bytes]] = []
SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "max_connections": "100",
    "synchronous_commit": "on",
    "wal_compression": "on",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "password_encryption": "scram-sha-256",
    "unix_socket_permissions": "0700",
}


class EmbeddedPostgres:
    """The one server of a data folder. `settings` add to or replace `SETTINGS`."""

    def __init__(self, folder: DataFolder, settings: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.settings = {**SETTINGS, **(settings or {})}
        self.cluster = folder.postgres
        self.log = folder.logs / "postgres.log"
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def socket_folder(self) -> Path:
        return sockets.recorded(self.folder)

    def pid(self) -> int | None:
        """The postmaster of this very cluster if it is alive and ready, else None."""
        return pidfile.ready(self.cluster)

    def start(self) -> bool:
        """Afterwards the server answers. True if this call started it, False if it ran already."""
        with self.folder.locked("postgres"):
            _bury()
            if self._wait_if_starting():
                return False
            folder = self.folder.make()
            self.folder.secrets  # noqa: B018  the password has to stand before the cluster
            user = choose(cluster.binaries() / "postgres", folder.path, self.cluster)
            if not (self.cluster / "PG_VERSION").exists():
                cluster.create(self.folder, user)
            pidfile.clear_if_stale(self.cluster)
            self._launch(user, sockets.make(self.folder, user))
            return True

    def stop(self) -> None:
        """Afterwards no server runs on this cluster: what was committed is on disk, sessions are cut."""
        with self.folder.locked("postgres"):
            for kind in (signal.SIGINT, signal.SIGQUIT):
                if not pidfile.send(self.cluster, kind):
                    break
                if self._wait_until_gone():
                    break
            if self._child is not None:
                self._child.wait(_STOP_SECONDS)
                self._child = None
            _bury()

    def _launch(self, user: ServerUser, socket_folder: Path) -> None:
        command = [str(cluster.binaries() / "postgres"), "-D", str(self.cluster), "-p", str(PORT)]
        for name, value in {**self.settings, "unix_socket_directories": str(socket_folder)}.items():
            command += ["-c", f"{name}={value}"]
        until = time.monotonic() + _START_SECONDS
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".old.log"))
        while True:
            with self.log.open("ab") as log:
                mark = log.tell()
                # A session of its own: Ctrl-C in the terminal must reach us and not the database.
                self._child = user.popen(
                    command, cwd="/", env=cluster.ENVIRONMENT, start_new_session=True,
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                )  # fmt: skip
            if self._came_up(self._child, until):
                _started.append(self._child)
                return
            self._child = None
            # After kill -9 of a postmaster its sessions need a moment to notice, and its number is taken until somebody has
            # asked how it ended; until then it refuses.
            said = self._written_since(mark)
            if not any(word in said for word in _NOT_YET) or time.monotonic() > until:
                raise cluster.failure(self.folder, said)
            time.sleep(0.2)
            _bury()

    def _came_up(self, child: subprocess.Popen[bytes], until: float) -> bool:
        """False if it ended by itself. Whatever else happens meanwhile (Ctrl-C, too long) ends it."""
        try:
            while child.poll() is None and time.monotonic() < until:
                if self.pid() is not None:
                    return True
                time.sleep(0.02)
            return False
        finally:
            if child.poll() is None and self.pid() is None:
                child.send_signal(signal.SIGQUIT)
                child.wait(_STOP_SECONDS)

    def _wait_if_starting(self) -> bool:
        until = time.monotonic() + _START_SECONDS
        while pidfile.alive(self.cluster) is not None and time.monotonic() < until:
            if self.pid() is not None:
                return True
            time.sleep(0.05)
        return False

    def _wait_until_gone(self) -> bool:
        until = time.monotonic() + _STOP_SECONDS
        while time.monotonic() < until:
            if self._child is not None:
                self._child.poll()
            if pidfile.alive(self.cluster) is None:
                return True
            time.sleep(0.02)
        return False

    def _written_since(self, mark: int) -> bytes:
        with self.log.open("rb") as log:
            log.seek(mark)
            return log.read()


def _bury() -> None:
    """Whoever has ended is asked how, whichever object started it: until then its number looks alive."""
    for child in _started:
        child.poll()
