"""检查一个考试项目的数据 · Checks a programme that somebody wrote: `keju programme check DIR`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from keju.rulebook.check import check_programme
from keju.web.cli._common import console

app = typer.Typer(pretty_exceptions_enable=False)


@app.callback()
def programme() -> None:
    """考试项目 · Programmes."""


@app.command()
def check(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="项目文件夹 · the programme's folder")],
) -> None:
    """检查一个考试项目的数据，用写的人看得懂的话说明问题 · Says what is wrong with a programme, in its author's words."""
    problems = check_programme(folder)
    for problem in problems:
        where = f"{problem.file}:{problem.line}" if problem.line else problem.file
        console.print(f"[bold]{where}[/]  {problem.place}", highlight=False)
        console.print(f"  {problem.words.zh}\n  {problem.words.en}", highlight=False)
    faults = [problem for problem in problems if not problem.mild]
    if faults:
        console.print(f"发现 {len(faults)} 个问题。 {len(faults)} problems.", style="red")
        raise typer.Exit(1)
    console.print("没有发现问题。 Nothing wrong.", style="green")
