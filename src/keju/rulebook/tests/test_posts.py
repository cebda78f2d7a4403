"""Posts as programmes write them: counts, who appoints, who may fill them."""

import shutil
from pathlib import Path

import pytest

from keju.rulebook import load_programme
from keju.rulebook.check import check_programme
from keju.rulebook.programmes import HOME

ENTRY = """posts:
  - code: new
    at: {at}
    rule: {rule}
    name: {{zh: 新岗位, en: New post}}
    appointed_by: {by}
    quota: {{per: {per}, min: {min}, max: {max}}}
    needs: {{recusal: true{needs}}}
"""


def problems(tmp_path: Path, **facts: str) -> list[str]:
    folder = tmp_path / "veterinarian"
    shutil.copytree(HOME / "veterinarian", folder)
    entry = {"at": "site", "rule": "V2.8", "by": "point", "per": "site", "min": "1", "max": "2", "needs": ""}
    path = folder / "programme.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("posts:\n", ENTRY.format(**entry | facts), 1), encoding="utf-8")
    return [p.words.en for p in check_programme(folder) if not p.mild]


def test_a_sound_post_is_no_problem(tmp_path: Path) -> None:
    assert problems(tmp_path, min="staffing.deputies_min", max="staffing.deputies_max") == []


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"rule": "V99.9"}, "rules.yaml has no clause V99.9"),
        ({"at": "region", "per": "region"}, "a post at a region cannot be appointed by what is below it (point)"),
        ({"per": "region"}, "a post at a site is counted per site, floor, room, not per region"),
        ({"min": "staffing.dwarfs"}, "there is no whole-number parameter “staffing.dwarfs”"),
        ({"min": "3"}, "at most 2 is less than at least 3"),
        ({"min": "staffing.deputies_min", "max": "1"}, "at most 1 is less than at least 2"),
        ({"needs": ", uniform: true"}, "“uniform” is not known"),
        ({"by": "king"}, "king"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(tmp_path: Path, facts: dict[str, str], said: str) -> None:
    found = problems(tmp_path, **facts)
    assert any(said in words for words in found), found


@pytest.mark.rule("P4.1")
def test_who_leads_is_a_matter_of_the_programme() -> None:
    """P4.1 against V1.4 and V2.3: the same posts, other leaders in them."""
    vet, phy = load_programme("veterinarian"), load_programme("physician")
    held = {
        (programme.code, code): post.holder.en if (post := programme.post(code)) and post.holder else ""
        for programme in (vet, phy)
        for code in ("region_leader", "region_director", "chief_examiner")
    }
    assert held["physician", "region_leader"].startswith("Principal leader of the provincial")
    assert held["physician", "region_director"].startswith("Deputy leader in charge of the provincial")
    assert held["physician", "chief_examiner"].startswith("Deputy leader in charge of the prefecture")
    assert held["veterinarian", "chief_examiner"].startswith("Principal leader of the prefecture")
    assert vet.post("region_director") is None
    led = ("region_leader", "region_director", "chief_examiner")
    assert {post.rule for post in phy.posts if post.code in led} == {"P4.1"}


def test_posts_of_chapter_two_and_who_appoints_them() -> None:
    vet = load_programme("veterinarian")
    by = {
        post.code: (post.rule, post.appointed_by, post.quota.per if post.quota else "") for post in vet.posts
    }
    assert by["inspector"] == ("V2.1", "committee", "region")
    assert by["supervisor"] == ("V2.2", "region", "point")
    assert by["patrol"] == ("V2.5", "point", "floor")
    assert by["invigilator"] == ("V2.7", "point", "room")
    assert [post.code for post in vet.posts if post.needs.sector_ban] == ["invigilator"]
    assert all(post.needs.recusal for post in vet.posts)
