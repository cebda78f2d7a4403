"""Hostile files in a process of its own, under the bounds of a child process: 5 s and 512 MB each, and no crash."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

FUZZING = Path(__file__).with_name("fuzzing.py")


def survived(seed: int, count: int, seconds: float) -> list[str]:
    """The lines of a child that came to its end; a failing assertion names the file that it died on."""
    done = subprocess.run(
        [sys.executable, str(FUZZING), str(seed), str(count)],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, timeout=seconds, check=False,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert done.returncode == 0, (done.returncode, lines[-1:], done.stderr[-2000:])
    return lines


@pytest.mark.rule("V5.2.2")
def test_hostile_files_neither_crash_nor_hang_nor_grow() -> None:
    assert len(survived(seed=1, count=60, seconds=120)) == 60


@pytest.mark.nightly
@pytest.mark.rule("V5.2.2")
@pytest.mark.parametrize("seed", range(2, 10))
def test_many_hostile_files_neither_crash_nor_hang_nor_grow(seed: int) -> None:
    assert len(survived(seed=seed, count=1500, seconds=3600)) == 1500
