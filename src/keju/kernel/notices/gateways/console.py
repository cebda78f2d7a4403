"""The default: one masked line in the log, nothing leaves the house."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from keju.kernel.notices.gateways.letters import Letter
from keju.rulebook.texting import parts

log = logging.getLogger("keju.messages")


class Console:
    """Says that a message would have gone out, and to whom roughly; never its text."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        pass

    def send(self, letter: Letter) -> str:
        size = f"{parts(letter.text)} part(s)" if letter.channel == "sms" else f"{len(letter.text)} letters"
        log.warning(
            "%s %s to %s, %s: not sent, there is no gateway",
            letter.channel,
            letter.kind,
            letter.masked_to,
            size,
        )
        return ""
