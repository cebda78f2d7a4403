"""Chapters 9 to 12, and the paper parts of 15 and 16. Pure."""

from keju.stages.custody.rules.quantities import (
    Bag,
    Line,
    Load,
    bags,
    check_form,
    check_known,
    digest,
    quantities,
    totals,
)

__all__ = [
    "Bag",
    "Line",
    "Load",
    "bags",
    "check_form",
    "check_known",
    "digest",
    "quantities",
    "totals",
]
