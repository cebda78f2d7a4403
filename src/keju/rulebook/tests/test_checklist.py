"""Checklists as programmes write them."""

import shutil
from pathlib import Path

import pytest

from keju.rulebook import load_programme
from keju.rulebook.check import check_programme
from keju.rulebook.programmes import HOME

ENTRY = """
  - {{code: {code}, rule: {rule}, of: {of}, by: {by}, words: {{zh: "{zh}", en: Seen}}}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "veterinarian"
    shutil.copytree(HOME / "veterinarian", target)
    return target


def added(folder: Path, **facts: str) -> list[tuple[str, str]]:
    entry = {"code": "new", "rule": "V14.1", "of": "site", "by": "eve", "zh": "看过"} | facts
    with (folder / "checklist.yaml").open("a", encoding="utf-8") as file:
        file.write(ENTRY.format(**entry))
    return [(p.file, p.words.en) for p in check_programme(folder) if not p.mild]


def test_a_sound_item_is_no_problem(folder: Path) -> None:
    assert added(folder, zh="{venues_cordon_metres}米") == []


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"rule": "V99.9"}, "rules.yaml has no clause V99.9"),
        ({"zh": "{venues_cordon_feet}"}, "there is no figure “venues_cordon_feet”"),
        ({"of": "roof"}, "roof"),
        ({"by": "noon"}, "noon"),
        ({"code": "fit"}, "“fit” is written twice"),
    ],
)
def test_an_item_names_a_clause_a_thing_and_a_time_that_exist(
    folder: Path, facts: dict[str, str], said: str
) -> None:
    assert any(file == "checklist.yaml" and said in words for file, words in added(folder, **facts))


@pytest.mark.rule("P2.1")
def test_an_adopting_programme_asks_for_more_and_keeps_the_rest() -> None:
    items = {item.code: item for item in load_programme("physician").checklist if item.of != "store"}
    assert set(items) == {"proven", "fit", "cordon", "bare", "surveyed", "sealed", "patrolled"}
    assert (items["surveyed"].rule, items["surveyed"].of, items["surveyed"].by) == ("P2.1", "site", "report")
    assert "surveyed" not in {item.code for item in load_programme("veterinarian").checklist}
