"""Every clause that code or tests name is one of the law, and the page that says so is up to date."""

from pathlib import Path

from keju.rulebook.trace import render_rules_markdown, trace, unknown_ids

ROOT = Path(__file__).parents[1]


def test_every_clause_named_exists():
    assert unknown_ids(ROOT) == {}


def test_the_page_of_clauses_is_up_to_date():
    written = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert written == render_rules_markdown(ROOT), "docs/rules.md is out of date: run `make docs`"


def test_many_clauses_are_proved():
    proved = sorted(clause for clause, found in trace(ROOT).items() if found.tests)
    assert len(proved) >= 45, proved


def test_an_unknown_clause_is_seen(tmp_path):
    home = tmp_path / "src" / "keju"
    home.mkdir(parents=True)
    named = "V99." + "9"  # not written out: this file is read, too
    (home / "wrong.py").write_text(f'@rule("{named}")\ndef check(): ...\n')
    assert set(unknown_ids(tmp_path)) == {named}
