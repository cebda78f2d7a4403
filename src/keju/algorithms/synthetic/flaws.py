"""More photos that must be refused: the same criteria as in `spoilt`, failed in other ways; files that are none."""

import io
from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image

from keju.algorithms.photo.findings import Criterion
from keju.algorithms.synthetic.canvas import Canvas, Pen, mirrored
from keju.algorithms.synthetic.darkroom import Picture, develop, padded
from keju.algorithms.synthetic.likeness import Sex, draw_likeness
from keju.algorithms.synthetic.portrait import HEIGHT, WIDTH, Portrait, backdrop, paint_person
from keju.algorithms.synthetic.sound import person

Random = np.random.Generator
_BLACK = (0.0, 0.0, 0.0)
_CLOTHS = ((178, 40, 44), (34, 128, 84), (96, 60, 150), (30, 120, 150))


def _headscarf(random: Random, sex: Sex) -> bytes:
    canvas = Canvas(WIDTH, HEIGHT, _BLACK)
    pen = paint_person(canvas, draw_likeness(random, sex), random).pen
    cloth = _CLOTHS[int(random.integers(len(_CLOTHS)))]
    scarf = mirrored([(0, 40), (34, 46), (56, 84), (60, 140), (52, 150), (47, 118), (40, 102), (0, 96)])
    pen.fill(scarf, cloth, feather=0.6)
    pen.glow((20, 70), (14, 26), _BLACK, 0.3, scarf)
    return develop(canvas.finished(), random)


def _three(random: Random, sex: Sex) -> bytes:
    canvas = Canvas(WIDTH, HEIGHT, _BLACK)
    people = [draw_likeness(random, one) for one in (sex, "F", "M")]
    backdrop(canvas, people[0].backdrop)
    for who, place in zip(people, ((62, 60), (168, 60), (115, 150)), strict=True):
        Portrait(Pen(canvas, 0.62, place), who, random).paint()
    return develop(canvas.finished(), random)


def _blank(random: Random, sex: Sex) -> bytes:
    """The backdrop alone: the shutter went off too early."""
    canvas = Canvas(WIDTH, HEIGHT, _BLACK)
    backdrop(canvas, draw_likeness(random, sex).backdrop)
    return develop(canvas.finished(), random)


def _behind(random: Random, sex: Sex, picture: Picture) -> bytes:
    """The person before `picture` instead of the cloth."""
    canvas, plain = Canvas(WIDTH, HEIGHT, _BLACK), Canvas(WIDTH, HEIGHT, _BLACK)
    who = draw_likeness(random, sex)
    paint_person(canvas, who, random)
    backdrop(plain, who.backdrop)
    painted, cloth = canvas.finished(), plain.finished()
    untouched = np.abs(painted - cloth).max(axis=2, keepdims=True) < 1.5
    return develop(np.where(untouched, picture, painted).astype(np.float32), random)


def _stripes(random: Random, sex: Sex) -> bytes:
    wide = int(random.integers(9, 16))
    x = np.arange(WIDTH) // wide % 2
    one, other = (np.array(c, np.float32) for c in ((34, 60, 104), (92, 84, 60)))
    picture = np.where(x[None, :, None] == 0, one, other) * np.ones((HEIGHT, 1, 1), np.float32)
    return _behind(random, sex, picture.astype(np.float32))


def _two_walls(random: Random, sex: Sex) -> bytes:
    """In the corner of a room: one wall blue, one brown."""
    picture = np.empty((HEIGHT, WIDTH, 3), np.float32)
    picture[:, : WIDTH // 2], picture[:, WIDTH // 2 :] = (30, 60, 110), (96, 66, 44)
    return _behind(random, sex, picture)


def _moved(random: Random, sex: Sex) -> bytes:
    """The camera was jerked."""
    length = int(random.integers(13, 17))
    kernel = np.zeros((length, length), np.float32)
    kernel[length // 2] = 1 / length
    angle = float(random.uniform(60, 120))
    turn = cv2.getRotationMatrix2D(((length - 1) / 2, (length - 1) / 2), angle, 1)
    turned = cv2.warpAffine(kernel, turn, (length, length))
    return develop(
        np.asarray(cv2.filter2D(person(random, sex), -1, turned / turned.sum()), np.float32), random
    )


def _blown_up(random: Random, sex: Sex) -> bytes:
    """A thumbnail from a chat, enlarged."""
    small = cv2.resize(person(random, sex), (50, 73), interpolation=cv2.INTER_AREA)
    return develop(
        np.asarray(cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), np.float32), random
    )


def _pale(random: Random, sex: Sex, colour: tuple[float, float, float]) -> bytes:
    return develop(person(random, sex, backdrop=colour), random)


def _against_the_light(random: Random, sex: Sex) -> bytes:
    """A window behind: the face is black, the wall white."""
    dark = person(random, sex) * np.float32(random.uniform(0.2, 0.26))
    canvas, plain = dark, np.float32(0)
    mask = np.linalg.norm(canvas - canvas[4:40, :12].mean(axis=(0, 1)), axis=2) < 9
    mask = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)) > 0
    return develop(np.where(mask[:, :, None], np.float32(228) + plain, canvas).astype(np.float32), random)


