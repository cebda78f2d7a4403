"""What makes one drawn person differ from the next: proportions, colours, hair and clothes."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from keju.algorithms.synthetic.canvas import Colour

Sex = Literal["F", "M"]
SKINS: tuple[Colour, ...] = (
    (246, 218, 196), (240, 207, 182), (236, 200, 172), (230, 190, 160), (222, 180, 148), (208, 164, 132),
)  # fmt: skip
HAIRS: tuple[Colour, ...] = (
    (28, 24, 26), (34, 28, 28), (42, 32, 30), (50, 38, 33), (60, 44, 36), (24, 22, 28), (92, 90, 92),
)  # fmt: skip
SHIRTS: tuple[Colour, ...] = (
    (240, 241, 244), (222, 230, 242), (238, 226, 226), (226, 236, 228), (244, 238, 222), (205, 218, 236),
)  # fmt: skip
JACKETS: tuple[Colour, ...] = (
    (44, 50, 64), (60, 60, 66), (86, 74, 66), (70, 78, 98), (104, 52, 60), (52, 78, 74), (120, 110, 98),
)  # fmt: skip
TIES: tuple[Colour, ...] = ((140, 36, 44), (40, 60, 120), (70, 90, 70), (96, 60, 110), (60, 60, 70))
BACKDROPS: tuple[Colour, ...] = ((30, 62, 112), (26, 54, 104), (36, 70, 118), (24, 48, 92), (40, 66, 108))


@dataclass(frozen=True, slots=True)
class Likeness:
    """Lengths in the portrait's units (about one pixel at 230 × 334)."""

    sex: Sex
    skin: Colour
    hair: Colour
    shirt: Colour
    jacket: Colour
    tie: Colour
    backdrop: Colour
    style: int  # of the hair, 0–3
    outfit: int  # of the clothes, 0–3
    cheek: float
    jaw: float
    chin: float
    eye_gap: float
    eye_width: float
    eye_height: float
    brow_height: float
    brow_weight: float
    brow_tilt: float
    nose_width: float
    nose_length: float
    mouth_width: float
    lip: float
    smile: float
    glasses: bool
    age: float  # 0 young – 1 old


def draw_likeness(random: np.random.Generator, sex: Sex) -> Likeness:
    """A random person of that sex; composed, never modelled on anybody."""

    def between(low: float, high: float) -> float:
        return float(random.uniform(low, high))

    def one_of(colours: tuple[Colour, ...]) -> Colour:
        return colours[int(random.integers(len(colours)))]

    man = sex == "M"
    age = between(0, 1)
    hair = HAIRS[-1] if age > 0.9 and man else one_of(HAIRS[:-1])
    return Likeness(
        sex=sex, skin=one_of(SKINS if man else SKINS[:5]), hair=hair, shirt=one_of(SHIRTS),
        jacket=one_of(JACKETS), tie=one_of(TIES), backdrop=one_of(BACKDROPS),
        style=int(random.integers(4)), outfit=int(random.integers(4)),
        cheek=between(43.5, 47) if man else between(42, 45.5),
        jaw=between(35, 40) if man else between(31, 36), chin=between(202, 208) if man else between(199, 204),
        eye_gap=between(19.5, 21.5), eye_width=between(9.2, 10.4), eye_height=between(3.3, 4.4),
        brow_height=between(12.5, 14.5), brow_weight=between(3.6, 4.8) if man else between(2.2, 3.2),
        brow_tilt=between(-0.5, 1.5), nose_width=between(9, 11.5) if man else between(8, 10),
        nose_length=between(30, 34), mouth_width=between(15.5, 18.5), lip=between(3.6, 4.6),
        smile=between(0.2, 2.2), glasses=bool(random.random() < 0.2), age=age,
    )  # fmt: skip
