"""The data folder: ours or refused, made once, keys kept."""

import errno
import json
import os
import shutil
import stat
import subprocess
import sys
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from keju.web.installation import DataFolder, InstallationError, keys, sentences
from keju.web.installation.folder import FORMAT, MARKER


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_folder_is_ours_and_closed(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "a" / "b").make()
    assert json.loads((folder.path / MARKER).read_text())["format"] == FORMAT
    assert mode(folder.path) & 0o066 == 0, "others may not list or write"
    for part in (folder.files, folder.checkpoints, folder.logs, folder.run):
        assert mode(part) == 0o700
    assert DataFolder(folder.path).make().path == folder.path


def test_an_empty_folder_becomes_ours(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert DataFolder(tmp_path / "empty").make().exists()


def test_nothing_is_made_before_it_is_asked_for(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "later")
    assert not folder.exists()
    assert not folder.path.exists()


@pytest.mark.parametrize("what", ["file", "folder", "is a file"])
def test_a_foreign_folder_is_refused_untouched(tmp_path: Path, what: str) -> None:
    path = tmp_path / "theirs"
    if what == "is a file":
        path.write_text("letter")
    else:
        path.mkdir()
        (path / "photos").mkdir() if what == "folder" else (path / "letter").write_text("dear")
    before = sorted(p.name for p in tmp_path.rglob("*"))
    with pytest.raises(InstallationError) as refused:
        DataFolder(path).make()
    assert sorted(p.name for p in tmp_path.rglob("*")) == before
    assert refused.value.exit_code == 2
    assert str(path) in refused.value.zh and "KEJU_DATA" in refused.value.zh
    assert str(path) in refused.value.en and "KEJU_DATA" in refused.value.en


@pytest.mark.parametrize(
    ("marker", "words"),
    [
        (json.dumps({"format": FORMAT + 1}), "newer Keju"),
        (json.dumps({"format": "two"}), "newer Keju"),
        ("{", "damaged"),
        ("{}", "damaged"),
        ("[1]", "damaged"),
    ],
)
def test_a_marker_that_is_not_understood_is_refused(tmp_path: Path, marker: str, words: str) -> None:
    folder = DataFolder(tmp_path / "d").make()
    (folder.path / MARKER).write_text(marker)
    with pytest.raises(InstallationError, match=words):
        DataFolder(folder.path).make()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(InstallationError, match=r"disk that holds .* is full"):
        DataFolder(tmp_path / "d").make()


def test_an_almost_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 1000))
    with pytest.raises(InstallationError, match="磁盘已满"):
        DataFolder(tmp_path / "d").make()


def test_an_unwritable_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/proc/1")
    with pytest.raises(InstallationError, match="Cannot write"):
        DataFolder(tmp_path / "link" / "d").make()


def test_on_the_command_line_it_is_two_lines_and_code_2(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("dear")
    command = [sys.executable, "-m", "keju.web.cli", "db", "start"]
    environment = {**os.environ, "KEJU_DATA": str(tmp_path)}
    environment.pop("KEJU_DATABASE_URL", None)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.splitlines() == str(sentences.foreign_folder(tmp_path)).splitlines()


def test_keys_are_made_once_and_private(tmp_path: Path) -> None:
    made = DataFolder(tmp_path / "d").secrets
    assert DataFolder(tmp_path / "d").secrets == made
    assert mode(tmp_path / "d" / "secrets.json") == 0o600
    distinct = {made.field_encryption_key, made.index_key, made.audit_mac_key, made.audit_signing_seed}
    assert {len(key) for key in distinct} == {32}
    assert len(distinct) == 4
    assert made.admin_password not in repr(made)
    assert made != DataFolder(tmp_path / "e").secrets


def test_of_many_makers_at_once_one_wins(tmp_path: Path) -> None:
    path = DataFolder(tmp_path / "d").make().path / "secrets.json"
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(keys.make_once, [path] * 8))
    assert len(found) == 1
    assert [p.name for p in path.parent.iterdir() if p.name.startswith(".secrets")] == []


@pytest.mark.parametrize("spoil", ["cut", "short key", "missing"])
def test_damaged_keys_are_never_replaced(tmp_path: Path, spoil: str) -> None:
    folder = DataFolder(tmp_path / "d")
    assert folder.secrets
    path = folder.path / "secrets.json"
    stored = json.loads(path.read_text())
    if spoil == "short key":
        stored["index_key"] = "00"
    if spoil == "missing":
        del stored["app_password"]
    text = json.dumps(stored)[: 40 if spoil == "cut" else None]
    path.write_text(text)
    with pytest.raises(InstallationError, match=r"secrets\.json is damaged"):
        DataFolder(folder.path).secrets  # noqa: B018
    assert path.read_text() == text
