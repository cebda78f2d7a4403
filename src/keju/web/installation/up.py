"""`keju up`: the whole system from a data folder, and its orderly end."""

from __future__ import annotations

import fcntl
import http
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import FrameType

from keju.web.installation import demo, migrating, orphans, places, ports, ready, sentences
from keju.web.installation.folder import DataFolder
from keju.web.installation.postgres import EmbeddedPostgres
from keju.web.installation.supervisor import Program, Say, Supervisor

_THREADS = 4  # per web process; each keeps one connection of the database's hundred
_READY_SECONDS = 60
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Plan:
    host: str
    port: int
    demo: demo.Wanted | None
    workers: int
    has_worker: bool

    @property
    def address(self) -> str:
        return f"http://{'127.0.0.1' if self.host == '0.0.0.0' else self.host}:{self.port}/"  # noqa: S104


class Stopped(BaseException):
    """Somebody asked us to stop; not an error, so nobody catches it on the way out."""


@contextmanager
def alone(folder: DataFolder) -> Iterator[None]:
    """Only one `keju up` or `keju demo-reset` at a time works on a data folder."""
    with (folder.make().run / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise sentences.already_up(int(lock.read().strip() or 0)) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def run(plan: Plan, say: Say) -> int:
    """Runs until stopped. Afterwards nothing that was started here still runs."""
    folder = DataFolder.current()
    with alone(folder), _signals(), ExitStack() as stack:
        try:
            orphans.end(folder)
            ports.require_free(plan.host, plan.port)
            _database(folder, plan, stack, say)
            migrating.collect_static()
            hints = demo.ensure(folder, say, plan.demo) if plan.demo else None
            supervisor = Supervisor(_programs(folder, plan), say, lambda p: orphans.note(folder, p))
            stack.callback(orphans.forget, folder)
            stack.callback(supervisor.stop)
            supervisor.start()
            status = _first_answer(plan, supervisor)
            if status is not None:
                say(f"\n科举系统已就绪 Keju is ready: [bold]{plan.address}[/bold]   (Ctrl-C 停止 stops)")
                if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
                    say(f"首页出错 The first page fails ({status}): {folder.logs / 'web.log'}")
                if hints is not None:
                    say(hints)  # type: ignore[arg-type]
            return supervisor.watch()
        except Stopped:
            say("\n正在停止… Stopping…")
            return 0
        finally:
            _deaf()


def _database(folder: DataFolder, plan: Plan, stack: ExitStack, say: Say) -> None:
    folder.secrets  # noqa: B018  made before anything else needs them
    if places.is_embedded():
        server = EmbeddedPostgres(folder)
        # Registered first: even a stop in the middle of the start finds what is there to stop.
        mine = server.pid() is None or orphans.left_server(folder, server.pid())
        if mine:
            stack.callback(server.stop)
            orphans.note_server(folder, None)
            stack.callback(orphans.forget_server, folder)
        say("PostgreSQL …")
        server.start()
        if mine:
            orphans.note_server(folder, server.pid())
    if not places.has_app_only():
        say("数据库迁移 Migrating …")
    ready.prepare_and_migrate(folder, demo=plan.demo is not None)


def _programs(folder: DataFolder, plan: Plan) -> list[Program]:
    web = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", plan.host, "--port", str(plan.port),
        "--workers", str(plan.workers), "--blocking-threads", str(_THREADS), "--workers-kill-timeout", "8",
        "--respawn-failed-workers", "--no-ws", "keju.web.wsgi:application",
    ]  # fmt: skip
    # Whoever binds to every address (0.0.0.0) has decided to be reached by any name.
    hosts = "*" if plan.host == "0.0.0.0" else f"localhost,127.0.0.1,[::1],{plan.host}"  # noqa: S104
    static = {
        "KEJU_STATIC": "collected",
        "KEJU_HOSTS": os.environ.get("KEJU_HOSTS", hosts),
        "PORT": str(plan.port),
    }
    programs = [Program("web", web, folder.logs / "web.log", static)]
    if plan.has_worker:
        worker = [sys.executable, "-m", "keju.web.cli", "worker"]
        programs.append(Program("worker", worker, folder.logs / "worker.log", static))
    return programs


def _first_answer(plan: Plan, supervisor: Supervisor) -> int | None:
    """The status of the first page; None if the web server died first, which `watch` then deals with."""
    until = time.monotonic() + _READY_SECONDS
    web = supervisor.programs[0]
    while time.monotonic() < until:
        if web.process is not None and web.process.poll() is not None:
            return None
        if (status := ports.answer(plan.host, plan.port)) is not None:
            return status
        time.sleep(0.1)
    return None


@contextmanager
def _signals() -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Stopped

    # `nohup` has us ignore the end of the terminal, and it stays so
    heard = [k for k in _SIGNALS if k != signal.SIGHUP or signal.getsignal(k) is not signal.SIG_IGN]
    before = {kind: signal.signal(kind, stop) for kind in heard}
    try:
        yield
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


def _deaf() -> None:
    # A second Ctrl-C must not leave half of it running; everything below waits a bounded time only.
    for kind in _SIGNALS:
        signal.signal(kind, signal.SIG_IGN)
