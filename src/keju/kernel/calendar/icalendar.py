"""Calendar files as RFC 5545 has them: UTC, stable ids, text escaped, lines folded at 75 octets."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

PRODUCT = "-//Keju//Examination duty//EN"
FOLD = 75
TYPE = "text/calendar; charset=utf-8"


@dataclass(frozen=True)
class Entry:
    """One event. `uid` stays the same for ever; `sequence` grows with each change; `cancelled` takes it off calendars.

    `stamp`: when this version of it was made.
    """

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    stamp: datetime
    title: str
    place: str = ""
    note: str = ""
    cancelled: bool = False


def calendar(name: str, entries: Iterable[Entry]) -> bytes:
    """The file of these events, UTF-8, lines ended by CRLF; ValueError for an event that does not last.

    METHOD is PUBLISH (RFC 5546, 3.2.1): calendars take it without asking for an answer.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}",
    ]
    for entry in entries:
        lines += _event(entry)
    lines.append("END:VCALENDAR")
    return b"".join(folded(line) for line in lines)


def _event(e: Entry) -> list[str]:
    if e.ends_at <= e.starts_at:
        raise ValueError("an event ends after it starts")
    lines = [
        "BEGIN:VEVENT",
        f"UID:{escaped(e.uid)}",
        f"DTSTAMP:{utc(e.stamp)}",
        f"SEQUENCE:{e.sequence}",
        f"DTSTART:{utc(e.starts_at)}",
        f"DTEND:{utc(e.ends_at)}",
        f"SUMMARY:{escaped(e.title)}",
        f"STATUS:{'CANCELLED' if e.cancelled else 'CONFIRMED'}",
    ]
    if e.place:
        lines.append(f"LOCATION:{escaped(e.place)}")
    if e.note:
        lines.append(f"DESCRIPTION:{escaped(e.note)}")
    return [*lines, "END:VEVENT"]


def utc(at: datetime) -> str:
    """Form 2 of 3.3.5: 20111015T070000Z. ValueError for a moment without a zone."""
    if at.tzinfo is None:
        raise ValueError("a moment of a calendar has a zone")
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def escaped(text: str) -> str:
    """TEXT of 3.3.11: backslash, semicolon, comma and line ends escaped; other control characters are not allowed."""
    tidy = text.replace("\r\n", "\n").replace("\r", "\n")
    tidy = "".join(c for c in tidy if c in "\n\t" or (ord(c) >= 32 and ord(c) != 127))
    for plain, said in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        tidy = tidy.replace(plain, said)
    return tidy


def folded(line: str) -> bytes:
    """The content line of 3.1: no piece longer than 75 octets without its CRLF, and no character cut in two."""
    pieces: list[bytes] = []
    piece = b""
    for letter in line:
        octets = letter.encode()
        if len(piece) + len(octets) > FOLD:
            pieces.append(piece)
            piece = b" "
        piece += octets
    pieces.append(piece)
    return b"\r\n".join(pieces) + b"\r\n"
