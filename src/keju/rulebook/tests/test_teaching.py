"""What programmes teach, as they write it."""

import shutil
from pathlib import Path

import pytest

from keju.rulebook import load_programme
from keju.rulebook.check import check_programme
from keju.rulebook.programmes import HOME
from keju.rulebook.reading.teaching import FEWEST


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "veterinarian"
    shutil.copytree(HOME / "veterinarian", target)
    return target


SLIPS = [
    ("rule: V4.1", "rule: V99.1", "no “V99.1”"),
    ("handbook: management", "handbook: cooking", "no “cooking”"),
    ("modules: [discipline]", "modules: [sewing]", "no “sewing”"),
    ("practice: [registration", "practice: [singing", "no “singing”"),
    ("{venues_column_gap_cm}", "{venues_gap_inches}", "venues_gap_inches"),
    ("code: hosts", "code: levels", "“levels” is written twice"),
]


@pytest.mark.parametrize("code", ["veterinarian", "physician"])
def test_every_shipped_pool_is_long_enough_and_each_question_has_one_right_answer(code: str) -> None:
    teaching = load_programme(code).teaching
    assert {m.code for m in teaching.modules} >= {"management", "candidate", "system", "discipline"}
    for module in teaching.modules:
        # an adopted question may cite a clause that is not adopted
        assert len(module.questions) >= FEWEST - 1
        for question in module.questions:
            answers = [question.right, *question.wrong]
            assert len({a.zh for a in answers}) == len({a.en for a in answers}) == 3, question.code


@pytest.mark.rule("P8.1")
def test_the_notice_teaches_a_discipline_of_its_own_with_a_pledge() -> None:
    own = load_programme("physician").teaching.module("discipline")
    adopted = load_programme("veterinarian").teaching.module("discipline")
    assert own is not None and adopted is not None
    assert own.rule == "P8.1" and own.pledge and own.pledge != adopted.pledge
    assert load_programme("physician").teaching.needed_by("point_clerk") == (
        "candidate",
        "system",
        "discipline",
    )


def test_what_it_names_must_exist(folder: Path) -> None:
    path = folder / "training.yaml"
    text = path.read_text(encoding="utf-8")
    for old, new, _ in SLIPS:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    posts = folder / "programme.yaml"
    written = posts.read_text(encoding="utf-8")
    posts.write_text(written.replace("training: [discipline]", "training: [knitting]", 1), encoding="utf-8")
    found = [p.words.en for p in check_programme(folder)]
    assert any("“knitting”" in words for words in found)
    assert [problem for *_, problem in SLIPS if not any(problem in words for words in found)] == []


def test_a_role_needs_its_modules_only_where_the_exam_is_run() -> None:
    teaching = load_programme("veterinarian").teaching
    assert teaching.needed_by("point_clerk", "review:first:decide") == ("candidate", "system", "discipline")
    assert teaching.needed_by("point_clerk", "staffing:training:hold") == ()
    assert teaching.needed_by("centre_exam", "venues:site:edit") == ()
