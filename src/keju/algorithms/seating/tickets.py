"""Ticket numbers (V7.2): fixed segments, the last a serial without gaps per host point."""

from collections.abc import Sequence
from dataclasses import dataclass

Layout = Sequence[tuple[str, int]]
"""Segments in order, each with its number of digits: year, region, point, serial."""

_SEGMENTS = {"year", "region", "point", "serial"}


class SerialsExhausted(ValueError):
    """The host point has more candidates than the layout has serials; nothing was numbered."""

    def __init__(self, region: str, point: str, wanted: int, limit: int) -> None:
        super().__init__(f"point {point} of region {region}: serial {wanted} exceeds {limit}")
        self.region, self.point, self.wanted, self.limit = region, point, wanted, limit


@dataclass(frozen=True)
class TooMany:
    """A host point has `count` candidates for `limit` serials."""

    count: int
    limit: int


def ticket_numbers(
    year: int,
    region: str,
    point: str,
    *,
    first_serial: int,
    count: int,
    layout: Layout,
    serial_max: int | None = None,
) -> list[str]:
    """The `count` numbers from `first_serial` on, without a gap.

    The year gives its last digits; region and point must have exactly the digits of their segments. The
    serial ends at `serial_max`, by default the largest that its digits can show. Raises SerialsExhausted,
    naming the point, before anything is numbered; ValueError if the layout or a code does not fit.
    """
    widths = dict(layout)
    if len(widths) != len(layout) or set(widths) != _SEGMENTS or min(widths.values()) < 1:
        raise ValueError("a ticket number has a year, a region, a point and a serial, each once")
    if first_serial < 1 or count < 0:
        raise ValueError("serials count from 1")
    for name, code in (("region", region), ("point", point)):
        if len(code) != widths[name] or not (code.isascii() and code.isdigit()):
            raise ValueError(f"the {name} {code!r} does not have {widths[name]} digits")
    limit = 10 ** widths["serial"] - 1
    limit = limit if serial_max is None else min(limit, serial_max)
    if count and first_serial + count - 1 > limit:
        raise SerialsExhausted(region, point, first_serial + count - 1, limit)
    parts = {"year": f"{year:0{widths['year']}d}"[-widths["year"] :], "region": region, "point": point}
    names = [name for name, _ in layout]
    place = names.index("serial")
    before = "".join(parts[name] for name in names[:place])
    after = "".join(parts[name] for name in names[place + 1 :])
    digits = widths["serial"]
    return [f"{before}{serial:0{digits}d}{after}" for serial in range(first_serial, first_serial + count)]
