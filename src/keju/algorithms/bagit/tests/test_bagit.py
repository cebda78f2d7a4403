"""Bags that we seal validate here and by another program; every damage is found and named."""

import shutil
import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import bagit
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keju.algorithms.bagit import PROBLEMS, Problem, seal, validate
from keju.algorithms.bagit.layout import escaped, unescaped

INFO = [
    ("Source-Organization", "考试中心"),
    ("Bagging-Date", "2011-12-31"),
    ("External-Identifier", "vet-2011"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "bag"
    (target / "data" / "成绩").mkdir(parents=True)
    (target / "data" / "a.txt").write_text("alpha")
    (target / "data" / "成绩" / "䶮.csv").write_text("1111010001,87\n")
    (target / "data" / "empty").write_bytes(b"")
    (target / "catalogue.csv").write_text("path,retention\n")
    return target


def found(folder: Path, digest: str | None = None) -> list[tuple[str, str]]:
    return [(problem.kind, problem.path) for problem in validate(folder, digest=digest)]


@pytest.mark.rule("V5.5")
def test_a_sealed_folder_validates_here_and_elsewhere(folder: Path) -> None:
    sealed = seal(folder, INFO)
    assert validate(folder, digest=sealed.digest) == []
    assert (sealed.files, sealed.octets) == (3, 19)
    other = bagit.Bag(str(folder))
    assert other.validate() is True
    assert other.version_info == (1, 0)
    assert other.info["Source-Organization"] == "考试中心"
    assert set(other.payload_entries()) == {"data/a.txt", "data/empty", "data/成绩/䶮.csv"}


def test_the_files_are_those_of_the_format(folder: Path) -> None:
    seal(folder, INFO)
    assert (folder / "bagit.txt").read_bytes() == b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    assert (
        (folder / "bag-info.txt").read_text().endswith("External-Identifier: vet-2011\nPayload-Oxum: 19.3\n")
    )
    alpha, empty = sha256(b"alpha").hexdigest(), sha256(b"").hexdigest()
    lines = (folder / "manifest-sha256.txt").read_text().splitlines()
    assert lines[:2] == [f"{alpha}  data/a.txt", f"{empty}  data/empty"]
    listed = [line.split("  ")[1] for line in (folder / "tagmanifest-sha256.txt").read_text().splitlines()]
    assert listed == ["bag-info.txt", "bagit.txt", "catalogue.csv", "manifest-sha256.txt"]


def test_same_files_same_bytes(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    assert seal(folder, INFO) == seal(copy, INFO)
    for name in ("bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"):
        assert (folder / name).read_bytes() == (copy / name).read_bytes()


def rewrite(name: str, change: Callable[[str], str]) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (folder / name).write_text(change((folder / name).read_text()))

    return damage


def replace_by_link(folder: Path) -> None:
    (folder.parent / "outside").write_text("alpha")
    (folder / "data" / "a.txt").unlink()
    (folder / "data" / "a.txt").symlink_to(folder.parent / "outside")


def escape_by_manifest(folder: Path) -> None:
    (folder.parent / "outside").write_text("alpha")
    line = f"{sha256(b'alpha').hexdigest()}  data/../../outside\n"
    rewrite("manifest-sha256.txt", lambda text: text + line)(folder)


ALTERED_MANIFEST = ("altered", "manifest-sha256.txt")

DAMAGE: list[tuple[Callable[[Path], object], list[tuple[str, str]]]] = [
    (lambda f: (f / "data/a.txt").write_text("alphA"), [("altered", "data/a.txt")]),
    (
        lambda f: (f / "data/a.txt").write_text("alpha!"),
        [("oxum", "bag-info.txt"), ("altered", "data/a.txt")],
    ),
    (lambda f: (f / "data/a.txt").unlink(), [("oxum", "bag-info.txt"), ("missing", "data/a.txt")]),
    (lambda f: (f / "data/b.txt").touch(), [("oxum", "bag-info.txt"), ("extra", "data/b.txt")]),
    (
        lambda f: (f / "data/a.txt").rename(f / "data/b.txt"),
        [("missing", "data/a.txt"), ("extra", "data/b.txt")],
    ),
    (lambda f: (f / "note.txt").touch(), [("extra", "note.txt")]),
    (lambda f: (f / "catalogue.csv").write_text("x"), [("altered", "catalogue.csv")]),
    (lambda f: (f / "catalogue.csv").unlink(), [("missing", "catalogue.csv")]),
    (replace_by_link, [("oxum", "bag-info.txt"), ("form", "data/a.txt")]),
    (escape_by_manifest, [ALTERED_MANIFEST, ("form", "manifest-sha256.txt")]),
    (
        rewrite("manifest-sha256.txt", lambda text: text * 2),
        [ALTERED_MANIFEST, ("form", "manifest-sha256.txt")],
    ),
    (
        rewrite("bag-info.txt", lambda text: text.replace("19.3", "20.3")),
        [("altered", "bag-info.txt"), ("oxum", "bag-info.txt")],
    ),
    (
        rewrite("bagit.txt", lambda text: text.replace("1.0", "0.97")),
        [("altered", "bagit.txt"), ("form", "bagit.txt")],
    ),
    (lambda f: (f / "bagit.txt").unlink(), [("missing", "bagit.txt")]),
    (
        lambda f: (f / "tagmanifest-sha256.txt").unlink(),
        [
            ("extra", "bag-info.txt"),
            ("extra", "bagit.txt"),
            ("extra", "catalogue.csv"),
            ("extra", "manifest-sha256.txt"),
            ("missing", "tagmanifest-sha256.txt"),
        ],
    ),
    (lambda f: (f / "fetch.txt").touch(), [("extra", "fetch.txt"), ("form", "fetch.txt")]),
    (
        lambda f: (f / "manifest-sha256.txt").write_bytes(b"\xff\xfe"),
        [
            ("extra", "data/a.txt"),
            ("extra", "data/empty"),
            ("extra", "data/成绩/䶮.csv"),
            ALTERED_MANIFEST,
            ("form", "manifest-sha256.txt"),
        ],
    ),
]


@pytest.mark.rule("V5.5")
@pytest.mark.parametrize(("damage", "expected"), DAMAGE)
def test_damage_is_found_and_named(
    folder: Path, damage: Callable[[Path], object], expected: list[tuple[str, str]]
) -> None:
    seal(folder, INFO)
    damage(folder)
    assert found(folder) == expected


def test_a_bag_altered_and_sealed_anew_is_told_by_its_recorded_digest(folder: Path) -> None:
    sealed = seal(folder, INFO)
    (folder / "data" / "a.txt").write_text("forged")
    (folder / "tagmanifest-sha256.txt").unlink()
    seal(folder, INFO)
    assert found(folder) == []
    assert found(folder, sealed.digest) == [("digest", "tagmanifest-sha256.txt")]


def test_no_folder_is_no_bag(tmp_path: Path) -> None:
    missing = validate(tmp_path / "nowhere")
    assert {problem.kind for problem in missing} == {"missing"}
    assert Problem("bagit.txt", "missing") in missing
    assert all(all(PROBLEMS[problem.kind]) for problem in missing)


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (lambda f: shutil.rmtree(f / "data"), "no payload"),
        (lambda f: (f / "tagmanifest-sha256.txt").touch(), "sealed already"),
        (lambda f: (f / "fetch.txt").touch(), "fetched"),
        (lambda f: (f / "data" / "link").symlink_to(f / "data" / "a.txt"), "not a plain file"),
        (lambda f: (f / "loose").symlink_to(f / "nowhere"), "not a plain file"),
    ],
)
def test_what_cannot_be_sealed_is_left_as_it_was(
    folder: Path, prepare: Callable[[Path], object], words: str
) -> None:
    prepare(folder)
    before = sorted(folder.rglob("*"))
    with pytest.raises(ValueError, match=words):
        seal(folder, INFO)
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize(
    "info", [("", "x"), ("a:b", "x"), ("a", "x\ny"), ("a", " x"), ("Payload-Oxum", "1.1"), ("a\r", "x")]
)
def test_information_that_does_not_fit_a_line(folder: Path, info: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match=r"label|fit a line"):
        seal(folder, [info])
    assert not (folder / "manifest-sha256.txt").exists()


@given(st.text())
def test_any_file_name_survives_the_manifest(name: str) -> None:
    assert unescaped(escaped(name)) == name
    assert not set("\r\n") & set(escaped(name))


names = st.text(st.characters(codec="utf-8", exclude_characters="/\x00"), min_size=1, max_size=12).filter(
    lambda name: name not in {".", ".."} and len(name.encode()) < 200
)


@given(st.dictionaries(names, st.binary(max_size=20), max_size=5), st.data())
def test_any_payload_seals_and_any_flipped_byte_is_found(
    files: dict[str, bytes], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "data").mkdir()
        for name, content in files.items():
            (folder / "data" / name).write_bytes(content)
        digest = seal(folder, INFO).digest
        assert found(folder, digest) == []
        everything = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)
        victim = data.draw(st.sampled_from(everything))
        damaged = bytearray(victim.read_bytes())
        damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= 1 << data.draw(st.integers(0, 7))
        victim.write_bytes(bytes(damaged))
        assert found(folder, digest) != []
