"""Where each clause lives: code, tests, parameters, duties. Read from the source, never kept by hand."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from keju.rulebook.clauses import CLAUSE_ID
from keju.rulebook.model import STAGES, Clause
from keju.rulebook.programmes import load_programme, programme_codes

_MAYBE = re.compile(r"\b(rule|Refusal)\b")
_CASE = re.compile(r"\brules?:\s*\[?\"?([A-Z]{1,4}[0-9.]+[a-z]?)")


@dataclass(frozen=True, order=True)
class Place:
    """A file, relative to the root of the project, and the function or class in it ("" for the file)."""

    file: str
    name: str


@dataclass(frozen=True)
class Trace:
    """Every place of one clause, each list sorted and without repetition."""

    clause: Clause
    code: tuple[Place, ...]
    tests: tuple[Place, ...]
    params: tuple[str, ...]
    duties: tuple[str, ...]

    @property
    def state(self) -> str:
        """tested: a test names it; code: code names it and no test does; not yet: neither."""
        return "tested" if self.tests else "code" if self.code else "not yet"


def trace(root: Path) -> Mapping[str, Trace]:
    """Clause id → its places in the project at ``root``, for the clauses of all programmes, in order."""
    named: dict[str, tuple[set[Place], set[Place]]] = {}
    for place, id_, is_test in _named(root):
        named.setdefault(id_, (set(), set()))[is_test].add(place)
    duties: dict[str, set[str]] = {}
    clauses: dict[str, Clause] = {}
    for code in programme_codes():
        programme = load_programme(code)
        clauses.update({id_: programme.rules[id_] for id_ in programme.own_rules})
        for duty in programme.duties:
            duties.setdefault(duty.rule, set()).add(duty.code)
    found = {}
    for id_, clause in clauses.items():
        in_code, in_tests = named.get(id_, (set(), set()))
        owed = tuple(sorted(duties.get(id_, ())))
        found[id_] = Trace(clause, tuple(sorted(in_code)), tuple(sorted(in_tests)), clause.params, owed)
    return found


def unknown_ids(root: Path) -> dict[str, tuple[Place, ...]]:
    """Clause ids that code or tests outside the rulebook name, though no programme has them."""
    known = {id_ for code in programme_codes() for id_ in load_programme(code).own_rules}
    found: dict[str, set[Place]] = {}
    for place, clause, _ in _named(root):
        if clause not in known and "/rulebook/" not in place.file:
            found.setdefault(clause, set()).add(place)
    return {clause: tuple(sorted(places)) for clause, places in sorted(found.items())}


def _named(root: Path) -> Iterator[tuple[Place, str, bool]]:
    """(place, clause id, whether in a test) for every naming in the source tree."""
    for base in (root / "src", root / "tests"):
        for path in sorted(base.rglob("*.py")):
            relative = path.relative_to(root)
            is_test = "tests" in relative.parts
            text = path.read_text(encoding="utf-8")
            if _MAYBE.search(text):
                finder = _Finder(relative.as_posix(), is_test)
                finder.visit(ast.parse(text))
                yield from finder.found
        for path in sorted(base.rglob("tests/**/*.yaml")):
            for clause in _CASE.findall(path.read_text(encoding="utf-8")):
                yield Place(path.relative_to(root).as_posix(), ""), clause, True


class _Finder(ast.NodeVisitor):
    """Collects the clause ids that a module names, each with the outermost function or class around it."""

    def __init__(self, file: str, is_test: bool) -> None:
        self.file, self.is_test = file, is_test
        self.found: list[tuple[Place, str, bool]] = []
        self._names: list[str] = []

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef) -> None:
        self._names.append(node.name)
        self.generic_visit(node)
        self._names.pop()

    visit_ClassDef = visit_FunctionDef  # noqa: N815
    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if self.is_test:
            # only a mark is a proof; a test may build refusals for other reasons
            if name == "rule" and isinstance(node.func, ast.Attribute) and _is_mark(node.func.value):
                self._add(node.args)
        else:
            if name == "rule":
                self._add(node.args)
            elif name == "Refusal":
                self._add(node.args[:1])
            self._add([keyword.value for keyword in node.keywords if keyword.arg == "rule"])
        self.generic_visit(node)

    def _add(self, values: list[ast.expr]) -> None:
        for value in values:
            if (
                isinstance(value, ast.Constant)
                and isinstance(value.value, str)
                and CLAUSE_ID.fullmatch(value.value)
            ):
                self.found.append((Place(self.file, ".".join(self._names)), value.value, self.is_test))


def _is_mark(node: ast.expr) -> bool:
    return getattr(node, "attr", getattr(node, "id", "")) == "mark"


def render_rules_markdown(root: Path) -> str:
    """``docs/rules.md``: how many clauses are covered, then stage by stage where each lives."""
    traces = trace(root)
    states = [found.state for found in traces.values()]
    lines = [
        "# The rules, and where they live",
        "",
        "Generated by `make docs` from `@rule`, refusals, test marks and programme files; do not edit.",
        "",
        "| | rules |",
        "| --- | ---: |",
        f"| named by a test | {states.count('tested')} |",
        f"| in code only | {states.count('code')} |",
        f"| not yet | {states.count('not yet')} |",
        f"| all | {len(states)} |",
    ]
    for stage in STAGES:
        rows = [found for found in traces.values() if found.clause.stage == stage]
        if rows:
            lines += ["", f"## {stage}", "", "| rule | kind | what must hold | code | tests | data |"]
            lines += ["| --- | --- | --- | --- | --- | --- |", *map(_row, rows)]
    return "\n".join(lines) + "\n"


def _row(found: Trace) -> str:
    clause = found.clause
    data = [f"`{name}`" for name in found.params] + [f"duty `{code}`" for code in found.duties]
    nothing = "not yet" if found.state == "not yet" else ""
    cells = [
        clause.id,
        clause.kind,
        clause.text.en,
        "<br>".join(map(_link, found.code)) or nothing,
        "<br>".join(map(_link, found.tests)) or nothing,
        "<br>".join(data),
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _link(place: Place) -> str:
    file = place.file.removeprefix("src/keju/")
    label = f"{file} · {place.name}" if place.name else file
    return f"[{label}](../{place.file})"
