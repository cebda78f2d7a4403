"""Named classes of faults with what is demanded of a reader, and ready mixes for rehearsals and benchmarks."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from keju.algorithms.omr.degrading import Degradation, degrade, fade, to_jpeg
from keju.algorithms.omr.layout import CardLayout
from keju.algorithms.omr.marking_up import Marks, Pencil, mark_up
from keju.algorithms.omr.raster import GreyImage

Rng = np.random.Generator
Maker = Callable[[Rng], tuple[Degradation, Pencil]]
HARD_STYLES = (("tick", 2.0), ("stroke", 2.0), ("cross", 2.0), ("dot", 1.0), ("part", 3.0))


@dataclass(frozen=True)
class FaultClass:
    """A class of faults. `flagged`: the card may never pass as ok. Otherwise: read, and never wrongly."""

    name: str
    flagged: bool
    make: Maker


def _sign(rng: Rng) -> float:
    return float(rng.choice([-1.0, 1.0]))


def typical(rng: Rng) -> tuple[Degradation, Pencil]:
    """An ordinary card on an ordinary scanner."""
    fault = Degradation(
        toner=float(rng.uniform(0.85, 1.0)),
        paper=int(rng.integers(240, 252)),
        rotation=float(np.clip(rng.normal(0, 0.6), -2.5, 2.5)),
        shear=float(rng.uniform(-0.002, 0.002)),
        scale=float(rng.uniform(0.985, 1.015)),
        shift=(float(rng.uniform(-1.5, 1.5)), float(rng.uniform(-1.5, 1.5))),
        noise=float(rng.uniform(1.5, 3.5)),
        blur=float(rng.uniform(0.4, 0.7)),
        shadow=float(rng.uniform(0.0, 0.06)),
        specks=int(rng.integers(0, 80)),
        quarter_turns=2 if rng.random() < 0.03 else 0,
        jpeg=int(rng.integers(72, 92)),
    )
    tone = float(rng.uniform(45, 95))
    return fault, Pencil(grey=(tone - 12, tone + 12), coverage=(0.8, 1.15), residue=(220, 238))


def harsh(rng: Rng) -> tuple[Degradation, Pencil]:
    """A careless candidate, bad paper and a bad scanner, at the edge of the normal range."""
    fault = Degradation(
        toner=float(rng.uniform(0.7, 1.0)),
        paper=int(rng.integers(228, 254)),
        rotation=float(rng.uniform(-3, 3)),
        shear=float(rng.uniform(-0.005, 0.005)),
        scale=float(rng.uniform(0.97, 1.03)),
        shift=(float(rng.uniform(-1.5, 1.5)), float(rng.uniform(-1.5, 1.5))),
        fold=float(rng.uniform(0.3, 0.8)) if rng.random() < 0.2 else 0.0,
        fold_at=float(rng.uniform(0.2, 0.8)),
        noise=float(rng.uniform(2, 4)),
        blur=float(rng.uniform(0.5, 0.8)),
        shadow=float(rng.uniform(0, 0.1)),
        gain=float(rng.uniform(1.2, 1.7)) if rng.random() < 0.15 else 1.0,
        specks=int(rng.integers(0, 200)),
        coffee=int(rng.random() < 0.1),
        water=int(rng.random() < 0.1),
        holes=2 * int(rng.random() < 0.1),
        scrawls=int(rng.random() < 0.05),
        bleed=float(rng.uniform(0.01, 0.04)) if rng.random() < 0.2 else 0.0,
        quarter_turns=int(rng.integers(0, 4)) if rng.random() < 0.1 else 0,
        jpeg=int(rng.integers(60, 95)),
    )
    styles = (("fill", 0.985), ("overflow", 0.01), ("scribble", 0.002), ("stroke", 0.001), ("tick", 0.002))
    return fault, Pencil(grey=(40, 110), coverage=(0.7, 1.2), styles=styles)


def _fault(name: str, flagged: bool, fields: Callable[[Rng], dict[str, object]]) -> FaultClass:
    def make(rng: Rng) -> tuple[Degradation, Pencil]:
        base = {"noise": 2.5, "blur": 0.5}
        return Degradation(**{**base, **fields(rng)}), Pencil()  # type: ignore[arg-type]

    return FaultClass(name, flagged, make)


def _hand(name: str, flagged: bool, pencil: Pencil) -> FaultClass:
    return FaultClass(name, flagged, lambda _: (Degradation(noise=2.5, blur=0.5), pencil))


def _between(rng: Rng, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


CLASSES: tuple[FaultClass, ...] = (
    _fault("rotation", False, lambda r: {"rotation": _sign(r) * _between(r, 1, 3)}),
    _fault("rotation_far", True, lambda r: {"rotation": _sign(r) * _between(r, 3.4, 5)}),
    _fault("shear", False, lambda r: {"shear": _sign(r) * _between(r, 0, 0.005)}),
    _fault("shear_far", True, lambda r: {"shear": _sign(r) * _between(r, 0.008, 0.012)}),
    _fault("stretched", True, lambda r: {"stretch": _between(r, 1.0, 2.0)}),
    _fault("scale", False, lambda r: {"scale": _between(r, 0.97, 1.03)}),
    _fault("scale_far", True, lambda _: {"scale": 0.945}),
    _fault("shift", False, lambda r: {"shift": (_sign(r) * 1.5, _sign(r) * 1.5)}),
    _fault("shift_far", True, lambda r: {"shift": (_sign(r) * 6.0, _sign(r) * 6.0)}),
    _fault("mark_gone", True, lambda r: {"covered_marks": (int(r.integers(4)),)}),
    _fault("two_marks_gone", True, lambda r: {"covered_marks": tuple(r.permutation(4)[:2].tolist())}),
    _fault("upside_down", False, lambda _: {"quarter_turns": 2}),
    _fault("quarter_turn", False, lambda r: {"quarter_turns": int(r.choice([1, 3]))}),
    _fault("fold", False, lambda r: {"fold": _between(r, 0.3, 0.8), "fold_at": _between(r, 0.15, 0.9)}),
    _fault("fold_far", True, lambda r: {"fold": 1.5, "fold_at": _between(r, 0.35, 0.9)}),
    _fault("noise", False, lambda r: {"noise": _between(r, 2, 4)}),
    _fault("noise_far", True, lambda _: {"noise": 12.0}),
    _fault("blur", False, lambda r: {"blur": _between(r, 0.5, 0.8)}),
    _fault("blur_far", True, lambda _: {"blur": 2.0}),
    _fault("jpeg", False, lambda r: {"jpeg": int(r.integers(60, 96))}),
    _fault("jpeg_far", True, lambda _: {"jpeg": 30}),
    _fault("shadow", False, lambda r: {"shadow": _between(r, 0, 0.10)}),
    _fault("shadow_far", True, lambda _: {"shadow": 0.40}),
    _fault("photocopy", False, lambda r: {"gain": _between(r, 1.2, 1.7)}),
    _fault("toner", False, lambda r: {"toner": _between(r, 0.7, 1.0)}),
    _fault("toner_far", True, lambda _: {"toner": 0.4}),
    _fault("specks", False, lambda _: {"specks": 200}),
    _fault("specks_far", True, lambda _: {"specks": 2500}),
    _fault("streaks", True, lambda r: {"streaks": int(r.integers(1, 4))}),
    _fault("coffee", False, lambda _: {"coffee": 1}),
    _fault("water", False, lambda _: {"water": 2}),
    _fault("holes", False, lambda _: {"holes": 2}),
    _fault("dog_ear", False, lambda r: {"dog_ear": _between(r, 5, 25)}),
    _fault("bleed_through", False, lambda r: {"bleed": _between(r, 0.02, 0.08)}),
    _fault("stamp", False, lambda _: {"stamps": 1}),
    _fault("handwriting", False, lambda _: {"scrawls": 2}),
    _fault("bilevel", True, lambda r: {"bilevel": int(r.integers(90, 181))}),
    _fault("double_feed", True, lambda r: {"double_feed": _between(r, 0.2, 0.6)}),
    _hand("pencil", False, Pencil(grey=(40, 110))),
    _hand("pencil_light", True, Pencil(grey=(40, 205))),
    _hand("pencil_faint", True, Pencil(grey=(170, 205))),
    _hand("coverage", False, Pencil(coverage=(0.7, 1.2))),
    _hand("coverage_small", True, Pencil(coverage=(0.25, 0.5), styles=(("part", 1.0),))),
    _hand("odd_styles", True, Pencil(styles=HARD_STYLES, coverage=(0.3, 0.8))),
    _hand("overflow", False, Pencil(styles=(("overflow", 1.0),))),
    _hand("scribble", False, Pencil(styles=(("fill", 0.9), ("scribble", 0.1)))),
    _hand("erasure", False, Pencil(residue=(215, 235))),
    _hand("erasure_dark", True, Pencil(residue=(195, 200))),
)


def scan(
    sheet: GreyImage, layout: CardLayout, marks: Marks, rng: Rng, fault: Degradation, pencil: Pencil
) -> bytes:
    """JPEG bytes of a rasterised card after toner, pencil and scanner."""
    marked = mark_up(fade(sheet, fault.toner, fault.paper), layout, marks, rng, pencil)
    return to_jpeg(degrade(marked, fault, rng), fault.jpeg)
