"""The trace finds every way in which code and tests name a clause, and the page it makes does not churn."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from keju.rulebook.trace import Place, render_rules_markdown, trace, unknown_ids


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small project that names clauses in every way."""
    write(
        tmp_path / "src/keju/stages/fees/rules.py",
        """
        from keju.rulebook import Refusal, rule

        @rule("V8.3", "V8.2a")
        def refund_due(): ...

        def check(x):
            yield Refusal("V8.1", "fees.short")
            yield Refusal(rule="V5.4", code="fees.short")

        class Desk:
            @rule("V8.2b")
            def receipt(self): ...

        TEXT = "V9.1"
        """,
    )
    write(
        tmp_path / "src/keju/stages/fees/tests/test_rules.py",
        """
        import pytest

        @pytest.mark.rule("V8.3")
        def test_refund(): assert Refusal("V8.1", "x")

        class TestDesk:
            @pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.rule("V6.2"))])
            def test_more(self, x): ...
        """,
    )
    write(tmp_path / "src/keju/stages/fees/tests/cases.yaml", "- {name: late, rule: V8.2b, refused: [x]}\n")
    write(tmp_path / "tests/test_year.py", 'import pytest\npytestmark = pytest.mark.rule("V7.1", "V99.1")\n')
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text), encoding="utf-8")


def test_places(root: Path) -> None:
    found = trace(root)
    code = "src/keju/stages/fees/rules.py"
    tests = "src/keju/stages/fees/tests/test_rules.py"
    assert len(found) == 147
    assert found["V8.3"].code == (Place(code, "refund_due"),)
    assert found["V8.3"].tests == (Place(tests, "test_refund"),)
    assert found["V8.1"].code == found["V5.4"].code == (Place(code, "check"),)
    assert found["V8.2b"].code == (Place(code, "Desk.receipt"),)
    assert found["V8.2b"].tests == (Place("src/keju/stages/fees/tests/cases.yaml", ""),)
    assert found["V6.2"].tests == (Place(tests, "TestDesk.test_more"),)
    assert found["V7.1"].tests == (Place("tests/test_year.py", ""),)
    assert found["V8.3"].params == ("fees.refund_working_days",)
    assert found["V12.2.2"].duties == ("V12.2.2/point", "V12.2.2/region")


@pytest.mark.parametrize(
    ("clause", "state"),
    [
        ("V8.3", "tested"),
        ("V7.1", "tested"),
        ("V8.1", "code"),  # a test that merely builds the refusal proves nothing
        ("V9.1", "not yet"),  # a string is not a naming
        ("P2.2", "not yet"),
    ],
)
def test_state(root: Path, clause: str, state: str) -> None:
    assert trace(root)[clause].state == state


def test_ids_that_no_programme_has_are_found(root: Path) -> None:
    assert unknown_ids(root) == {"V99.1": (Place("tests/test_year.py", ""),)}


def test_the_page(root: Path) -> None:
    page = render_rules_markdown(root)
    assert page == render_rules_markdown(root)
    assert "| named by a test | 4 |" in page
    assert "| in code only | 3 |" in page
    assert "| not yet | 140 |" in page
    row = next(line for line in page.splitlines() if line.startswith("| V8.3 |"))
    assert "[stages/fees/rules.py · refund_due](../src/keju/stages/fees/rules.py)" in row
    assert "`fees.refund_working_days`" in row and "duty `V8.3`" in row
    assert next(line for line in page.splitlines() if line.startswith("| P2.2 |")).count("not yet") == 2
    assert sum(line.startswith(("| V", "| P")) for line in page.splitlines()) == 147


def test_lines_that_move_do_not_change_the_page(root: Path) -> None:
    page = render_rules_markdown(root)
    path = root / "src/keju/stages/fees/rules.py"
    path.write_text("# a comment\n\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert render_rules_markdown(root) == page
