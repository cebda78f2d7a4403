"""Ways out of the house: one gateway per channel, chosen by a setting (docs/guide/messages.md).

A gateway is any class with `__init__(options)` and `send(letter) -> str`, the provider's own id or "". It raises
`Refused` for a letter that will never go out, and `Unavailable` for anything that may be better later.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from keju.kernel.notices.gateways.letters import Letter, Refused, Sender, Unavailable

__all__ = ["Letter", "Refused", "Sender", "Unavailable", "gateway"]

BUILT_IN = {
    "console": "keju.kernel.notices.gateways.console.Console",
    "folder": "keju.kernel.notices.gateways.folder.Folder",
    "smtp": "keju.kernel.notices.gateways.smtp.Smtp",
    "http": "keju.kernel.notices.gateways.http.Http",
}


@cache
def gateway(channel: str) -> Sender:
    """The channel's gateway as this installation has set it. A setting that names nothing is an error at once."""
    options: Mapping[str, Any] = settings.GATEWAYS[channel]
    name = str(options["adapter"])
    made: Sender = import_string(BUILT_IN.get(name, name))(options)
    return made
