"""Photos that must be refused, one reason each, with the criteria that they are made to fail."""

import io
from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image

from keju.algorithms.photo.findings import Criterion
from keju.algorithms.synthetic.canvas import Canvas, Pen, closed, mirrored
from keju.algorithms.synthetic.darkroom import Picture, develop, grain, padded
from keju.algorithms.synthetic.likeness import Likeness, Sex, draw_likeness
from keju.algorithms.synthetic.portrait import HEIGHT, WIDTH, Portrait, backdrop, mix, paint_person

Spoilt = tuple[bytes, frozenset[Criterion]]
_BLACK = (0.0, 0.0, 0.0)


def _person(
    random: np.random.Generator, sex: Sex, size: tuple[int, int] = (WIDTH, HEIGHT), *, turn: float = 0.0
) -> Picture:
    canvas = Canvas(*size, _BLACK)
    paint_person(canvas, draw_likeness(random, sex), random, turn=turn)
    return canvas.finished()


def _hat(random: np.random.Generator, sex: Sex) -> Spoilt:
    canvas = Canvas(WIDTH, HEIGHT, _BLACK)
    pen = paint_person(canvas, draw_likeness(random, sex), random).pen
    colours = ((178, 40, 44), (34, 128, 84), (96, 60, 150), (30, 120, 150))
    cloth = colours[int(random.integers(len(colours)))]
    crown = mirrored([(0, 36), (30, 40), (50, 62), (56, 92), (54, 104), (0, 110)])
    pen.fill(crown, cloth, feather=0.5)
    pen.glow((-18, 62), (26, 18), mix(cloth, (255, 255, 255), 0.5), 0.35, crown)
    pen.glow((40, 80), (22, 34), _BLACK, 0.35, crown)
    brim = closed([(-56, 98), (-30, 91), (0, 89), (30, 91), (56, 98), (40, 108), (0, 111), (-40, 108)])
    pen.fill(brim + np.array([0, 3]), (60, 30, 26), feather=3, alpha=0.5)
    pen.fill(brim, mix(cloth, _BLACK, 0.25), feather=0.5)
    return develop(canvas.finished(), random), frozenset({Criterion.BARE_HEAD})


def _two(random: np.random.Generator, sex: Sex) -> Spoilt:
    canvas = Canvas(WIDTH, HEIGHT, _BLACK)
    people = [draw_likeness(random, sex), draw_likeness(random, "F" if sex == "M" else "M")]
    backdrop(canvas, people[0].backdrop)
    for who, x in zip(people, (62, 168), strict=True):
        Portrait(Pen(canvas, 0.72, (x, 92)), who, random).paint()
    return develop(canvas.finished(), random), frozenset({Criterion.ONE_FACE})


def _nobody(random: np.random.Generator, sex: Sex) -> Spoilt:
    """Hills under a sun: somebody has uploaded the wrong picture."""
    canvas = Canvas(WIDTH, HEIGHT, _BLACK)
    backdrop(canvas, (126, 172, 214))
    pen = Pen(canvas)
    pen.fill(closed([(170, 60), (182, 72), (170, 84), (158, 72)]), (250, 226, 150))
    for level, colour in enumerate(((104, 140, 150), (72, 118, 104), (48, 92, 70))):
        ridge = [(x, 170 + 50 * level + float(random.uniform(-24, 24))) for x in range(-20, 260, 28)]
        pen.fill(np.array([*ridge, (260, 340), (-20, 340)]), colour, feather=1.0)
    return develop(canvas.finished(), random), frozenset({Criterion.ONE_FACE})


def _turned(random: np.random.Generator, sex: Sex) -> Spoilt:
    side = 1 if random.random() < 0.5 else -1
    picture = _person(random, sex, turn=0.27 * side)
    return develop(picture, random), frozenset({Criterion.FRONTAL})


def _busy(random: np.random.Generator, sex: Sex) -> Spoilt:
    """Books on shelves behind the person."""
    canvas = Canvas(WIDTH, HEIGHT, _BLACK)
    who = draw_likeness(random, sex)
    paint_person(canvas, who, random)
    plain = Canvas(WIDTH, HEIGHT, _BLACK)
    backdrop(plain, who.backdrop)
    untouched = np.abs(canvas.pixels - plain.pixels).max(axis=0) < 1.5
    shelves = Canvas(WIDTH, HEIGHT, (52, 40, 34))
    pen = Pen(shelves)
    for shelf in range(-4, HEIGHT, 62):
        x = 0.0
        while x < WIDTH:
            wide, tall = float(random.uniform(6, 15)), float(random.uniform(40, 56))
            red, green, blue = (float(c) for c in random.integers(20, 170, 3))
            book = [
                (x, shelf + 58),
                (x, shelf + 58 - tall),
                (x + wide, shelf + 58 - tall),
                (x + wide, shelf + 58),
            ]
            pen.fill(np.array(book), (red, green, blue), feather=0.4)
            x += wide + 0.8
    canvas.pixels = np.where(untouched, shelves.pixels, canvas.pixels)
    return develop(canvas.finished(), random), frozenset({Criterion.BACKGROUND_PLAIN})


