"""Both programmes' letters: every post that needs one has exactly one; what names nothing is complained of."""

import shutil
from pathlib import Path

import pytest

from keju.rulebook import load_programme
from keju.rulebook.check import check_programme
from keju.rulebook.programmes import HOME


@pytest.mark.parametrize("code", ["veterinarian", "physician"])
def test_every_post_that_needs_a_letter_has_one(code: str) -> None:
    programme = load_programme(code)
    lettered = [post for letter in programme.responsibility.letters for post in letter.posts]
    assert len(lettered) == len(set(lettered))
    assert {post.code for post in programme.posts if post.needs.letter} <= set(lettered)
    assert {chain.at for chain in programme.responsibility.chains} == {"region", "point"}


def test_strange_clauses_and_posts_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "physician"
    shutil.copytree(HOME / "physician", folder)
    assert check_programme(folder) == []
    text = (folder / "letters.yaml").read_text(encoding="utf-8")
    text = text.replace("rule: P6.2, task", "rule: P99, task", 1).replace("[recording_keeper]}", "[nobody]}")
    (folder / "letters.yaml").write_text(text, encoding="utf-8")
    words = [problem.words.en for problem in check_programme(folder)]
    assert words == ["rules.yaml has no clause P99", "there is no post “nobody”"]
