"""Inspections, emergencies and devices as programmes write them."""

import shutil
from pathlib import Path

import pytest

from keju.rulebook import load_programme
from keju.rulebook.check import check_programme
from keju.rulebook.programmes import HOME

LIST = "  - {code: new, version: 1, name: {zh: 表, en: List}, rule: V2.2, at: [point], when: before, items: [%s]}\n"
ITEM = '{code: a, rule: V2.2, severity: minor, words: {zh: "看", en: "look"}}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "veterinarian"
    shutil.copytree(HOME / "veterinarian", target)
    return target


def said(folder: Path, file: str, text: str) -> str:
    with (folder / file).open("a", encoding="utf-8") as out:
        out.write(text)
    return " ".join(p.words.en for p in check_programme(folder) if p.file == file)


def test_a_sound_list_is_no_problem(folder: Path) -> None:
    assert said(folder, "inspections.yaml", LIST % ITEM) == ""


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("inspections.yaml", LIST % ITEM.replace("V2.2", "V99.9"), "no clause V99.9"),
        ("inspections.yaml", LIST % ITEM.replace("minor", "tiny"), "tiny"),
        ("inspections.yaml", (LIST % ITEM).replace("[point]", "[moon]"), "can only be one of"),
        ("inspections.yaml", (LIST % f"{ITEM}, {ITEM}"), "written twice"),
        ("inspections.yaml", (LIST % ITEM).replace('"look"', '"look at {venues_moons}"'), "no figure “venues_moons”"),
        ("emergencies.yaml", "  - {code: x, rule: V15.0, at: [point], partners: [navy], name: {zh: 海, en: Sea}, "
         "outline: {zh: 海, en: Sea}}\n", "no partner “navy”"),
        ("devices.yaml", "  - {code: x, rule: V14.1, per: room, param: security.moons, name: {zh: 月, en: Moon}}\n",
         "no figure “security.moons”"),
        ("devices.yaml", "  - {code: x, rule: V14.1, per: roof, name: {zh: 月, en: Moon}}\n", "roof"),
    ],
)  # fmt: skip
def test_what_is_named_exists(folder: Path, file: str, text: str, words: str) -> None:
    assert words in said(folder, file, text)


@pytest.mark.rule("P6.1", "P2.3")
def test_the_notice_asks_for_more_and_keeps_the_rest() -> None:
    own, base = (load_programme(code).precautions for code in ("physician", "veterinarian"))
    assert {i.code for i in own.inspections} > {i.code for i in base.inspections}
    assert [i.code for i in own.inspections if i.systematic] == ["secrecy"] and not any(
        i.systematic for i in base.inspections
    )
    assert own.emergencies == base.emergencies and {d.rule for d in own.devices if d.param} == {"P2.3"}