def _bright(random: np.random.Generator, sex: Sex) -> Spoilt:
    canvas = Canvas(WIDTH, HEIGHT, _BLACK)
    who = draw_likeness(random, sex)
    pale = Likeness(**{name: getattr(who, name) for name in who.__slots__} | {"backdrop": (226, 230, 236)})
    paint_person(canvas, pale, random)
    return develop(canvas.finished(), random), frozenset({Criterion.BACKGROUND_DARK})


def _blurred(random: np.random.Generator, sex: Sex) -> Spoilt:
    picture = cv2.GaussianBlur(_person(random, sex), (0, 0), float(random.uniform(3.4, 4.2)))
    return develop(np.asarray(picture, np.float32), random), frozenset({Criterion.SHARP})


def _over(random: np.random.Generator, sex: Sex) -> Spoilt:
    picture = 255 * (_person(random, sex) / 255) ** 0.8 * float(random.uniform(1.42, 1.5))
    return develop(picture.astype(np.float32), random), frozenset({Criterion.EXPOSURE})


def _under(random: np.random.Generator, sex: Sex) -> Spoilt:
    picture = _person(random, sex) * float(random.uniform(0.24, 0.3))
    return develop(picture, random), frozenset({Criterion.EXPOSURE})


def _grey(random: np.random.Generator, sex: Sex) -> Spoilt:
    grey = _person(random, sex) @ np.array([0.299, 0.587, 0.114], np.float32)
    even = grain(np.repeat(grey[:, :, None], 3, axis=2), random, colour=0.0)
    return develop(even, random, grained=False), frozenset({Criterion.COLOUR})


def _wide(random: np.random.Generator, sex: Sex) -> Spoilt:
    size = (int(random.integers(250, 300)), HEIGHT)
    return develop(_person(random, sex, size), random), frozenset({Criterion.RATIO})


def _small(random: np.random.Generator, sex: Sex) -> Spoilt:
    height = int(random.integers(150, 188))
    data = develop(_person(random, sex, (round(height / 1.455), height)), random, low=10_000, high=40_000)
    return padded(data, 22_000), frozenset({Criterion.HEIGHT})


def _heavy(random: np.random.Generator, sex: Sex) -> Spoilt:
    picture = _person(random, sex, (460, 668))
    return develop(picture, random, low=60_000, high=120_000), frozenset({Criterion.FILE_SIZE})


def _light(random: np.random.Generator, sex: Sex) -> Spoilt:
    return develop(_person(random, sex), random, low=9_000, high=15_000), frozenset({Criterion.FILE_SIZE})


def _png(random: np.random.Generator, sex: Sex) -> Spoilt:
    pixels = np.clip(np.rint(_person(random, sex)), 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue(), frozenset({Criterion.FORMAT})


def _truncated(random: np.random.Generator, sex: Sex) -> Spoilt:
    data = develop(_person(random, sex), random, low=34_000, high=40_000)
    return data[: int(random.integers(22_000, 30_000))], frozenset({Criterion.INTACT})


def _trailing(random: np.random.Generator, sex: Sex) -> Spoilt:
    data = develop(_person(random, sex), random)
    return data + b"PK\x03\x04" + random.bytes(400), frozenset({Criterion.CLEAN})


SPOILT: dict[str, Callable[[np.random.Generator, Sex], Spoilt]] = {
    "hat": _hat,
    "two faces": _two,
    "no face": _nobody,
    "turned head": _turned,
    "busy background": _busy,
    "bright background": _bright,
    "blurred": _blurred,
    "overexposed": _over,
    "underexposed": _under,
    "grey": _grey,
    "wrong ratio": _wide,
    "too small": _small,
    "too many bytes": _heavy,
    "too few bytes": _light,
    "renamed png": _png,
    "truncated": _truncated,
    "trailing bytes": _trailing,
}
