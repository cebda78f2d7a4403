"""Every kind of message that a stage names stands in the programmes' messages.yaml, and the other way round."""

import ast
from collections.abc import Iterator
from pathlib import Path

from keju.rulebook import load_programme
from keju.rulebook.programmes import programme_codes

STAGES = Path(__file__).parents[3] / "stages"


def kinds(tree: ast.AST) -> Iterator[str]:
    """Texts given as `kind=` to `tell_candidates`, or anywhere to a function `_tell` of the same file."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        given = [k.value for k in call.keywords if k.arg == "kind"] if name == "tell_candidates" else []
        given += call.args if name == "_tell" else []
        for value in given:
            branches = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
            yield from (b.value for b in branches if isinstance(b, ast.Constant) and isinstance(b.value, str))


def told() -> dict[str, str]:
    found = {}
    for path in sorted(STAGES.rglob("*.py")):
        if "tests" not in path.parts:
            found |= dict.fromkeys(kinds(ast.parse(path.read_text("utf-8"))), path.name)
    return found


def test_every_kind_is_named_in_every_programme() -> None:
    found = told()
    assert {"review.first.passed", "review.second.failed", "results", "certificates"} <= found.keys()
    for code in programme_codes():
        missing = {kind: file for kind, file in found.items() if kind not in load_programme(code).messages}
        assert not missing, f"add to programmes/{code}/messages.yaml (or {code} adopts it): {missing}"


def test_every_kind_of_a_programme_is_sent_by_some_stage() -> None:
    found = told().keys()
    for code in programme_codes():
        never = load_programme(code).messages.keys() - found
        assert not never, (
            f"nobody sends {sorted(never)}: take them out of programmes/{code}/messages.yaml, or send them"
        )


def test_the_search_sees_a_kind() -> None:
    text = "tell_candidates(kind='a')\nn.tell_candidates(kind='b' if x else 'c')\n_tell(e, 'd', w)\nother(kind='e')"
    assert sorted(kinds(ast.parse(text))) == ["a", "b", "c", "d"]
