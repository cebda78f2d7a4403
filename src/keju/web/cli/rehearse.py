"""演练整个考试年度并自证 · Rehearses a whole exam year and proves it."""

from __future__ import annotations

import errno
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Annotated

import typer

from keju.web.cli._common import console, with_django
from keju.web.installation.sentences import disk_full
from keju.web.rehearsal.asking import Asking
from keju.web.rehearsal.scratch import scratch

app = typer.Typer(pretty_exceptions_enable=False)

FAILED, INTERRUPTED = 1, 130


@app.command()
def rehearse(
    programme: Annotated[str, typer.Option(help="项目 · programme")] = "veterinarian",
    year: Annotated[int, typer.Option(help="年度 · year")] = 2011,
    candidates: Annotated[
        int, typer.Option(max=10_000_000, help="考生人数，每考区至少20名 · candidates, at least 20 a region")
    ] = 3000,
    region: Annotated[
        list[str] | None,
        typer.Option(help="只演练这些考区（两位代码，可重复） · these regions only (two digits, repeatable)"),
    ] = None,
    seed: Annotated[int, typer.Option(help="随机种子：相同则结果逐字节相同 · same seed, same bytes")] = 1,
    out: Annotated[
        Path | None,
        typer.Option(help="文书和档案的输出文件夹 · folder for documents and archive"),
    ] = None,
    until: Annotated[str, typer.Option(help="做到哪个阶段为止 · the last stage to run")] = "archive",
    pdfs: Annotated[
        bool,
        typer.Option("--pdfs/--no-pdfs", help="是否在输出文件夹里生成文书 · print the documents into it"),
    ] = True,
) -> None:
    """演练整个考试年度：31个考区、同样的服务、拨动的时钟，最后自己证明结果正确 · Rehearses a whole exam year and proves it.

    在专用的临时数据库里进行，不碰任何其他数据。 Runs in a scratch database of its own and touches nothing else.
    """
    asking = Asking(programme, year, candidates, tuple(sorted(set(region or ()))), until, out)
    asking.check()
    try:
        with _stoppable() as check:
            asking.make_room()
            with scratch(seed):
                with_django()
                holds = _run(asking, seed, check, pdfs=pdfs)
    except KeyboardInterrupt:
        console.print("已中断；临时数据库已删除。 Interrupted; the scratch database is gone.", style="red")
        raise typer.Exit(INTERRUPTED) from None
    except OSError as error:
        if out is None or error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise disk_full(out) from error
    if not holds:
        raise typer.Exit(FAILED)


def _run(asking: Asking, seed: int, check: Callable[[], None], *, pdfs: bool) -> bool:
    # Only now can models be imported.
    from keju.web.rehearsal.calendar import calendar  # noqa: PLC0415
    from keju.web.rehearsal.proof import prove  # noqa: PLC0415
    from keju.web.rehearsal.running import run_steps  # noqa: PLC0415
    from keju.web.rehearsal.steps import STEPS, until_stage  # noqa: PLC0415
    from keju.web.rehearsal.telling import bars, table, verdict  # noqa: PLC0415
    from keju.web.rehearsal.world import Step, Tick, World  # noqa: PLC0415

    world = World(
        asking.programme, asking.year, asking.candidates, seed, calendar(asking.year), asking.out, pdfs=pdfs
    )
    world.region_codes = asking.regions
    steps = until_stage(STEPS, asking.until)
    with bars(console) as shown:

        def bar(step: Step, world: World) -> Tick:
            check()
            task = shown.add_task(step.stage, total=max(step.total(world), 1))

            def tick(done: int) -> None:
                check()
                shown.advance(task, done)

            return tick

        measured = list(run_steps(world, steps, bar))
    console.print(table(measured))
    return verdict(console, prove(world, [s.stage for s in steps]))


@contextmanager
def _stoppable() -> Iterator[Callable[[], None]]:
    """Inside, being told to end is the same as Ctrl-C: the server and the scratch folder go.

    Gives what raises it anew: Python drops an exception that comes in a callback of its own, such as that of an import's lock.
    """
    told = Event()

    def stop(*_: object) -> None:
        told.set()
        raise KeyboardInterrupt

    def check() -> None:
        if told.is_set():
            raise KeyboardInterrupt

    heard = [s for s in (signal.SIGTERM, signal.SIGINT) if signal.getsignal(s) is not signal.SIG_IGN]
    before = {number: signal.signal(number, stop) for number in heard}
    try:
        yield check
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
