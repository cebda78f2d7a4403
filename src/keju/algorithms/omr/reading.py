"""One card image to one reading: equal bytes and reader version give an equal reading, bit by bit."""

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum

import numpy as np

from keju.algorithms.omr.coding import read_codes, ticket_bubbles
from keju.algorithms.omr.deciding import Answer, State, decide, ink_level
from keju.algorithms.omr.decoding import decode, jpeg_quality
from keju.algorithms.omr.gating import (
    MAX_NOISE,
    MAX_RESIDUAL,
    MAX_ROTATION,
    answered,
    geometric,
    noise,
    optical,
)
from keju.algorithms.omr.geometry import geometry
from keju.algorithms.omr.layout import CardLayout
from keju.algorithms.omr.locating import locate, pose
from keju.algorithms.omr.measuring import Ink, measure
from keju.algorithms.omr.payload import Payload
from keju.algorithms.omr.refusing import Reason, Refused
from keju.algorithms.omr.tracking import track

READER_VERSION = "1"


class Status(StrEnum):
    """What happens to a card next."""

    OK = "ok"
    NEEDS_PERSON = "needs_person"
    REFUSED = "refused"


@dataclass(frozen=True)
class Quality:
    """The sheet's measurements: mm where lengths, degrees, shares of 1, grey values for paper and noise."""

    rotation: float
    shear: float
    scale: float
    residual: float
    jump: float
    toner: float
    crispness: float
    paper: float
    ink: float
    noise: float
    score: float  # 1 is perfect, 0 is at the edge of what is accepted


@dataclass(frozen=True)
class CardReading:
    """Everything that a card says. `answers` is empty when refused; `reasons` is empty when ok.

    `ticket` is what the codes say (or, if both fail, nothing); `ticket_bubbles` what the grid says.
    """

    status: Status
    reasons: tuple[Reason, ...]
    layout: str
    payload: Payload | None = None
    ticket: str | None = None
    ticket_bubbles: str = ""
    answers: tuple[Answer, ...] = ()
    absent: bool = False
    violation: bool = False
    turned: int = 0
    quality: Quality | None = None
    reader: str = READER_VERSION

    @property
    def doubtful(self) -> tuple[int, ...]:
        """Question numbers, from 1, that a person must decide."""
        return tuple(n for n, a in enumerate(self.answers, 1) if a.state is State.DOUBTFUL)

    @property
    def whole_card(self) -> bool:
        """Whether the card as a whole needs a person, not only some of its questions."""
        return any(reason is not Reason.DOUBTFUL for reason in self.reasons)


def read_card(data: bytes, layout: CardLayout) -> CardReading:
    """Reads a JPEG, PNG or TIFF of a card. Never raises for bad input: refuses with a reason instead."""
    try:
        return _read(data, layout)
    except Refused as refusal:
        return CardReading(Status.REFUSED, (refusal.reason,), layout.version)


def _read(data: bytes, layout: CardLayout) -> CardReading:
    sheet = locate(decode(data), layout)
    codes = read_codes(sheet, layout)
    payload = codes[0] or codes[1]
    if payload is not None and payload.layout != layout.version:
        raise Refused(Reason.OTHER_TEMPLATE)
    seen = track(sheet, layout)
    ink = measure(sheet, layout, seen)
    reasons = [*geometric(sheet, layout, seen), *optical(sheet, ink, seen, jpeg_quality(data))]
    bubbles = ticket_bubbles(ink.digits)
    reasons += _identity(codes, bubbles)
    (absent, violation), unclear = _staff(ink)
    if unclear:
        reasons.append(Reason.STAFF_UNCLEAR)
    answers = decide(ink, layout.options)
    reasons += answered(answers, ink, absent=absent)
    p = pose(sheet, geometry(layout))
    level, firm = ink_level(ink)
    grain = noise(sheet)
    quality = Quality(
        rotation=round(p.rotation, 3),
        shear=round(p.shear, 5),
        scale=round(p.scale, 5),
        residual=round(seen.residual, 3),
        jump=round(seen.jump, 3),
        toner=round(seen.toner, 3),
        crispness=round(seen.core, 3),
        paper=round(float(np.median(ink.paper)), 1),
        ink=round(level, 3) if firm else 0.0,
        noise=round(grain, 2),
        score=round(
            max(
                0.0, 1 - max(seen.residual / MAX_RESIDUAL, grain / MAX_NOISE, abs(p.rotation) / MAX_ROTATION)
            ),
            3,
        ),
    )
    return CardReading(
        status=Status.NEEDS_PERSON if reasons else Status.OK,
        reasons=tuple(dict.fromkeys(reasons)),
        layout=layout.version,
        payload=payload,
        ticket=payload.ticket if payload else None,
        ticket_bubbles=bubbles,
        answers=answers,
        absent=absent,
        violation=violation,
        turned=sheet.turned,
        quality=quality,
    )


def _identity(codes: tuple[Payload | None, Payload | None], bubbles: str) -> list[Reason]:
    """Three witnesses to one ticket number: two codes and the bubbles."""
    if codes[0] is None and codes[1] is None:
        return [Reason.CODE_UNREADABLE]
    reasons = []
    if codes[0] is not None and codes[1] is not None and codes[0] != codes[1]:
        reasons.append(Reason.CODES_DISAGREE)
    ticket = (codes[0] or codes[1]).ticket  # type: ignore[union-attr]
    if len(ticket) != len(bubbles) or any(b not in ("?", t) for b, t in zip(bubbles, ticket)):
        reasons.append(Reason.TICKET_MISMATCH)
    elif bubbles.count("?") > (1 if None not in codes else 0):
        reasons.append(Reason.TICKET_UNCLEAR)
    return reasons


def _staff(ink: Ink) -> tuple[tuple[bool, bool], bool]:
    """Absent and violation, and whether either is neither clearly filled nor clearly bare."""
    filled = [bool(mean >= 0.40) for mean, _ in ink.staff]
    bare = [bool(mean <= 0.06 and peak <= 0.25) for mean, peak in ink.staff]
    return (filled[0], filled[1]), not all(f or b for f, b in zip(filled, bare))


def reading_hash(reading: CardReading) -> str:
    """SHA-256 over the canonical JSON of a reading: equal readings, equal digest, on every machine."""
    text = json.dumps(asdict(reading), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
