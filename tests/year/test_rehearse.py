"""`keju rehearse` as somebody types it: what it refuses, what it leaves behind, and that a seed fixes every byte."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from keju.rulebook.words import t
from keju.web.cli import main, rehearse
from keju.web.installation.kept import Kept
from keju.web.rehearsal.proof import Check
from keju.web.rehearsal.telling import verdict

SMALL = ["--region", "11", "--candidates", "20", "--seed", "5"]
WRONG = {
    "--programme nothing": ("没有名为“nothing”的考试项目", "no programme called “nothing”"),
    "--year 1990": ("不是1990", "not 1990"),
    "--until nowhere": ("没有名为“nowhere”的阶段", "no stage called “nowhere”"),
    "--candidates 619": ("至少需要620名考生", "at least 620 candidates"),
    "--region 11 --candidates 19": ("至少需要20名考生", "at least 20 candidates"),
    "--region 99": ("没有代码为“99”的考区", "no region of the code “99”"),
}


@pytest.fixture
def room() -> Iterator[Path]:
    """A temp folder of the test's own that the database server's user can reach."""
    with tempfile.TemporaryDirectory(prefix="keju-year-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def started(room: Path, *arguments: str) -> subprocess.Popen[str]:
    """The command in a process of its own, with its temp folder in `room`; the schema that the run has kept stands there."""
    if not (shelf := room / Kept().shelf.name).exists():
        Kept().make_shelf()
        shelf.symlink_to(Kept().shelf)
    environment = {k: v for k, v in os.environ.items() if k not in ("KEJU_DATABASE_URL", "KEJU_DATA")}
    if outer := os.environ.get("KEJU_TEST_SERVER"):
        environment["KEJU_DATABASE_URL"] = outer
    return subprocess.Popen(
        [sys.executable, "-m", "keju.web.cli", "rehearse", *arguments],
        env=environment | {"TMPDIR": str(room)},
        cwd=room,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # a run in the background ignores Ctrl-C, and its children inherit that
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  one thread here
    )


@pytest.mark.parametrize("arguments", WRONG)
def test_what_cannot_be_done_is_said_in_one_sentence_of_each_language(arguments: str, capsys) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["rehearse", *arguments.split()])
    said = capsys.readouterr().err.strip().splitlines()
    assert stopped.value.code == 2
    assert len(said) == 2
    assert all(words in line for words, line in zip(WRONG[arguments], said, strict=True))


def test_a_folder_with_something_else_in_it_is_not_touched(tmp_path: Path, capsys) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(SystemExit) as stopped:
        main(["rehearse", "--out", str(tmp_path)])
    assert stopped.value.code == 2
    assert "nothing was touched" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_a_check_that_does_not_hold_is_named_and_the_command_fails(monkeypatch) -> None:
    console = Console(file=io.StringIO(), width=200)
    holds, broken = t("甲成立", "one holds"), t("乙不成立", "the other does not")
    assert verdict(console, [Check(holds, True, "")])
    assert not verdict(console, [Check(holds, True, ""), Check(broken, False, "3 differences")])
    assert console.file.getvalue().rstrip().endswith("乙不成立 · the other does not")
    monkeypatch.setattr(rehearse, "scratch", lambda seed: nullcontext())
    monkeypatch.setattr(rehearse, "_run", lambda *args, **options: False)
    with pytest.raises(SystemExit) as stopped:
        main(["rehearse"])
    assert stopped.value.code == 1


@pytest.mark.parametrize(
    ("until", "files"), [("tickets", 30), pytest.param("archive", 120, marks=pytest.mark.nightly)]
)
def test_the_same_seed_gives_the_same_bytes_in_every_file(room: Path, until: str, files: int) -> None:
    names = ("a", "b")
    running = [started(room, *SMALL, "--until", until, "--out", str(room / name)) for name in names]
    for process in running:
        said, _ = process.communicate(timeout=500)
        assert process.returncode == 0, said
    one, other = contents(room / "a"), contents(room / "b")
    assert one.keys() == other.keys()
    assert [name for name, data in one.items() if data != other[name]] == []
    assert len(one) > files
    assert not list(room.glob("keju-rehearsal-*"))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_after_an_interruption_neither_server_nor_folder_is_left(room: Path) -> None:
    process = started(room, *SMALL)
    until = time.monotonic() + 120
    while not list(room.glob("keju-rehearsal-*/data/**/base")) and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(1)
    servers = [p for p in psutil.process_iter(["cmdline"]) if str(room) in " ".join(p.info["cmdline"] or [])]
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 130, said
    assert said.strip().splitlines()[-1].startswith("已中断")
    assert not list(room.glob("keju-rehearsal-*"))
    assert [p for p in servers if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interruption_that_python_drops_is_heard_at_the_next_step() -> None:
    class Thing:
        """Something that a callback can wait for the end of."""

    with rehearse._stoppable() as check:
        check()
        thing = Thing()
        dropped = weakref.ref(thing, lambda _: signal.raise_signal(signal.SIGINT))
        del thing  # "Exception ignored in": nothing is raised here
        assert dropped() is None
        with pytest.raises(KeyboardInterrupt):
            check()


def test_only_a_scratch_rehearsal_draws_identifiers_from_a_seed() -> None:
    source = Path(rehearse.__file__).parents[2]
    users = {
        str(path.relative_to(source))
        for path in source.rglob("*.py")
        if "drawn_from" in path.read_text("utf-8") and "tests" not in path.parts
    }
    assert users == {"kernel/audit/identifiers.py", "web/rehearsal/scratch.py"}


def test_another_programme_is_rehearsed_by_its_data(room: Path) -> None:
    wanted = ["--programme", "physician", "--year", "2012", "--region", "11", "--candidates", "20"]
    process = started(room, *wanted, "--until", "tickets")
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said
    assert "registered 20" in " ".join(said.split())