def _sized(random: Random, sex: Sex, size: tuple[int, int]) -> bytes:
    return padded(develop(person(random, sex, size), random, low=10_000, high=40_000), 22_000)


def _stretched(random: Random, sex: Sex) -> bytes:
    """Pulled to another shape instead of cut."""
    wide = cv2.resize(person(random, sex), (WIDTH + 60, HEIGHT), interpolation=cv2.INTER_LINEAR)
    return develop(np.asarray(wide, np.float32), random)


def _weighing(random: Random, sex: Sex, low: int, high: int) -> bytes:
    return develop(
        person(random, sex, (300, 436) if low > 40_000 else (WIDTH, HEIGHT)), random, low=low, high=high
    )


def _other_kind(kind: str) -> "Maker":
    def made(random: Random, sex: Sex) -> bytes:
        pixels = np.clip(np.rint(person(random, sex)), 0, 255).astype(np.uint8)
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, kind)
        return file.getvalue()

    return made


def _animated(random: Random, sex: Sex) -> bytes:
    frames = [Image.fromarray(np.clip(person(random, sex), 0, 255).astype(np.uint8)) for _ in range(2)]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], duration=100)
    return file.getvalue()


def _hollow(random: Random, sex: Sex) -> bytes:
    """The middle of the picture's data is missing, the end is there."""
    data = develop(person(random, sex), random, low=34_000, high=40_000)
    return data[: len(data) * 2 // 3] + b"\xff\xd9"


def _page(random: Random, sex: Sex) -> bytes:
    return develop(person(random, sex), random, high=39_000) + b"<script>alert(1)</script>"


def _bomb(random: Random, sex: Sex) -> bytes:
    """The header claims 60,000 by 60,000 pixels."""
    data = bytearray(develop(person(random, sex), random))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = b"\xea\x60\xea\x60"
    return bytes(data)


Maker = Callable[[Random, Sex], bytes]
C = Criterion
FLAWS: dict[str, tuple[Maker, frozenset[Criterion]]] = {
    "headscarf": (_headscarf, frozenset({C.BARE_HEAD})),
    "three faces": (_three, frozenset({C.ONE_FACE})),
    "nobody there": (_blank, frozenset({C.ONE_FACE})),
    "head turned far": (lambda r, s: develop(person(r, s, turn=0.36), r), frozenset({C.FRONTAL})),
    "striped curtain": (_stripes, frozenset({C.BACKGROUND_PLAIN})),
    "corner of two walls": (_two_walls, frozenset({C.BACKGROUND_PLAIN})),
    "white wall": (lambda r, s: _pale(r, s, (236, 236, 234)), frozenset({C.BACKGROUND_DARK})),
    "light blue cloth": (lambda r, s: _pale(r, s, (150, 196, 236)), frozenset({C.BACKGROUND_DARK})),
    "jerked camera": (_moved, frozenset({C.SHARP})),
    "enlarged thumbnail": (_blown_up, frozenset({C.SHARP})),
    "against the light": (_against_the_light, frozenset({C.EXPOSURE, C.BACKGROUND_DARK})),
    "square": (lambda r, s: _sized(r, s, (300, 300)), frozenset({C.RATIO})),
    "landscape": (lambda r, s: _sized(r, s, (400, 300)), frozenset({C.RATIO})),
    "stretched": (_stretched, frozenset({C.RATIO})),
    "188 pixels high": (lambda r, s: _sized(r, s, (129, 188)), frozenset({C.HEIGHT})),
    "a thumbnail": (lambda r, s: _sized(r, s, (82, 120)), frozenset({C.HEIGHT})),
    "41 KB and more": (lambda r, s: _weighing(r, s, 42_000, 60_000), frozenset({C.FILE_SIZE})),
    "19 KB": (lambda r, s: _weighing(r, s, 17_000, 20_000), frozenset({C.FILE_SIZE})),
    "renamed gif": (_other_kind("GIF"), frozenset({C.FORMAT})),
    "renamed webp": (_other_kind("WEBP"), frozenset({C.FORMAT})),
    "renamed bmp": (_other_kind("BMP"), frozenset({C.FORMAT})),
    "renamed tiff": (_other_kind("TIFF"), frozenset({C.FORMAT})),
    "renamed pdf": (lambda r, s: b"%PDF-1.7\n" + r.bytes(24_000), frozenset({C.FORMAT})),
    "animated gif": (_animated, frozenset({C.FORMAT})),
    "text": (lambda r, s: "这不是照片".encode() * 1600, frozenset({C.FORMAT})),
    "empty": (lambda r, s: b"", frozenset({C.FORMAT})),
    "hollow": (_hollow, frozenset({C.INTACT})),
    "page behind the picture": (_page, frozenset({C.CLEAN})),
    "bomb": (_bomb, frozenset({C.SAFE, C.RATIO})),
}
