"""生成文档：规则覆盖表、状态图、接口 · Writes the generated pages below docs/, or checks that they are up to date."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

import keju
from keju.rulebook.trace import render_rules_markdown, unknown_ids
from keju.web.cli._common import console, with_django

app = typer.Typer(pretty_exceptions_enable=False)


@app.command()
def docs(check: Annotated[bool, typer.Option("--check", help="只检查 · only check")] = False) -> None:
    """生成文档，或检查是否与代码一致 · Writes the generated docs, or checks that they say what the code says."""
    root = Path(keju.__file__).parents[2]
    strangers = unknown_ids(root)
    for place, ids in sorted(strangers.items()):
        console.print(f"未知规则编号 unknown rule id: {place} {ids}", style="red", highlight=False)
    stale = []
    for path, text in _pages(root):
        if path.exists() and path.read_text("utf-8") == text:
            continue
        if check:
            stale.append(path.relative_to(root))
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            console.print(f"{path.relative_to(root)}")
    for name in stale:
        console.print(f"{name}: 与代码不一致，请运行 make docs。 Out of date: run make docs.", style="red")
    if stale or strangers:
        raise typer.Exit(1)


def _pages(root: Path) -> Iterator[tuple[Path, str]]:
    yield root / "docs" / "rules.md", render_rules_markdown(root)
    with_django()
    from keju.web.reference import openapi, states  # noqa: PLC0415  after Django is set up

    yield root / "docs" / "states.md", states()
    yield root / "docs" / "openapi.json", openapi()
