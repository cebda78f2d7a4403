"""The sixth import contract: another stage is reached only through its services and queries."""

import ast
from collections.abc import Iterator
from pathlib import Path

STAGES = Path(__file__).parents[1] / "src" / "keju" / "stages"
DOORS = {"services", "queries"}
#: Exceptions, each with its reason in ADR 9; a new one fails, one that is gone must be struck out here.
EXCEPTIONS = {
    *(f"{stage}/models.py imports keju.stages.{other}" for stage, other in (
        ("seating", "registration.models.Registration"), ("seating", "venues.models.Room"),
        ("seating", "venues.models.Site"), ("tickets", "registration.models.Registration"),
        ("tickets", "seating.models.Plan"), ("tickets", "venues.models.Room"),
    )),
    *(f"review/queries.py imports keju.stages.registration.documents.{name}" for name in (
        "FACTS", "FIELDS", "category_name", "fact_value", "route_name",
    )),
    *(f"review/services/forms.py imports keju.stages.registration.documents.{name}" for name in (
        "SEXES", "category_name", "route_name",
    )),
    "review/pages/counter.py imports keju.stages.registration.documents.category_name",
    "results/services/registers.py imports keju.stages.registration.documents.SEXES",
    "results/services/releasing.py imports keju.stages.marking.rules.scores_digest",
}  # fmt: skip


def offences(root: Path) -> Iterator[str]:
    for path in sorted(root.rglob("*.py")):
        own, *rest = path.relative_to(root).parts
        if "tests" in rest or "migrations" in rest:
            continue
        for module in _imported(ast.parse(path.read_text())):
            parts = module.split(".")
            if (
                parts[:2] == ["keju", "stages"]
                and len(parts) > 3
                and parts[2] != own
                and parts[3] not in DOORS
            ):
                yield f"{path.relative_to(root)} imports {module}"


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_stages_knock_at_the_door() -> None:
    assert set(offences(STAGES)) == EXCEPTIONS


def test_the_check_sees_an_offence(tmp_path: Path) -> None:
    (tmp_path / "fees").mkdir()
    (tmp_path / "fees" / "services.py").write_text(
        "from keju.stages.registration.models import Registration\n"
    )
    (tmp_path / "fees" / "queries.py").write_text("from keju.stages.registration import services\n")
    assert list(offences(tmp_path)) == [
        "fees/services.py imports keju.stages.registration.models.Registration"
    ]
