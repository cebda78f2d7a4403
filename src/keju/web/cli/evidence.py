"""离线核验试卷交接证据 · Checks evidence files of custody without a database: `keju evidence verify`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from keju.stages.custody.rules.evidence import UnusableKeys, check_package, read_keys
from keju.web.cli._common import console, running_database, with_django

app = typer.Typer(pretty_exceptions_enable=False)
SHOWN = 200


@app.callback()
def evidence() -> None:
    """试卷交接证据 · Evidence files of custody."""


@app.command()
def verify(
    file: Annotated[
        Path,
        typer.Argument(
            help="证据包（.zip）或解开的文件夹 · the archive, or the folder that it was unpacked to"
        ),
    ],
    keys: Annotated[Path, typer.Option(help="公钥文件，须另行取得 · public keys, got from elsewhere")],
) -> None:
    """不联网、不用数据库，逐项核验 · Checks every digest, proof, signature and step, without database or network."""
    try:
        pinned = read_keys(keys.read_text("utf-8"))
    except (UnusableKeys, OSError, UnicodeDecodeError) as error:
        console.print(
            f"公钥文件不可用。 The file of public keys cannot be used: {error}", style="red", highlight=False
        )
        raise typer.Exit(2) from error
    found = check_package(file, pinned)
    for finding in found.findings[:SHOWN]:
        console.print(
            f"  {finding.place}: {finding.words.zh} · {finding.words.en}",
            style="red",
            highlight=False,
            markup=False,
        )
    if not found.sound:
        n = len(found.findings)
        console.print(
            f"发现 {n} 处不符，不能作为证据。 {n} findings: this is no evidence.",
            style="red",
            highlight=False,
        )
        raise typer.Exit(1)
    console.print(f"{found.about}", highlight=False, markup=False)
    console.print(
        f"{found.containers:,} 件 containers · {found.steps:,} 步 steps · {found.events:,} 条审计事件 audit events · "
        f"日志 log {found.log_size:,}",
        highlight=False,
    )
    console.print(
        "签名、摘要、日志证明和交接链全部成立。 Signatures, digests, log proofs and the chain all hold.",
        style="green",
    )


@app.command("chain")
def check_chain(
    exam: Annotated[
        str, typer.Argument(help="考试代码，不写则逐一核验 · the exam; all of them without")
    ] = "",
) -> None:
    """在库内重算交接链，与审计日志核对 · Recomputes the chain in the database and holds it against the audit log."""
    found = 0
    with running_database():
        with_django()
        from keju.kernel.exams import queries as exams  # noqa: PLC0415
        from keju.kernel.offices import Actor, acting  # noqa: PLC0415
        from keju.stages.custody.queries.verifying import differences  # noqa: PLC0415

        with acting(Actor.system("verifier")):
            for row in [exams.exam(exam)] if exam else exams.exams():
                for n, one in enumerate(differences(row)):
                    found += 1
                    if n < SHOWN:
                        console.print(
                            f"  {row.slug} {one.subject}: {one.words.zh} · {one.words.en}",
                            style="red",
                            highlight=False,
                        )
    if found:
        console.print(f"发现 {found} 处不符。 {found} findings.", style="red")
        raise typer.Exit(1)
    console.print(
        "交接链与审计日志一致；日志本身用 keju audit verify 核验。 The chain is as the log says; `keju audit verify` judges "
        "the log.",
        style="green",
    )


@app.command("keys")
def show_keys() -> None:
    """本系统的公钥，供调查人另行取得 · This installation's public keys, for investigators to have from elsewhere."""
    with running_database():
        with_django()
        from keju.stages.custody.services.evidence import public_keys  # noqa: PLC0415

        for key in public_keys():
            print(key)
