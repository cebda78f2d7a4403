"""核对审计日志，找出任何改动 · Recomputes the audit log and names every altered row: `keju audit verify`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from keju.web.cli._common import console, running_database, with_django

app = typer.Typer(pretty_exceptions_enable=False)


@app.callback()
def audit() -> None:
    """审计日志 · The audit log."""


@app.command()
def verify(
    checkpoints: Annotated[
        Path | None, typer.Option(help="库外检查点文件夹 · folder of checkpoints kept outside the database")
    ] = None,
) -> None:
    """逐条重算，与签名检查点核对 · Recomputes every event and compares with every signed checkpoint."""
    with running_database():
        with_django()
        from keju.kernel.audit.verification import verify as recompute  # noqa: PLC0415
        from keju.kernel.offices import Actor, acting  # noqa: PLC0415

        with acting(Actor.system("verifier")):
            result = recompute(checkpoints)
    console.print(
        f"{result.events:,} 条 events · {result.checkpoints} 检查点 checkpoints · {result.root.hex()}"
    )
    for finding in result.findings[:200]:
        console.print(
            f"  {finding.place}: {finding.words.zh} · {finding.words.en}", style="red", highlight=False
        )
    if not result.sound:
        console.print(f"发现 {len(result.findings)} 处不符。 {len(result.findings)} findings.", style="red")
        raise typer.Exit(1)
    console.print("日志完整无改动。 The log is as it was written.", style="green")


@app.command()
def sign() -> None:
    """立即排序并签发检查点 · Places every waiting event and signs a checkpoint now."""
    with running_database():
        with_django()
        from keju.kernel.audit.sequencing import sequence_and_sign  # noqa: PLC0415
        from keju.kernel.calendar import now  # noqa: PLC0415

        placed = sequence_and_sign(now())
    console.print(f"{placed:,} 条 events")
