"""For trying things out: each message becomes a file that only this machine's administrator can read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keju.kernel.notices.gateways.letters import Letter, Unavailable


class Folder:
    """One file per message in `options["folder"]`, named for its key: sent again it is the same file."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self.folder = Path(options["folder"])

    def send(self, letter: Letter) -> str:
        lines = [letter.channel, letter.kind, letter.language, letter.to, letter.subject, letter.text]
        draft = self.folder / f".{letter.key}.{os.getpid()}"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft.touch(mode=0o600)
            draft.write_text("\n".join(lines) + "\n", "utf-8")
            draft.replace(self.folder / f"{letter.key}.txt")
        except OSError as error:
            raise Unavailable("folder") from error
        return letter.key
