"""The table at the end of a rehearsal, and its verdict."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from keju.web.rehearsal.proof import Check
from keju.web.rehearsal.running import Measured

COLUMNS = ("阶段 stage", "数量 counts", "秒 seconds", "CPU s", "MB (peak)")


def bars(console: Console) -> Progress:
    """A progress bar for each stage."""
    columns = (TextColumn("{task.description:<14}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console)


def table(measured: Sequence[Measured]) -> Table:
    """What each stage did and what it cost, with the sums below."""
    found = Table(show_footer=False)
    for n, title in enumerate(COLUMNS):
        found.add_column(title, justify="right" if n > 1 else "left")
    for m in measured:
        counts = ", ".join(f"{name} {value:,}" for name, value in m.counts.items())
        found.add_row(m.stage, counts, f"{m.seconds:.1f}", f"{m.cpu:.1f}", f"{m.peak_mb:,.0f}")
    found.add_section()
    seconds, cpu = sum(m.seconds for m in measured), sum(m.cpu for m in measured)
    peak = max(m.peak_mb for m in measured)
    found.add_row("", "", f"{seconds:.1f}", f"{cpu:.1f}", f"{peak:,.0f}")
    return found


def verdict(console: Console, checks: Sequence[Check]) -> bool:
    """Every check is told; True if all hold. Those that do not are named again at the end."""
    for check in checks:
        mark = "[green]✓[/]" if check.holds else "[red]✗[/]"
        console.print(f"{mark} {_said(check)}  [dim]{escape(check.evidence)}[/]", highlight=False)
    failed = [check for check in checks if not check.holds]
    if not failed:
        console.print("全部成立。 Everything holds.", style="green")
    for check in failed:
        console.print(f"不成立 Does not hold: {_said(check)}", style="red", highlight=False)
    return not failed


def _said(check: Check) -> str:
    return escape(f"{check.words.zh} · {check.words.en}")
