"""一条规则在法条、参数、代码、测试、界面中的位置 · Everywhere a rule stands: `keju rule V8.3`."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

import typer

import keju
from keju.rulebook.trace import Place, trace
from keju.web.cli._common import console

app = typer.Typer(pretty_exceptions_enable=False)


@app.command()
def rule(
    rule_id: Annotated[str, typer.Argument(metavar="ID", help="例如 V8.3 · for example V8.3")],
    programme: Annotated[str, typer.Option(help="项目 · programme")] = "veterinarian",
) -> None:
    """一条规则在法条、参数、代码、测试中的位置 · Everywhere a rule stands: `keju rule V8.3`."""
    traces = trace(Path(keju.__file__).parents[2])
    if rule_id not in traces:
        near = get_close_matches(rule_id, traces, n=5, cutoff=0.4)
        console.print(f"没有规则 {rule_id}。 No rule {rule_id}.  → {' '.join(near)}", style="red")
        raise typer.Exit(2)
    found = traces[rule_id]
    clause = found.clause
    console.print(f"[bold]{clause.id}[/]  {clause.stage} · {clause.kind}")
    for words in (clause.who, clause.text, clause.done, clause.note):
        if words:
            console.print(f"  {words.zh}\n  {words.en}\n", highlight=False)
    for title, places in (
        ("代码 code", found.code),
        ("测试 tests", found.tests),
        ("参数 parameters", found.params),
        ("任务 duties", found.duties),
    ):
        console.print(f"[bold]{title}[/]")
        for place in places:
            console.print(f"  {_said(place)}", highlight=False)
        if not places:
            console.print("  —")
    console.print(f"/rules/{clause.id}/")


def _said(place: object) -> str:
    """A code or test place as file · name; a parameter or duty as it is."""
    return f"{place.file} · {place.name}" if isinstance(place, Place) else str(place)
