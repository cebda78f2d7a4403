"""The one thing wanted from EXIF: which way is up (tag 0x0112, CIPA DC-008)."""

from typing import Literal

_ORIENTATION = 0x0112
_SHORT = 3
_MAX_ENTRIES = 512
_ORDERS: dict[bytes, Literal["little", "big"]] = {b"II*\x00": "little", b"MM\x00*": "big"}


def orientation(segment: bytes) -> int:
    """Orientation 1–8 from the body of an APP1 segment; 1 if it has none or makes no sense."""
    tiff = segment[6:]
    order = _ORDERS.get(tiff[:4])
    if segment[:6] != b"Exif\x00\x00" or order is None:
        return 1

    def number(start: int, size: int) -> int:
        return int.from_bytes(tiff[start : start + size], order)

    directory = number(4, 4)
    for index in range(min(number(directory, 2), _MAX_ENTRIES)):
        entry = directory + 2 + 12 * index
        if number(entry, 2) == _ORIENTATION and number(entry + 2, 2) == _SHORT:
            value = number(entry + 8, 2)
            return value if 1 <= value <= 8 else 1
    return 1
