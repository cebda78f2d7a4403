"""`keju evidence verify`: says what holds and what fails, in both languages, with neither database nor settings."""

import json
from pathlib import Path

import pytest

from keju.algorithms import bagit, merkle
from keju.stages.custody.rules.evidence import FORMAT, sealed
from keju.web import cli

LOG = merkle.Signer.from_seed("keju/audit", bytes(32))
FILES = merkle.Signer.from_seed("keju-evidence", bytes(31) + b"\1")


@pytest.fixture
def given(tmp_path: Path) -> tuple[Path, Path]:
    """A file that claims nothing, unpacked, and the public keys."""
    evidence = {
        "format": FORMAT, "exam": {"slug": "vet-2011"}, "about": {"kind": "container", "code": "B1"},
        "head": merkle.sign_checkpoint("keju/audit", 1, bytes(32), [LOG]), "events": [], "operations": {}, "containers": {},
        "life": [], "documents": [], "photos": [],
    }  # fmt: skip
    data = tmp_path / "file" / "evidence-B1" / "data"
    data.mkdir(parents=True)
    (data / "evidence.json").write_text(json.dumps(evidence))
    digest = bagit.seal(data.parent, []).digest
    (tmp_path / "file" / "evidence-B1.note").write_text(sealed(evidence, 1, digest, FILES), "utf-8")
    keys = tmp_path / "keys.txt"
    keys.write_text(f"{LOG.verifier}\n{FILES.verifier}\n")
    return tmp_path / "file", keys


def said(capsys: pytest.CaptureFixture[str], file: Path, keys: Path) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        cli.main(["evidence", "verify", str(file), "--keys", str(keys)])
    return int(ended.value.code or 0), "".join(capsys.readouterr().out.split())


def test_it_says_what_holds_and_what_fails(
    given: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    file, keys = given
    assert said(capsys, file, keys)[0] == 0
    note = file / "evidence-B1" / "data" / "evidence.json"
    note.write_text(note.read_text().replace("B1", "B2"))
    code, told = said(capsys, file, keys)
    assert code == 1 and "不能作为证据" in told and "isnoevidence" in told and "data/evidence.json" in told
    keys.write_text(f"{LOG.verifier}\n")
    assert said(capsys, file, keys)[0] == 2
