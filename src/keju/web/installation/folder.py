"""The data folder: everything that one installation keeps outside its database server."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from keju.web.installation import keys, sentences

FORMAT = 1
MARKER = "keju.json"
_PARTS = ("files", "checkpoints", "logs", "run", "static")
LARGEST_LOG = 20 * 1024 * 1024  # bytes; a longer one is set aside at the next start
_LITTLE_SPACE = 64 * 1024 * 1024


class DataFolder:
    """A folder that is Keju's own. Nothing is made before `make()` or `secrets` is asked for."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path).expanduser().absolute()

    @classmethod
    def current(cls) -> DataFolder:
        """The folder named by `KEJU_DATA`, else `.keju` in the checkout, else in the working directory."""
        if named := os.environ.get("KEJU_DATA"):
            return cls(named)
        checkout = Path(__file__).resolve().parents[4]
        return cls((checkout if (checkout / "pyproject.toml").exists() else Path.cwd()) / ".keju")

    @property
    def postgres(self) -> Path:
        return self.path / "pg"

    @property
    def files(self) -> Path:
        return self.path / "files"

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def run(self) -> Path:
        return self.path / "run"

    @cached_property
    def secrets(self) -> keys.Secrets:
        """The keys of this installation; the first reading makes the folder and the keys."""
        return keys.make_once(self.make().path / "secrets.json")

    def exists(self) -> bool:
        return (self.path / MARKER).exists()

    def make(self) -> DataFolder:
        """Afterwards the folder is there, is ours, and has its parts; else one sentence is raised."""
        try:
            if not self.exists():
                self._make_new()
            self._check_format()
            for part in _PARTS:
                (self.path / part).mkdir(mode=0o700, exist_ok=True)
            with (self.run / ".writable").open("wb") as probe:
                probe.write(b"x")
        except OSError as error:
            raise sentences.of_os_error(self.path, error) from error
        if shutil.disk_usage(self.path).free < _LITTLE_SPACE:
            raise sentences.disk_full(self.path)
        return self

    def _make_new(self) -> None:
        if self.path.exists() and not self.path.is_dir():
            raise sentences.foreign_folder(self.path)
        self.path.mkdir(parents=True, exist_ok=True)
        strangers = [entry for entry in self.path.iterdir() if not entry.name.startswith(f".{MARKER}")]
        if strangers and not self.exists():
            raise sentences.foreign_folder(self.path)
        # PostgreSQL runs as another user when we are root, and has to pass through; it cannot list.
        self.path.chmod(0o711 if os.geteuid() == 0 else 0o700)
        draft = self.path / f".{MARKER}.{os.getpid()}"
        draft.write_text(json.dumps({"what": "Keju data folder", "format": FORMAT}), "utf-8")
        draft.replace(self.path / MARKER)

    def _check_format(self) -> None:
        marker = self.path / MARKER
        try:
            stored = json.loads(marker.read_text("utf-8"))["format"]
        except (ValueError, KeyError, TypeError) as error:
            raise sentences.broken_file(marker) from error
        if not isinstance(stored, int) or stored > FORMAT:
            raise sentences.newer_format(self.path, stored, FORMAT)

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """Only one process at a time is inside, for one `name`; the lock dies with its holder."""
        with (self.make().run / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
