"""演练整个考试年度并自证 · Rehearses a whole exam year and proves it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from keju.web.cli._common import console, with_django
from keju.web.rehearsal.scratch import scratch

if TYPE_CHECKING:
    from keju.web.rehearsal.proof import Check
    from keju.web.rehearsal.running import Measured

app = typer.Typer(pretty_exceptions_enable=False)


@app.command()
def rehearse(
    programme: Annotated[str, typer.Option(help="项目 · programme")] = "veterinarian",
    year: Annotated[int, typer.Option(help="年度 · year")] = 2011,
    candidates: Annotated[int, typer.Option(min=310, max=10_000_000, help="考生人数 · candidates")] = 3000,
    seed: Annotated[int, typer.Option(help="随机种子：相同则结果逐字节相同 · same seed, same bytes")] = 1,
    out: Annotated[Path | None, typer.Option(help="文书输出文件夹 · folder for the documents")] = None,
    until: Annotated[str, typer.Option(help="做到哪个阶段为止 · the last stage to run")] = "archive",
    pdfs: Annotated[bool, typer.Option("--pdfs/--no-pdfs", help="是否生成文书 · write the documents")] = True,
) -> None:
    """演练整个考试年度：31个考区、同样的服务、拨动的时钟，最后自己证明结果正确 · Rehearses a whole exam year and proves it.

    在专用的临时数据库里进行，不碰任何其他数据。 Runs in a scratch database of its own and touches nothing else.
    """
    if out is not None:
        _empty(out)
    with scratch(seed):
        with_django()
        from keju.web.rehearsal.calendar import calendar  # noqa: PLC0415  after Django is set up
        from keju.web.rehearsal.proof import prove  # noqa: PLC0415
        from keju.web.rehearsal.running import run_steps  # noqa: PLC0415
        from keju.web.rehearsal.steps import STEPS, until_stage  # noqa: PLC0415
        from keju.web.rehearsal.world import World  # noqa: PLC0415

        world = World(programme, year, candidates, seed, calendar(year), out if pdfs else None)
        steps = until_stage(STEPS, until)
        with _bars() as bars:
            measured = list(run_steps(world, steps, lambda step, w: _bar(bars, step.stage, step.total(w))))
        _table(measured)
        checks = prove(world, [s.stage for s in steps])
    failed = _verdict(checks)
    if failed:
        raise typer.Exit(1)


def _empty(out: Path) -> None:
    """The folder is new, or holds an earlier rehearsal's documents, which go; anything else is not touched."""
    mark = out / ".keju-rehearsal"
    if out.exists() and any(out.iterdir()) and not mark.exists():
        console.print(
            f"{out} 不是空文件夹，也不是以前演练的输出。请换一个。 Not empty and not an earlier rehearsal's: choose another.",
            style="red",
        )
        raise typer.Exit(2)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    mark.touch()


def _bars() -> Progress:
    columns = (TextColumn("{task.description:<14}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console)


def _bar(bars: Progress, name: str, total: int):
    task = bars.add_task(name, total=max(total, 1))
    return lambda done: bars.advance(task, done)


def _table(measured: list[Measured]) -> None:
    table = Table()
    for title, justify in (("stage", "left"), ("counts", "left"), ("seconds", "right"), ("peak MB", "right")):
        table.add_column(title, justify=justify)  # type: ignore[arg-type]
    for m in measured:
        counts = ", ".join(f"{n} {v:,}" for n, v in m.counts.items())
        table.add_row(m.stage, counts, f"{m.seconds:.1f}", f"{m.peak_mb:,.0f}")
    table.add_row("", "", f"{sum(m.seconds for m in measured):.1f}", "")
    console.print(table)


def _verdict(checks: list[Check]) -> int:
    for check in checks:
        mark = "[green]✓[/]" if check.holds else "[red]✗[/]"
        console.print(
            f"{mark} {check.words.zh} · {check.words.en}  [dim]{check.evidence}[/]", highlight=False
        )
    failed = sum(not c.holds for c in checks)
    if failed:
        console.print(f"有 {failed} 项不成立。 {failed} do not hold.", style="red")
    else:
        console.print("全部成立。 Everything holds.", style="green")
    return failed
