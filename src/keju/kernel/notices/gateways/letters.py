"""What is handed to a gateway, and what it may say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

CODE = re.compile(r"[a-z0-9_.-]{1,40}")


@dataclass(frozen=True)
class Letter:
    """One message as it goes out. `to` is +8613800138000 or an address of e-mail; `key` is the same at every attempt."""

    key: str
    channel: str
    kind: str
    language: str
    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)

    @property
    def masked_to(self) -> str:
        return masked(self.to)


class Sender(Protocol):
    """What an adapter is. It is made once a process, and may be called by several threads at once."""

    def __init__(self, options: Mapping[str, Any]) -> None: ...

    def send(self, letter: Letter) -> str: ...


class GatewayError(Exception):
    """`code` is all that is kept: small letters, digits, `_.-`, never what a provider wrote."""

    def __init__(self, code: str) -> None:
        self.code = code if CODE.fullmatch(code) else "odd_code"
        super().__init__(self.code)


class Refused(GatewayError):
    """The letter will never be taken: the number does not exist, the text is forbidden."""


class Unavailable(GatewayError):
    """Not now: the gateway is down, slow, full, or does not let us in. `wait`: seconds that it asked for."""

    def __init__(self, code: str, wait: float | None = None) -> None:
        self.wait = wait
        super().__init__(code)


def masked(address: str) -> str:
    """+86138****8000, w***@example.org: enough to recognise one's own, too little to use."""
    name, at, host = address.partition("@")
    if at:
        return f"{name[:1]}***@{host}"
    return f"{address[:-8]}****{address[-4:]}" if len(address) > 8 else "****"
