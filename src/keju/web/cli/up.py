"""启动全部：数据库、迁移、网页、后台任务 · Starts the whole: database, migration, web server, worker."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from keju.web.cli import commands
from keju.web.cli._common import console
from keju.web.installation import up as whole
from keju.web.installation.demo import Papers, Wanted

app = typer.Typer(pretty_exceptions_enable=False)


@app.command()
def up(
    port: Annotated[int, typer.Option(envvar="PORT", min=1, max=65535)] = 8000,
    host: Annotated[str, typer.Option(envvar="HOST", help="0.0.0.0 = 对外 for everybody")] = "127.0.0.1",
    demo: Annotated[bool, typer.Option("--demo", help="空库时载入演示 · loads the demo if empty")] = False,
    province: Annotated[
        int, typer.Option(help="改为载入一个省，这么多考生 · with --demo: a province of so many candidates")
    ] = 0,
    papers: Annotated[
        Papers | None,
        typer.Option(
            help="改为载入一个考区，试卷到这一步 · with --demo: one region, its papers come this far"
        ),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="网页进程数 · web processes")] = 2,
) -> None:
    """启动全部：数据库、迁移、网页、后台任务 · Starts the whole: database, migration, web server, worker.

    Ctrl-C 停止由它启动的一切 · Ctrl-C stops everything that it started.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keju.web.settings")
    wanted = Wanted(province, papers) if demo else None
    plan = whole.Plan(host=host, port=port, demo=wanted, workers=workers, has_worker="worker" in commands())
    raise typer.Exit(whole.run(plan, say=console.print))
