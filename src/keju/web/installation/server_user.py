"""As whom PostgreSQL runs. It refuses root, so root has to lend it another user.

Permissions of folders that are not ours stay as they are. Where `nobody` cannot pass through a parent
folder (a checkout below `/root`), the server gets the one capability to read and search
(`CAP_DAC_READ_SEARCH`, else `CAP_DAC_OVERRIDE`), or nothing starts.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keju.web.installation import sentences

USER = "nobody"
# Without it access(2) would ignore the capability, and PostgreSQL looks for itself with access(2).
_SECUREBITS = "--securebits=+no_setuid_fixup"


@dataclass(frozen=True)
class ServerUser:
    """How to start a program as the server's user: a command prefix and arguments of `subprocess`."""

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()
    switch: dict[str, Any] = field(default_factory=dict)

    def own(self, path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid)

    def popen(self, command: list[str], **kwargs: Any) -> subprocess.Popen[bytes]:
        return subprocess.Popen([*self.prefix, *command], **self.switch, **kwargs)  # noqa: S603

    def run(self, command: list[str], **kwargs: Any) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([*self.prefix, *command], check=False, **self.switch, **kwargs)  # noqa: S603


def choose(binary: Path, folder: Path, cluster: Path) -> ServerUser:
    """The user that can run `binary` and pass through to `folder`, which exists; else one sentence.

    A cluster that a normal user made stays that user's, also when root starts it.
    """
    if os.geteuid() != 0:
        return ServerUser(os.geteuid(), os.getegid())
    unreachable = []
    for candidate in _candidates(cluster):
        blocked = _blocked(candidate, binary, folder)
        if blocked is None:
            return candidate
        unreachable.append(blocked)
    # the first says it plainly; the others may lack the capability altogether
    raise sentences.no_server_user((unreachable or [folder])[0])


def _candidates(cluster: Path) -> list[ServerUser]:
    try:
        entry = pwd.getpwnam(USER)
        uid, gid = entry.pw_uid, entry.pw_gid
        if cluster.exists() and cluster.stat().st_uid != 0:
            uid, gid = cluster.stat().st_uid, cluster.stat().st_gid
    except KeyError:
        return []
    found = [ServerUser(uid, gid, switch={"user": uid, "group": gid, "extra_groups": []})]
    if setpriv := shutil.which("setpriv"):
        for capability in ("+dac_read_search", "+dac_override"):
            caps = (f"--inh-caps={capability}", f"--ambient-caps={capability}", _SECUREBITS)
            ids = (f"--reuid={uid}", f"--regid={gid}", "--clear-groups")
            found.append(ServerUser(uid, gid, prefix=(setpriv, *ids, *caps, "--")))
    return found


def _blocked(user: ServerUser, binary: Path, folder: Path) -> Path | None:
    quiet: dict[str, Any] = {"cwd": "/", "stdin": subprocess.DEVNULL, "capture_output": True}
    # Asking is surer than reading mode bits: access lists and missing capabilities show, too.
    for path, command in ((binary, [str(binary), "-V"]), (folder, ["ls", "-d", f"{folder}/."])):
        try:
            if user.run(command, **quiet).returncode != 0:
                return path
        except OSError:
            return path
    return None
