"""The sixth import contract: another stage is reached only through its services and queries."""

import ast
from collections.abc import Iterator
from pathlib import Path

STAGES = Path(__file__).parents[1] / "src" / "keju" / "stages"
DOORS = {"services", "queries"}
#: Foreign keys, each with its reason in ADR 9; a new one fails, one that is gone must be struck out here.
EXCEPTIONS = {
    "seating/models.py imports keju.stages.registration.models.Registration",
    "seating/models.py imports keju.stages.venues.models.Room",
    "seating/models.py imports keju.stages.venues.models.Site",
    "staffing/models/recusal.py imports keju.stages.registration.models.Registration",
    "tickets/models.py imports keju.stages.registration.models.Registration",
    "tickets/models.py imports keju.stages.seating.models.Plan",
    "tickets/models.py imports keju.stages.venues.models.Room",
}


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
