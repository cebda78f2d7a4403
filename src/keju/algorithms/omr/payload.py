"""What the codes on a card say: `KJ1|exam|session|ticket|layout|check`."""

import hashlib
from dataclasses import dataclass

PREFIX = "KJ1"


@dataclass(frozen=True)
class Payload:
    """One card's identity: exam and session (short codes), ticket number, version of the layout."""

    exam: str
    session: str
    ticket: str
    layout: str

    def __post_init__(self) -> None:
        for name in ("exam", "session", "ticket", "layout"):
            value = getattr(self, name)
            if not value or "|" in value or not value.isascii() or not value.isprintable():
                raise ValueError(f"{name} of a card code must be printable ASCII without '|', not {value!r}")

    @property
    def text(self) -> str:
        """The string that Code128 and QR carry, check part included."""
        body = "|".join((PREFIX, self.exam, self.session, self.ticket, self.layout))
        return f"{body}|{_check(body)}"


def _check(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:4].upper()


def parse_payload(text: str) -> Payload | None:
    """The payload that `text` carries, or None if it is no card code or its check does not agree."""
    parts = text.split("|")
    if len(parts) != 6 or parts[0] != PREFIX or _check("|".join(parts[:5])) != parts[5]:
        return None
    try:
        return Payload(*parts[1:5])
    except ValueError:
        return None
