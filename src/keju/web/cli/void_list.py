"""作废准考证清单：导出、离线核验 · Lists of void tickets for devices: written and checked, `keju void-list`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from keju.algorithms import voidlist
from keju.algorithms.merkle import NoteRefused
from keju.web.cli._common import console, running_database, with_django

app = typer.Typer(pretty_exceptions_enable=False)


@app.callback()
def void_list() -> None:
    """作废准考证清单 · Lists of void tickets."""


@app.command()
def write(
    exam: Annotated[str, typer.Argument(help="考试 · exam, e.g. vet-2011")],
    place: Annotated[
        str, typer.Argument(help="承考考点或考试地点 · host point or site, e.g. 1301 or 1301-02")
    ],
    out: Annotated[Path | None, typer.Option(help="写入文件 · file to write")] = None,
) -> None:
    """导出签名清单 · Writes the signed list of the host's tickets that no longer hold."""
    with running_database():
        with_django()
        from keju.kernel.documents import codes  # noqa: PLC0415
        from keju.kernel.exams import queries as exams  # noqa: PLC0415
        from keju.stages.tickets import queries  # noqa: PLC0415

        version, text = queries.void_list(exams.exam(exam), place.partition("-")[0])
        key = codes.public_key().hex()
    if out is None:
        print(text, end="")
        return
    out.write_text(text, "utf-8")
    console.print(f"第 {version} 版 version {version} → {out}", highlight=False)
    console.print(f"公钥 public key {key}", highlight=False)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="清单文件 · the list")],
    exam: Annotated[str, typer.Argument(help="考试 · exam")],
    host: Annotated[str, typer.Argument(help="承考考点 · host point")],
    key: Annotated[str, typer.Option(help="公钥（十六进制） · public key, hexadecimal")],
    at_least: Annotated[int, typer.Option(help="已有版本 · version held already")] = 0,
) -> None:
    """不联网核验清单 · Checks a list without database or network and says what it holds."""
    try:
        text = file.read_text("utf-8")
        found = voidlist.read(text, bytes.fromhex(key), exam=exam, host=host, at_least=at_least)
    except (NoteRefused, ValueError, OSError) as error:
        console.print(f"清单不可用：{error}  The list is not to be used.", style="red", highlight=False)
        raise typer.Exit(1) from error
    revoked = sum(code is None for code in found.entries.values())
    console.print(
        f"第 {found.version} 版 version {found.version}: {len(found.entries) - revoked} 换发 reissued, {revoked} 作废 revoked",
        highlight=False,
    )
