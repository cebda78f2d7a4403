"""The programs of `keju up`: restarted within bounds, stopped with their children, one set per folder and port."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from keju.web.installation import DataFolder, InstallationError, orphans, ports, up
from keju.web.installation.pidfile import command_of
from keju.web.installation.supervisor import RESTARTS, Program, Supervisor

SLEEP = "import time; time.sleep(60)"


def program(tmp_path: Path, source: str, name: str = "web") -> Program:
    return Program(name, [sys.executable, "-c", source], tmp_path / f"{name}.log")


def seen(pid: int) -> None:
    """A process that has only just begun has no command line for a moment."""
    until = time.monotonic() + 10
    while not command_of(pid) and time.monotonic() < until:
        time.sleep(0.01)
    assert command_of(pid)


def gone(pid: int) -> bool:
    until = time.monotonic() + 10
    while command_of(pid) and time.monotonic() < until:
        time.sleep(0.02)
    return not command_of(pid)


def test_what_keeps_dying_stops_everything_with_its_last_words(tmp_path: Path) -> None:
    said: list[str] = []
    dying = program(tmp_path, "print('no such template'); raise SystemExit(3)")
    supervisor = Supervisor([dying], said.append, lambda _: None)
    supervisor.start()
    assert supervisor.watch() == 1
    assert len(said) == RESTARTS + 1
    assert "(code 3)" in said[0]
    assert "everything stops" in said[-1] and "no such template" in said[-1]


def test_what_died_is_started_again(tmp_path: Path) -> None:
    said: list[str] = []
    noted: list[int] = []
    web = program(tmp_path, SLEEP)
    supervisor = Supervisor([web], said.append, lambda p: noted.append(p[0].process.pid))
    supervisor.start()
    first = web.process
    assert first is not None
    first.kill()
    first.wait()
    assert supervisor.revive(web) is True
    assert web.process is not None and web.process.pid != first.pid
    assert noted == [first.pid, web.process.pid]
    supervisor.stop()


def test_stopping_waits_then_kills_with_all_children(tmp_path: Path) -> None:
    stubborn = (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"p = subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); print(p.pid, flush=True); time.sleep(60)"
    )
    web = program(tmp_path, stubborn)
    web.start()
    until = time.monotonic() + 10
    while not web.last_lines() and time.monotonic() < until:
        time.sleep(0.02)
    grandchild = int(web.last_lines())
    seen(grandchild)
    web.stop(seconds=0.2)
    assert web.process is None
    assert gone(grandchild)


def test_a_taken_port_is_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(InstallationError) as refused:
            ports.require_free("127.0.0.1", port)
    assert f"Port {port} is taken" in refused.value.en and "PORT=" in refused.value.en
    assert f"端口 {port}" in refused.value.zh and "PORT=" in refused.value.zh
    assert refused.value.exit_code == 2
    ports.require_free("127.0.0.1", port)


def test_a_shared_port_is_taken_too() -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(InstallationError, match="is taken"):
            ports.require_free("127.0.0.1", taken.getsockname()[1])


def test_an_address_that_is_not_ours_is_one_sentence() -> None:
    with pytest.raises(InstallationError, match=r"Cannot listen on the address 192\.0\.2\.1"):
        ports.require_free("192.0.2.1", 8000)


def test_one_at_a_time_on_a_folder(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "d")
    with up.alone(folder):
        with pytest.raises(InstallationError, match=f"process {os.getpid()}"):
            with up.alone(folder):
                pass
    with up.alone(folder):
        pass


def test_the_next_one_ends_what_a_killed_one_left(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "d").make()
    web = program(tmp_path, SLEEP)
    web.start()
    assert web.process is not None
    seen(web.process.pid)
    orphans.note(folder, [web])
    orphans.end(DataFolder(folder.path))
    assert web.process.wait(5) == -signal.SIGTERM
    orphans.end(folder)


def test_a_stranger_with_a_noted_number_is_left_alone(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "d").make()
    web = program(tmp_path, SLEEP)
    stranger = subprocess.Popen([sys.executable, "-c", SLEEP + "  # another"], start_new_session=True)
    seen(stranger.pid)
    web.process = stranger
    orphans.note(folder, [web])
    orphans.end(folder)
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_whose_server_it_is(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "d").make()
    assert not orphans.left_server(folder, 10)
    orphans.note_server(folder, None)
    assert orphans.left_server(folder, 10), "killed in the middle of starting it"
    orphans.note_server(folder, 10)
    assert orphans.left_server(folder, 10)
    assert not orphans.left_server(folder, 11), "somebody started another since"
    orphans.forget_server(folder)
    assert not orphans.left_server(folder, 10)
