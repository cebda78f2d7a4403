"""Run as a program of its own, with bounds: so many hostile files are examined and mended; any crash, hang or hunger ends it.

python fuzzing.py SEED COUNT
"""

import io
import random
import resource
import struct
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image

from keju.algorithms.photo import CannotRecompress, PhotoLimits, examine, recompress, strip_metadata
from keju.algorithms.photo.limits import MAX_FILE_BYTES
from keju.algorithms.synthetic.faces import photo_pool

LIMITS = PhotoLimits(1.46, 0.05, 189, (230, 334), 20, 40)
SECONDS, MEGABYTES = 5, 512
MARKERS = (0xC0, 0xC1, 0xC2, 0xC4, 0xD8, 0xD9, 0xDA, 0xDB, 0xDD, 0xE0, 0xE1, 0xEE, 0xFE)


def main(seed: int, count: int) -> None:
    """One line a file: its number and kind before it is looked at, so that a death names what killed."""
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    chance = random.Random(seed)
    sources = _sources(chance)
    for number in range(count):
        kind = chance.choice(KINDS)
        data = kind(chance, sources)
        print(number, kind.__name__, len(data), flush=True)
        begun = time.process_time()
        examine(data, limits=LIMITS)
        with suppress(CannotRecompress):
            recompress(data, limits=LIMITS)
        with suppress(CannotRecompress):
            strip_metadata(data)
        taken = time.process_time() - begun
        if taken > SECONDS:
            raise SystemExit(f"{number} {kind.__name__}: {taken:.1f} s")
        used = _peak()
        if used > MEGABYTES:
            raise SystemExit(f"{number} {kind.__name__}: {used:.0f} MB")


def _peak() -> float:
    """The most memory that this program ever held, in MB. Not by getrusage: a child inherits its parent's figure there."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _sources(chance: random.Random) -> list[bytes]:
    """Sound photos of every encoding that we accept, small and of a camera's size."""
    picture = Image.open(io.BytesIO(photo_pool(chance.randrange(1000), 1, 0)[0].jpeg))
    exif = Image.Exif()
    exif[0x0112] = chance.randrange(1, 9)
    made = []
    for image, options in (
        (picture, {}),
        (picture, {"progressive": True}),
        (picture.convert("CMYK"), {}),
        (picture.convert("L"), {}),
        (picture, {"exif": exif}),
        (picture, {"subsampling": 0, "restart_marker_rows": 2}),
        (picture.resize((2400, 3500)), {"quality": 60}),
        (picture.convert("CMYK").resize((4000, 6000)), {"quality": 30}),
        (picture.resize((4100, 6000)), {"quality": 30, "progressive": True}),
    ):
        file = io.BytesIO()
        image.save(file, "JPEG", **options)
        made.append(file.getvalue())
    return made


def cut(chance: random.Random, sources: list[bytes]) -> bytes:
    data = chance.choice(sources)
    return data[: chance.randrange(len(data))]


def flipped(chance: random.Random, sources: list[bytes]) -> bytes:
    data = bytearray(chance.choice(sources))
    for _ in range(chance.choice((1, 2, 10, 200))):
        data[chance.randrange(700 if chance.random() < 0.5 else len(data))] = chance.randrange(256)
    return bytes(data)


def marked(chance: random.Random, sources: list[bytes]) -> bytes:
    """Markers where none belong, with lengths that lie."""
    data = bytearray(chance.choice(sources))
    for _ in range(chance.choice((1, 3, 20))):
        at = chance.randrange(len(data))
        data[at:at] = bytes((0xFF, chance.choice(MARKERS))) + struct.pack(
            ">H", chance.choice((0, 1, 2, 8, 65535))
        )
    return bytes(data)


def resized(chance: random.Random, sources: list[bytes]) -> bytes:
    """Dimensions in the header that the data does not have."""
    data = bytearray(chance.choice(sources))
    for marker in (b"\xff\xc0", b"\xff\xc2"):
        if (at := data.find(marker)) > 0:
            data[at + 5 : at + 9] = struct.pack(
                ">HH", *(chance.choice((0, 1, 9, 4999, 10_000, 65_535)) for _ in "wh")
            )
    return bytes(data)


def spliced(chance: random.Random, sources: list[bytes]) -> bytes:
    one, other = chance.choice(sources), chance.choice(sources)
    return one[: chance.randrange(len(one))] + other[chance.randrange(len(other)) :]


def renamed(chance: random.Random, sources: list[bytes]) -> bytes:
    """Another kind of picture, still or moving, under our ending."""
    frames = [Image.fromarray(np.full((60, 40, 3), shade, np.uint8)) for shade in (10, 200)]
    file = io.BytesIO()
    kind = chance.choice(("PNG", "GIF", "WEBP", "TIFF", "BMP"))
    frames[0].save(file, kind, **({"save_all": True, "append_images": frames[1:]} if kind != "BMP" else {}))
    return chance.choice((b"", b"\xff\xd8\xff")) + file.getvalue()


def noise(chance: random.Random, sources: list[bytes]) -> bytes:
    return chance.choice((b"", b"\xff\xd8\xff\xe0", b"\xff\xd8\xff\xda\x00\x02")) + chance.randbytes(
        chance.choice((0, 10, 3000, 300_000))
    )


def heavy(chance: random.Random, sources: list[bytes]) -> bytes:
    """Up to 50 MB: a photo with a tail, comments without end, fill bytes."""
    tail = chance.choice((b"\0", b"\xff", b"\xff\xfe\x00\x02", b"\xff\xda\x00\x02\x00"))
    size = chance.choice((MAX_FILE_BYTES - 100_000, 50_000_000))
    source = sources[0]
    at = chance.choice((2, len(source) // 2, len(source)))
    return source[:at] + tail * (size // len(tail)) + source[at:]


def whole(chance: random.Random, sources: list[bytes]) -> bytes:
    return chance.choice(sources)


KINDS = (cut, flipped, flipped, marked, resized, spliced, renamed, noise, heavy, whole)

if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
