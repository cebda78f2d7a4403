"""Good photos of many kinds, none of which may be refused: other encodings, sizes, light, people."""

import io
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
from PIL import Image

from keju.algorithms.photo.fitting import fit_jpeg
from keju.algorithms.synthetic.canvas import Canvas
from keju.algorithms.synthetic.darkroom import Picture, develop, grain
from keju.algorithms.synthetic.likeness import BACKDROPS, SKINS, Likeness, Sex, draw_likeness
from keju.algorithms.synthetic.portrait import HEIGHT, WIDTH, paint_person

Random = np.random.Generator
_LOW, _HIGH = 21_000, 40_000


def person(
    random: Random,
    sex: Sex,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    *,
    turn: float = 0.0,
    **features: object,
) -> Picture:
    """A painted person before their backdrop; `features` replace what chance gave the likeness."""
    canvas = Canvas(*size, (0, 0, 0))
    who: Likeness = replace(draw_likeness(random, sex), **features)  # type: ignore[arg-type]
    paint_person(canvas, who, random, turn=turn)
    return canvas.finished()


def saved(picture: Picture, random: Random, **options: object) -> bytes:
    """The grained picture as another program's JPEG, brought within the allowed bytes by its quality."""
    rgb = np.clip(np.rint(grain(picture, random)), 0, 255).astype(np.uint8)
    image = Image.fromarray(rgb)
    if options.pop("mode", "") == "CMYK":
        image = image.convert("CMYK")
    for quality in range(97, 30, -2):
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality, **options)
        if file.tell() <= _HIGH:
            break
    return file.getvalue()


def _exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Some Camera"
    return exif


def _turned_by_exif(random: Random, sex: Sex) -> bytes:
    lying = np.ascontiguousarray(np.rot90(person(random, sex)))
    return saved(lying, random, exif=_exif(6))


def _larger(random: Random, sex: Sex) -> bytes:
    return develop(person(random, sex, (460, 668)), random, grained=False)


def _lit(random: Random, sex: Sex, low: float, high: float) -> bytes:
    return develop(person(random, sex) * np.float32(random.uniform(low, high)), random)


def _one_sided(random: Random, sex: Sex) -> bytes:
    """A lamp on one side, as in most offices."""
    slope = np.linspace(1.12, 0.88, WIDTH, dtype=np.float32)[None, :, None]
    return develop(person(random, sex) * (slope if random.random() < 0.5 else slope[:, ::-1]), random)


def _slightly_soft(random: Random, sex: Sex) -> bytes:
    return develop(np.asarray(cv2.GaussianBlur(person(random, sex), (0, 0), 0.8), np.float32), random)


def _shaped(random: Random, sex: Sex, ratio: float) -> bytes:
    return develop(person(random, sex, (WIDTH, round(WIDTH * ratio))), random)


def _full_colour(random: Random, sex: Sex) -> bytes:
    rgb = np.clip(np.rint(grain(person(random, sex), random)), 0, 255).astype(np.uint8)
    return fit_jpeg(rgb, _LOW, _HIGH) or b""


SOUND: dict[str, Callable[[Random, Sex], bytes]] = {
    "plain": lambda r, s: develop(person(r, s), r),
    "progressive": lambda r, s: saved(person(r, s), r, progressive=True),
    "four colours (CMYK)": lambda r, s: saved(person(r, s), r, mode="CMYK"),
    "upright by EXIF": _turned_by_exif,
    "with camera notes": lambda r, s: saved(person(r, s), r, exif=_exif(1), comment=b"taken at home"),
    "full colour resolution": _full_colour,
    "twice the size": _larger,
    "slim, ratio 1.50": lambda r, s: _shaped(r, s, 1.5),
    "broad, ratio 1.42": lambda r, s: _shaped(r, s, 1.42),
    "rather dim": lambda r, s: _lit(r, s, 0.72, 0.8),
    "rather bright": lambda r, s: _lit(r, s, 1.05, 1.12),
    "lamp on one side": _one_sided,
    "a little soft": _slightly_soft,
    "head turned a little": lambda r, s: develop(person(r, s, turn=float(r.uniform(-0.05, 0.05))), r),
    "with glasses": lambda r, s: develop(person(r, s, glasses=True), r),
    "darkest skin": lambda r, s: develop(person(r, s, skin=SKINS[-1]), r),
    "grey hair": lambda r, s: develop(person(r, s, hair=(120, 118, 118), age=0.95), r),
    "darkest backdrop": lambda r, s: develop(person(r, s, backdrop=BACKDROPS[3]), r),
}
