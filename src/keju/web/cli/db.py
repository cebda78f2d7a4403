"""数据库：启动、停止、准备、迁移 · The database: start, stop, prepare, migrate."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Annotated

import typer
from rich.table import Table

from keju.web.cli._common import console, prepare_and_migrate, running_server
from keju.web.installation import cluster, databases, migrating, orphans, places, sentences
from keju.web.installation.folder import DataFolder
from keju.web.installation.postgres import EmbeddedPostgres

app = typer.Typer(no_args_is_help=True, help=__doc__, pretty_exceptions_enable=False)

Owner = Annotated[bool, typer.Option("--owner", help="以管理员身份 · as the administrator")]


@app.command()
def start() -> None:
    """启动内置服务器并让它继续运行 · Starts the embedded server and leaves it running."""
    if not places.is_embedded():
        console.print("使用外部服务器，无需启动。 An outside server is used, there is nothing to start.")
        return
    server = EmbeddedPostgres(DataFolder.current())
    started = server.start()
    orphans.forget_server(server.folder)  # from now on it is not `keju up` that ends it
    word = "已启动 started" if started else "已在运行 runs already"
    console.print(f"PostgreSQL {word} ({server.pid()}) {server.socket_folder}")


@app.command()
def stop() -> None:
    """停止内置服务器 · Stops the embedded server."""
    server = EmbeddedPostgres(_existing())
    running = server.pid() is not None
    server.stop()
    console.print("已停止。 Stopped." if running else "并未运行。 It was not running.")


@app.command()
def status() -> None:
    """服务器在哪里、是否运行、数据库是否就绪 · Where the server is, whether it runs and is prepared."""
    folder = _existing()
    table = Table(box=None, show_header=False)
    table.add_row("数据文件夹 data folder", str(folder.path))
    table.add_row("数据库 database", places.shown(places.app(folder)))
    if places.is_embedded():
        pid = EmbeddedPostgres(folder).pid()
        table.add_row("内置服务器 embedded server", f"运行中 running ({pid})" if pid else "已停止 stopped")
        if pid is None:
            console.print(table)
            raise typer.Exit(1)
    if not places.has_app_only():
        owner = places.owner(folder)
        made = databases.exists(owner)
        table.add_row("已准备 prepared", "是 yes" if made else "否 no")
        table.add_row("演示 demo", "是 yes" if made and databases.is_demo(owner) else "否 no")
    console.print(table)


@app.command()
def prepare() -> None:
    """建库与应用角色，可重复 · Makes the database and the application's role; safe to repeat."""
    with running_server() as folder:
        owner = places.owner(folder)
        made = databases.prepare(owner, app_password=folder.secrets.app_password)
        word = "已建立 made" if made else "已存在 was there"
        console.print(f"{owner['dbname']}: {word}")


@app.command()
def migrate() -> None:
    """准备并迁移到当前程序的结构 · Prepares, then migrates to the schema of this version."""
    if places.has_app_only():
        raise sentences.no_administrator()
    with running_server() as folder:
        console.print(prepare_and_migrate(folder), markup=False, highlight=False, end="")


@app.command()
def shell(owner: Owner = False) -> None:
    """打开 psql · Opens psql."""
    with running_server() as folder:
        place = places.owner(folder) if owner else places.app(folder)
        password = place.pop("password", "")
        done = subprocess.run(  # noqa: S603
            [str(cluster.binaries() / "psql"), migrating.url(place)],
            env={**os.environ, "PGPASSWORD": password}, check=False,
        )  # fmt: skip
    sys.exit(done.returncode)


@app.command()
def url(owner: Owner = False) -> None:
    """打印连接字符串，含密码 · Prints the connection string, with its password."""
    folder = _existing()
    print(migrating.url(places.owner(folder) if owner else places.app(folder)))


def _existing() -> DataFolder:
    folder = DataFolder.current()
    if places.is_embedded() and not folder.exists():
        raise sentences.not_prepared()
    return folder
