"""The JPEG file as a sequence of marked segments (ITU-T T.81 annex B), read without decoding a pixel.

Walking the markers answers, in time linear in the bytes, what a decoder would answer too late or not at
all: the size that it is going to allocate, whether the end is there, and what hides behind the end.
"""

import re
from dataclasses import dataclass, field

from keju.algorithms.photo.exif import orientation
from keju.algorithms.photo.limits import MAX_SCANS, MAX_SEGMENTS

_SOI, _EOI, _SOS, _APP1, _COM = 0xD8, 0xD9, 0xDA, 0xE1, 0xFE
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_DECODABLE_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# In entropy-coded data a marker is FF followed by neither a stuffed 00, a restart nor a fill byte.
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)


class NotJpeg(ValueError):
    """The bytes do not begin as a JPEG does."""


class BrokenJpeg(ValueError):
    """The bytes begin as a JPEG and do not go on as one; the argument is a short code."""


@dataclass(slots=True)
class Structure:
    """What the markers say. `end` is the offset behind the end marker, 0 while it was not met."""

    width: int = 0
    height: int = 0
    components: int = 0
    progressive: bool = False
    orientation: int = 1
    scans: int = 0
    end: int = 0
    fault: str = ""
    metadata: list[tuple[int, int]] = field(default_factory=list)  # spans of APPn and COM segments


def read_structure(data: bytes) -> Structure:
    """Walk the file up to its end marker.

    Afterwards `fault` is empty for a complete file with one decodable frame, else one of `truncated`,
    `malformed`, `unsupported`, with whatever was read before. Raises NotJpeg.
    """
    if data[:3] != b"\xff\xd8\xff":
        raise NotJpeg
    found = Structure()
    try:
        _walk(data, found)
    except BrokenJpeg as broken:
        found.fault = str(broken)
    return found


def _walk(data: bytes, found: Structure) -> None:
    position = 2
    for _ in range(MAX_SEGMENTS):
        marker, position = _marker(data, position)
        if marker == _EOI:
            if not (found.width and found.scans):
                raise BrokenJpeg("malformed")
            found.end = position
            return
        if marker in _STANDALONE:
            continue
        if marker in (0x00, _SOI):
            raise BrokenJpeg("malformed")
        body, after = _body(data, position)
        if marker in _FRAMES:
            _frame(marker, body, found)
        elif marker == _SOS:
            after = _scan(data, after, found)
        elif marker == _COM or 0xE0 <= marker <= 0xEF:
            found.metadata.append((position - 2, after))
            if marker == _APP1 and found.orientation == 1:
                found.orientation = orientation(body)
        position = after
    raise BrokenJpeg("malformed")


def _marker(data: bytes, position: int) -> tuple[int, int]:
    if position >= len(data):
        raise BrokenJpeg("truncated")
    if data[position] != 0xFF:
        raise BrokenJpeg("malformed")
    code = re.compile(rb"\xff+").match(data, position)
    behind = code.end() if code else position
    if behind >= len(data):
        raise BrokenJpeg("truncated")
    return data[behind], behind + 1


def _body(data: bytes, position: int) -> tuple[bytes, int]:
    length = int.from_bytes(data[position : position + 2])
    after = position + length
    if position + 2 > len(data) or after > len(data):
        raise BrokenJpeg("truncated")
    if length < 2:
        raise BrokenJpeg("malformed")
    return data[position + 2 : after], after


def _frame(marker: int, body: bytes, found: Structure) -> None:
    if found.width or len(body) < 6:
        raise BrokenJpeg("malformed")
    precision, components = body[0], body[5]
    height, width = int.from_bytes(body[1:3]), int.from_bytes(body[3:5])
    if marker not in _DECODABLE_FRAMES or precision != 8 or components not in (1, 3, 4) or not height:
        raise BrokenJpeg("unsupported")
    if not width or len(body) != 6 + 3 * components:
        raise BrokenJpeg("malformed")
    found.width, found.height, found.components = width, height, components
    found.progressive = marker == 0xC2


def _scan(data: bytes, position: int, found: Structure) -> int:
    found.scans += 1
    if not found.width:
        raise BrokenJpeg("malformed")
    if found.scans > MAX_SCANS:
        raise BrokenJpeg("unsupported")
    following = _NEXT_MARKER.search(data, position)
    if following is None:
        raise BrokenJpeg("truncated")
    return following.start()
