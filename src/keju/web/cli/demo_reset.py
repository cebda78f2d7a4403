"""清除演示数据，密钥保留 · Wipes the demo and only the demo; the keys stay."""

from __future__ import annotations

import shutil

import typer

from keju.web.cli._common import console, running_server
from keju.web.installation import databases, places, sentences, up
from keju.web.installation.folder import DataFolder

app = typer.Typer(pretty_exceptions_enable=False)


@app.command()
def demo_reset() -> None:
    """清除演示数据，密钥保留 · Wipes the demo and only the demo; the keys stay."""
    folder = DataFolder.current()
    if places.is_embedded() and not folder.exists():
        raise sentences.not_prepared()
    with up.alone(folder), running_server():
        gone = databases.drop_demo(places.owner(folder))
        if gone:
            # uploads and checkpoints belong to the database that is gone
            for part in (folder.files, folder.checkpoints):
                shutil.rmtree(part)
            folder.make()
    console.print("演示数据已清除。 The demo is wiped." if gone else "没有演示数据。 There was no demo.")
