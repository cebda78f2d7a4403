"""Reference pages made from the code: state diagrams and the API's description."""

import json
from importlib import import_module
from pathlib import Path

from keju.web import settings
from keju.web.api import api

HEAD = """# States

Drawn from the transition tables beside the models by `make docs`; do not edit.
"""


def states() -> str:
    """A Mermaid state diagram for every stage that has a transition table."""
    parts = [HEAD]
    for stage in settings.STAGES:
        if not _has_models(stage):
            continue
        models = import_module(f"keju.stages.{stage}.models")
        for name in sorted(n for n in vars(models) if n.endswith("TRANSITIONS")):
            title = (
                stage if name == "TRANSITIONS" else f"{stage}: {name.removesuffix('_TRANSITIONS').lower()}"
            )
            parts.append(f"## {title}\n\n```mermaid\nstateDiagram-v2\n{_edges(getattr(models, name))}\n```\n")
    return "\n".join(parts)


def openapi() -> str:
    """The API's OpenAPI description, stable in order."""
    return (
        json.dumps(api.get_openapi_schema(), indent=1, sort_keys=True, ensure_ascii=False, default=str) + "\n"
    )


def _edges(table: dict[object, dict[str, object]]) -> str:
    return "\n".join(
        f"  {_name(start)} --> {_name(end)}: {verb}"
        for start, moves in table.items()
        for verb, end in moves.items()
    )


def _name(state: object) -> str:
    return str(getattr(state, "value", state))


def _has_models(stage: str) -> bool:
    folder = Path(__file__).parents[1] / "stages" / stage
    return (folder / "models.py").exists() or (folder / "models" / "__init__.py").exists()
