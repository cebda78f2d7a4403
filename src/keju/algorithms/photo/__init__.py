"""Checking and mending the photo of a registration (V5.2.2)."""

from keju.algorithms.photo.examine import examine, restate
from keju.algorithms.photo.findings import (
    CHECKER_VERSION,
    Box,
    Criterion,
    Finding,
    Limit,
    PhotoExamination,
)
from keju.algorithms.photo.limits import Judgement, PhotoLimits
from keju.algorithms.photo.printing import for_print
from keju.algorithms.photo.recompress import CannotRecompress, recompress, strip_metadata

__all__ = [
    "CHECKER_VERSION",
    "Box",
    "CannotRecompress",
    "Criterion",
    "Finding",
    "Judgement",
    "Limit",
    "PhotoExamination",
    "PhotoLimits",
    "examine",
    "for_print",
    "recompress",
    "restate",
    "strip_metadata",
]
