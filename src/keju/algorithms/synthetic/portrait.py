"""Drawing one stylised portrait: backdrop, shoulders, head, features, hair.

Units: the portrait is laid out on 230 × 334 with x = 0 on the axis of the face. A head may be turned: x is
taken for a place on a cylinder, which is rotated before it is drawn.
"""

import math

import numpy as np

from keju.algorithms.synthetic.canvas import (
    Canvas,
    Colour,
    Mask,
    Pen,
    Points,
    closed,
    ellipse,
    mirrored,
)
from keju.algorithms.synthetic.haircuts import MEN, WOMEN
from keju.algorithms.synthetic.likeness import Likeness

WIDTH, HEIGHT, AXIS = 230, 334, 115.0
_EYES = 133.0
_NECK_SHORTER = -13.0
_SCALE, _TOP = 1.1, -10.0  # how the portrait fills its frame


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`share` of the other colour in the one."""
    r, g, b = (a + (z - a) * share for a, z in zip(one, other, strict=True))
    return r, g, b


def strands(random: np.random.Generator, canvas: Canvas, depth: float) -> Mask:
    """A texture of fine vertical streaks around 1, for hair and cloth; of the canvas' painting size."""
    height, width = canvas.pixels.shape[1:]
    noise = random.normal(0, 1, (height // 24 + 2, width)).astype(np.float32)
    rows = np.linspace(0, noise.shape[0] - 1.001, height)
    low = rows.astype(int)
    part = (rows - low)[:, None].astype(np.float32)
    return np.asarray(1 + depth * (noise[low] * (1 - part) + noise[low + 1] * part), np.float32)


class Portrait:
    """Paints one person with one pen; `turn` is the head's rotation in radians, 0 is frontal."""

    def __init__(self, pen: Pen, who: Likeness, random: np.random.Generator, turn: float = 0.0) -> None:
        self.pen, self.who, self.random, self.turn = pen, who, random, turn
        self.body_pen = pen.moved(0, _NECK_SHORTER)
        self.texture = strands(random, pen.canvas, 0.10)
        cheek, jaw, chin = who.cheek, who.jaw, who.chin
        self.outline = mirrored(
            [(0, 74), (24, 78), (38, 92), (cheek - 1, 114), (cheek, 138), (cheek - 2, 158), (jaw, chin - 26),
             (jaw - 10, chin - 11), (13, chin - 2), (0, chin)]
        )  # fmt: skip

    def paint(self) -> None:
        """The whole person; the backdrop is already there."""
        self._hair_behind()
        self._neck()
        self._clothes()
        if not self.turn:
            self._ear(-1)
            self._ear(1)
        self._head()
        self._eyes()
        self._nose()
        self._mouth()
        self._hair()
        if self.who.glasses:
            self._glasses()

    def at(self, x: float, y: float, depth: float = 1.0) -> tuple[float, float]:
        """Where a place of the frontal face is seen when the head is turned."""
        radius = 50.0
        angle = math.asin(max(-0.98, min(0.98, x / radius))) + self.turn
        return depth * radius * math.sin(angle), y

    def _line(self, *points: tuple[float, float], depth: float = 1.0) -> Points:
        return np.array([self.at(x, y, depth) for x, y in points])

    def _shape(self, *points: tuple[float, float], depth: float = 1.0) -> Points:
        return closed([self.at(x, y, depth) for x, y in points])

    def _neck(self) -> None:
        who, pen = self.who, self.body_pen
        wide = 27 if who.sex == "M" else 22.5
        neck = mirrored([(0, 170), (wide, 172), (wide, 212), (wide + 8, 232), (wide + 20, 262), (0, 275)])
        pen.fill(neck, mix(who.skin, (150, 100, 80), 0.12))
        shadow = mix(who.skin, (90, 50, 40), 0.55)
        pen.glow((2, who.chin + 3 - _NECK_SHORTER), (26, 13), shadow, 0.75, neck)
        pen.glow((wide, 215), (9, 30), shadow, 0.45, neck)
        pen.glow((-wide, 215), (5, 30), shadow, 0.25, neck)
        pen.stroke(np.array([(-9, 246), (-4, 251), (-1, 252)]), shadow, 1.4, feather=0.9, alpha=0.3)
        pen.stroke(np.array([(9, 246), (4, 251), (1, 252)]), shadow, 1.4, feather=0.9, alpha=0.3)

    def _clothes(self) -> None:
        who, pen = self.who, self.body_pen
        wide = 96 if who.sex == "M" else 84
        body = mirrored(
            [
                (0, 262),
                (16, 252),
                (32, 236),
                (52, 243),
                (wide - 14, 258),
                (wide, 284),
                (wide + 6, 350),
                (0, 352),
            ]
        )
        if who.outfit == 3:  # a round-necked pullover
            body = mirrored(
                [
                    (0, 264),
                    (18, 258),
                    (33, 238),
                    (52, 244),
                    (wide - 14, 259),
                    (wide, 284),
                    (wide + 6, 350),
                    (0, 352),
                ]
            )
            pen.fill(body, who.jacket, texture=self.texture)
            pen.stroke(np.array([(-33, 239), (-18, 259), (0, 265), (18, 259), (33, 239)]),
                       mix(who.jacket, (0, 0, 0), 0.3), 4.5, taper=0, alpha=0.8)  # fmt: skip
        else:
            pen.fill(body, who.shirt)
            self._shirt()
            if who.outfit != 2:
                self._jacket(body)
        cloth = (0.0, 0.0, 0.0)
        pen.glow((wide * 0.75, 330), (40, 60), cloth, 0.30, body)
        pen.glow((-wide * 0.95, 330), (22, 60), cloth, 0.22, body)
        pen.glow((-45, 262), (30, 14), (255, 255, 255), 0.10, body)

    def _shirt(self) -> None:
        who, pen = self.who, self.body_pen
        fold = mix(who.shirt, (60, 70, 90), 0.35)
        if who.sex == "M" and who.outfit == 0:
            pen.fill(np.array([(-6, 262), (6, 262), (4, 272), (10, 352), (-10, 352), (-4, 272)]), who.tie)
            pen.glow((4, 300), (5, 40), (0, 0, 0), 0.25,
                     np.array([(-6, 262), (6, 262), (4, 272), (10, 352), (-10, 352), (-4, 272)]))  # fmt: skip
        else:
            pen.stroke(np.array([(0, 268), (0.5, 352)]), fold, 1.2, taper=0, alpha=0.7)
            for y in (286, 312):
                pen.fill(ellipse((2.6, y), (1.5, 1.5)), fold)
        for side in (-1, 1):
            collar = np.array([(side * 30, 232), (side * 1, 263), (side * 17, 282), (side * 39, 244)], float)
            pen.fill(collar + np.array([0, 2]), mix(who.shirt, (20, 25, 40), 0.5), feather=1.6, alpha=0.5)
            pen.fill(collar, mix(who.shirt, (255, 255, 255), 0.35))

    def _jacket(self, body: Points) -> None:
        who, pen = self.who, self.body_pen
        dark = mix(who.jacket, (0, 0, 0), 0.35)
        for side in (-1, 1):
            panel = np.array([(side * 30, 232), (side * 110, 232), (side * 110, 352), (side * 2, 352),
                              (side * 22, 286)])  # fmt: skip
            pen.fill(body, who.jacket, texture=self.texture, within=panel)
            lapel = np.array([(side * 33, 238), (side * 47, 262), (side * 40, 268), (side * 46, 276),
                              (side * 9, 344), (side * 20, 284)])  # fmt: skip
            pen.fill(lapel + np.array([side * 1.2, 1.5]), dark, feather=1.2, alpha=0.7)
            pen.fill(lapel, mix(who.jacket, (255, 255, 255), 0.07), texture=self.texture)

    def _ear(self, side: int) -> None:
        who, pen = self.who, self.pen
        x, y = self.at(side * (who.cheek - 0.5), 141)
        ear = ellipse((x + side * 1.5, y), (6, 12.5), side * 0.16)
        pen.fill(ear, mix(who.skin, (190, 110, 90), 0.22))
        pen.glow((x + side * 1.5, y + 1), (3, 7), mix(who.skin, (120, 60, 50), 0.6), 0.6, ear)

    def _head(self) -> None:
        who, pen, face = self.who, self.pen, self.outline
        pen.fill(face, who.skin)
        dark, warm = mix(who.skin, (110, 62, 48), 0.6), mix(who.skin, (222, 112, 98), 0.5)
        pale = mix(who.skin, (255, 250, 240), 0.7)
        pen.glow((44, 165), (17, 62), dark, 0.55, face)
        pen.glow((-47, 168), (12, 58), dark, 0.36, face)
        pen.glow((6, who.chin + 4), (38, 11), dark, 0.42, face)
        pen.glow((0, 82), (42, 14), dark, 0.40, face)
        pen.glow((-8, 103), (24, 13), pale, 0.55, face)
        for side in (-1, 1):
            pen.glow(self.at(side * 25, 158), (12, 10), warm, 0.30 if who.sex == "F" else 0.18, face)
            pen.glow(self.at(side * 24, 150), (10, 6), pale, 0.34 if side < 0 else 0.2, face)
        pen.glow(self.at(-2, who.chin - 9), (10, 6), pale, 0.35, face)
        if who.age > 0.6:
            for side in (-1, 1):
                line = self._line((side * 12.5, 161), (side * 18, 168), (side * 20, 175))
                pen.stroke(line, dark, 1.6, feather=0.9, alpha=0.4 * who.age)

    def _eyes(self) -> None:
        for side in (-1, 1):
            self._eye(side)
            self._brow(side)

    def _eye(self, side: int) -> None:
        who, pen = self.who, self.pen
        mid, half, tall = side * who.eye_gap, who.eye_width, who.eye_height
        inner, outer = mid - side * half, mid + side * half
        dark = mix(who.skin, (96, 54, 44), 0.65)
        pen.glow(self.at(mid, _EYES - 4), (13, 7.5), dark, 0.42)
        pen.glow(self.at(inner - side * 1, _EYES - 3), (5, 7), dark, 0.35)
        pen.glow(self.at(mid, _EYES + 7.5), (10, 3), dark, 0.22 + 0.2 * who.age)
        almond = self._shape(
            (inner, _EYES + 1.2), (mid - side * half * 0.45, _EYES - tall * 0.8), (mid + side, _EYES - tall),
            (mid + side * half * 0.6, _EYES - tall * 0.65), (outer, _EYES - 0.6),
            (mid + side * half * 0.5, _EYES + tall * 0.7), (mid - side * half * 0.3, _EYES + tall * 0.85),
        )  # fmt: skip
        pen.fill(almond, (240, 236, 232), feather=0.3)
        x, y = self.at(mid + 0.3, _EYES - 0.4)
        iris = tall * 1.12
        pen.fill(ellipse((x, y), (iris, iris)), (58, 38, 28), within=almond)
        pen.fill(ellipse((x, y), (iris * 0.5, iris * 0.5)), (12, 9, 9), within=almond)
        pen.glow((x, y + iris * 0.7), (iris * 0.6, iris * 0.35), (120, 84, 60), 0.6, almond)
        pen.glow((mid, _EYES - tall), (half, 1.8), (40, 24, 22), 0.5, almond)
        pen.fill(ellipse((x - 1.3, y - 1.4), (1.0, 1.0)), (255, 255, 255), feather=0.2)
        lash = (30, 22, 22)
        upper = self._line(
            (inner, _EYES + 1), (mid - side * half * 0.45, _EYES - tall * 0.9), (mid + side, _EYES - tall * 1.1),
            (mid + side * half * 0.65, _EYES - tall * 0.7), (outer + side * 1.2, _EYES - 0.8),
        )  # fmt: skip
        pen.stroke(upper, lash, 2.4 if who.sex == "F" else 1.9)
        lower = self._line((inner + side * 3, _EYES + tall * 0.8), (mid, _EYES + tall), (outer, _EYES))
        pen.stroke(lower, dark, 0.9, alpha=0.6)
        pen.stroke(upper - np.array([0, 3.0]), dark, 1.1, feather=0.5, alpha=0.7)

    def _brow(self, side: int) -> None:
        who = self.who
        y = _EYES - who.brow_height
        mid = side * (who.eye_gap + 0.5)
        line = self._line(
            (mid - side * 11, y + 2.2 - who.brow_tilt * 0.3), (mid - side * 4, y + 0.4), (mid + side * 4, y - 1.2),
            (mid + side * 12.5, y + 1.8 + who.brow_tilt),
        )  # fmt: skip
        self.pen.stroke(line, mix(who.hair, (60, 44, 38), 0.3), who.brow_weight, feather=0.55, alpha=0.88)

    def _nose(self) -> None:
        who, pen = self.who, self.pen
        tip, wide = _EYES + who.nose_length, who.nose_width
        dark, pale = mix(who.skin, (110, 60, 46), 0.62), mix(who.skin, (255, 252, 246), 0.8)
        pen.glow(self.at(6.5, _EYES + 9, 1.04), (3.6, 17), dark, 0.38)
        pen.glow(self.at(-6.5, _EYES + 6, 1.04), (3, 13), dark, 0.2)
        pen.glow(self.at(-1, _EYES + 11, 1.1), (2.6, 15), pale, 0.55)
        pen.glow(self.at(0, tip + 3.5, 1.1), (wide * 0.9, 3.4), dark, 0.5)
        pen.glow(self.at(-1, tip - 4, 1.16), (3.4, 3.2), pale, 0.7)
        for side in (-1, 1):
            wing = self._line((side * wide * 0.72, tip - 7), (side * wide, tip - 2.5), (side * wide * 0.8, tip + 1.2),
                              depth=1.1)  # fmt: skip
            pen.stroke(wing, dark, 1.5, feather=0.7, alpha=0.62)
            x, y = self.at(side * wide * 0.45, tip + 1, 1.12)
            pen.fill(ellipse((x, y), (2.3, 1.2), side * 0.3), (84, 40, 34), feather=0.7, alpha=0.8)

    def _mouth(self) -> None:
        who, pen = self.who, self.pen
        y = _EYES + who.nose_length + 16.5
        half, lip, smile = who.mouth_width, who.lip, who.smile
        red = mix(who.skin, (186, 64, 66) if who.sex == "F" else (170, 84, 76), 0.62)
        dark = mix(red, (70, 18, 22), 0.6)
        shade = mix(who.skin, (110, 60, 46), 0.6)
        pen.glow(self.at(0, y - 8), (3, 4), shade, 0.25)
        upper = self._shape((-half, y - smile), (-6, y - lip), (-2, y - lip * 1.02), (0, y - lip * 0.72),
                            (2, y - lip * 1.02), (6, y - lip), (half, y - smile), (5, y + 1), (0, y + 1.3),
                            (-5, y + 1))  # fmt: skip
        lower = self._shape((-half + 1, y - smile + 0.4), (-6, y + 0.8), (0, y + 1.2), (6, y + 0.8),
                            (half - 1, y - smile + 0.4), (8.5, y + lip * 1.1), (0, y + lip * 1.5),
                            (-8.5, y + lip * 1.1))  # fmt: skip
        pen.fill(lower, mix(red, (255, 220, 210), 0.14), feather=0.55)
        pen.fill(upper, mix(red, (90, 30, 30), 0.18), feather=0.55)
        pen.glow(self.at(-2, y + lip * 0.75), (5, 1.5), (255, 232, 226), 0.35, lower)
        line = self._line((-half - 0.5, y - smile - 0.3), (-7, y + 0.5), (0, y + 1), (7, y + 0.5),
                          (half + 0.5, y - smile - 0.3))  # fmt: skip
        pen.stroke(line, dark, 1.5, feather=0.35)
        pen.glow(self.at(0, y + lip * 1.5 + 3.6), (10, 2.8), shade, 0.42)

    def _glasses(self) -> None:
        pen, frame = self.pen, (46, 42, 46)
        for side in (-1, 1):
            mid = side * (self.who.eye_gap + 0.5)
            rim = [
                (mid + 15 * math.cos(a), _EYES + 1.5 + 10.5 * math.sin(a)) for a in np.linspace(0.3, 6.9, 20)
            ]
            pen.stroke(np.array([self.at(*p) for p in rim]), frame, 1.3, taper=0, alpha=0.9)
            pen.stroke(self._line((mid + side * 15, _EYES - 1), (side * 43, _EYES - 3)), frame, 1.3, taper=0)
        pen.stroke(self._line((-5.5, _EYES), (0, _EYES - 2), (5.5, _EYES), depth=1.06), frame, 1.4, taper=0)

    def _hair_behind(self) -> None:
        who, pen = self.who, self.pen
        if who.sex == "M":
            return
        dark = mix(who.hair, (0, 0, 0), 0.35)
        if who.style in (0, 1):  # down to the shoulders, or a bob
            end = 268 if who.style == 0 else 214
            back = mirrored(
                [(0, 54), (34, 60), (54, 92), (60, 140), (62, 190), (60, end - 16), (46, end), (0, end)]
            )
            pen.fill(back, dark, feather=0.9, texture=self.texture)
        else:
            pen.fill(mirrored([(0, 56), (32, 62), (48, 90), (50, 130), (42, 170), (0, 175)]), dark)

    def _hair(self) -> None:
        who, pen = self.who, self.pen
        shape = MEN[who.style] if who.sex == "M" else WOMEN[who.style]
        front = closed(shape)
        rim = mix(who.skin, (60, 34, 28), 0.75)
        pen.fill(front + np.array([0, 2.2]), rim, feather=2.4, alpha=0.5, within=self.outline)
        pen.fill(front, who.hair, feather=0.7, texture=self.texture)
        pale = mix(who.hair, (190, 180, 190), 0.42)
        pen.glow((-16, 68), (24, 7), pale, 0.55, front)
        pen.glow((20, 66), (14, 5), pale, 0.25, front)
        for _ in range(26):
            x = float(self.random.uniform(-46, 46))
            root = (x * 0.35 + 6, 57 + abs(x) * 0.12)
            lock = np.array([root, (x * 0.8, 68 + abs(x) * 0.35), (x * 1.05, 88 + abs(x) * 0.7)])
            tone = pale if self.random.random() < 0.5 else (0, 0, 0)
            pen.stroke(lock, tone, 1.1, feather=0.5, alpha=0.16, within=front)


def backdrop(canvas: Canvas, colour: Colour) -> None:
    """A plain studio cloth, a little lighter behind the shoulders."""
    height, width = canvas.pixels.shape[1:]
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    light = np.float32(0.92) + np.float32(0.16) * (np.exp(-3 * (y - 0.55) ** 2) * np.exp(-1.4 * x**2))
    canvas.pixels[:] = light * np.array(colour, np.float32)[:, None, None]


def paint_person(
    canvas: Canvas, who: Likeness, random: np.random.Generator, *, turn: float = 0.0
) -> Portrait:
    """Backdrop and one person in the middle of the canvas, fitted to its height."""
    backdrop(canvas, who.backdrop)
    width, height = canvas.size
    scale = height / HEIGHT
    pen = Pen(canvas, scale * _SCALE, (width / 2, scale * _TOP))
    portrait = Portrait(pen, who, random, turn)
    portrait.paint()
    return portrait


__all__ = ["AXIS", "HEIGHT", "WIDTH", "Portrait", "backdrop", "mix", "paint_person", "strands"]
