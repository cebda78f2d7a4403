"""Answer cards: where things stand, drawing, rasterising, marking up, degrading, reading.

`card_layout` → `print_cards` → paper → scanner → `read_card`. The middle (`rasterise`, `mark_up`, `degrade`)
plays paper, pencil and scanner in rehearsals and tests.
"""

from keju.algorithms.omr.deciding import Answer, State
from keju.algorithms.omr.degrading import Degradation, degrade, fade, to_jpeg
from keju.algorithms.omr.drawing import CardFace, print_cards
from keju.algorithms.omr.fonts import FontFile, MissingGlyphs, default_fonts, missing_glyphs
from keju.algorithms.omr.layout import Box, CardLayout, card_layout
from keju.algorithms.omr.marking_up import Marks, Pencil, as_marks, mark_up, random_marks
from keju.algorithms.omr.overlaying import Overlay, overlay
from keju.algorithms.omr.payload import Payload, parse_payload
from keju.algorithms.omr.pooling import read_many, reading_pool
from keju.algorithms.omr.practising import Sitter, practice_key, practice_scans
from keju.algorithms.omr.raster import GreyImage, rasterise
from keju.algorithms.omr.reading import READER_VERSION, CardReading, Quality, Status, read_card, reading_hash
from keju.algorithms.omr.refusing import WORDS, Reason, Refused
from keju.algorithms.omr.showing import straightened
from keju.algorithms.omr.simulating import CLASSES, FaultClass, harsh, scan, typical
from keju.algorithms.omr.template import Titles

__all__ = [
    "CLASSES",
    "READER_VERSION",
    "WORDS",
    "Answer",
    "Box",
    "CardFace",
    "CardLayout",
    "CardReading",
    "Degradation",
    "FaultClass",
    "FontFile",
    "GreyImage",
    "Marks",
    "MissingGlyphs",
    "Overlay",
    "Payload",
    "Pencil",
    "Quality",
    "Reason",
    "Refused",
    "Sitter",
    "State",
    "Status",
    "Titles",
    "as_marks",
    "card_layout",
    "default_fonts",
    "degrade",
    "fade",
    "harsh",
    "mark_up",
    "missing_glyphs",
    "overlay",
    "parse_payload",
    "practice_key",
    "practice_scans",
    "print_cards",
    "random_marks",
    "rasterise",
    "read_card",
    "read_many",
    "reading_hash",
    "reading_pool",
    "scan",
    "straightened",
    "to_jpeg",
    "typical",
]
