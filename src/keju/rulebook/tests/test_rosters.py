"""Rosters as programmes write them."""

import shutil
from datetime import date, time
from pathlib import Path

import pytest

from keju.rulebook import load_programme
from keju.rulebook.check import check_programme
from keju.rulebook.parameters import value_of
from keju.rulebook.programmes import HOME

ENTRY = """
  - code: {code}
    rule: {rule}
    name: {{zh: 新表, en: New}}
    at: [{at}]
    posts: [{post}]
    span: {span}
"""
SPAN = "{of: sessions, before_minutes: 60, after_minutes: 30}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "veterinarian"
    shutil.copytree(HOME / "veterinarian", target)
    return target


def added(folder: Path, **facts: str) -> list[tuple[str, str]]:
    entry = {"code": "new", "rule": "V2.8", "at": "site", "post": "guard", "span": SPAN} | facts
    with (folder / "rosters.yaml").open("a", encoding="utf-8") as file:
        file.write(ENTRY.format(**entry))
    return [(p.file, p.words.en) for p in check_programme(folder) if not p.mild]


def test_a_sound_kind_is_no_problem(folder: Path) -> None:
    assert added(folder) == []


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"rule": "V99.9"}, "rules.yaml has no clause V99.9"),
        ({"post": "sentinel"}, "there is no post “sentinel”"),
        ({"at": "roof"}, "roof"),
        ({"code": "duty"}, "“duty” is written twice"),
        ({"span": "{of: weeks}"}, "weeks"),
        ({"span": "{of: milestones, from: papers_received, until: doomsday}"}, "no milestone “doomsday”"),
        ({"span": "{of: exam_days, from: staffing.dawn, until: staffing.duty_until}"}, "staffing.dawn"),
        ({"span": "{of: sessions, before_minutes: 60}"}, "after_minutes"),
    ],
)
def test_a_kind_names_a_clause_posts_offices_and_hours_that_exist(
    folder: Path, facts: dict[str, str], said: str
) -> None:
    assert any(file == "rosters.yaml" and said in words for file, words in added(folder, **facts))


@pytest.mark.rule("V15.1.4")
def test_duty_is_kept_at_all_three_levels_from_the_eve_until_the_evening() -> None:
    for programme in ("veterinarian", "physician"):
        duty = {kind.code: kind for kind in load_programme(programme).rosters}["duty"]
        assert duty.at == ("centre", "region", "point") and duty.must and duty.span.days_before == 1
        times = [
            value_of(name, programme=programme, as_of=date(2012, 6, 1))
            for name in (duty.span.begins, duty.span.ends)
        ]
        assert [time.fromisoformat(str(when)) for when in times] == [time(15), time(21)]
