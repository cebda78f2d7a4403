"""Keeps a few programs running until told to stop: restarts what dies, a bounded number of times."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from keju.web.installation.folder import LARGEST_LOG

Say = Callable[[str], object]
RESTARTS = 5
WITHIN_SECONDS = 60.0
STOP_SECONDS = 15.0
_LAST_LINES = 15


@dataclass
class Program:
    name: str
    command: list[str]
    log: Path
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started_at: list[float] = field(default_factory=list)

    def start(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".old.log"))
        self.started_at.append(time.monotonic())
        with self.log.open("ab") as log:
            # A session of its own: Ctrl-C reaches us alone, and we stop the programs in order.
            self.process = subprocess.Popen(  # noqa: S603
                self.command, env={**os.environ, **self.environment}, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Afterwards neither the program nor its children run."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
        kill_group(self.process.pid)
        self.process.wait()
        self.process = None

    def may_restart(self) -> bool:
        recent = [at for at in self.started_at if at > time.monotonic() - WITHIN_SECONDS]
        return len(recent) <= RESTARTS

    def last_lines(self) -> str:
        try:
            return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-_LAST_LINES:])
        except OSError:
            return ""


def kill_group(leader: int) -> None:
    """Whatever is left of a program's session is killed; nobody may hold its port."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


class Supervisor:
    """`noted` is called with the programs whenever one of them has a new process."""

    def __init__(self, programs: list[Program], say: Say, noted: Callable[[list[Program]], object]) -> None:
        self.programs = programs
        self.say = say
        self.noted = noted

    def start(self) -> None:
        for program in self.programs:
            program.start()
            self.noted(self.programs)

    def watch(self) -> int:
        """Returns only when a program keeps dying: 1. A signal leaves by an exception."""
        while True:
            for program in self.programs:
                if (
                    program.process is not None
                    and program.process.poll() is not None
                    and not self.revive(program)
                ):
                    return 1
            time.sleep(0.2)

    def revive(self, program: Program) -> bool:
        """Starts a dead program again; False, with its last words, if it died too often."""
        assert program.process is not None
        code = program.process.returncode
        kill_group(program.process.pid)
        if not program.may_restart():
            self.say(
                f"{program.name} 反复退出（代码 {code}），全部停止。 "
                f"{program.name} keeps ending (code {code}), everything stops.\n"
                f"{program.log}:\n{program.last_lines()}"
            )
            return False
        self.say(
            f"{program.name} 意外退出（代码 {code}），正在重启。 "
            f"{program.name} ended (code {code}) and is started again. {program.log}"
        )
        program.start()
        self.noted(self.programs)
        return True

    def stop(self) -> None:
        """Afterwards none of the programs runs; the first named is stopped first."""
        for program in self.programs:
            program.stop()
