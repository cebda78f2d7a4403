"""Tables of the review: decisions, scans of the materials, corrections, consignments."""

from keju.stages.review.models.corrections import CORRECTION_TRANSITIONS, Correction
from keju.stages.review.models.decisions import Batch, Bulk, FirstReview, SecondReview
from keju.stages.review.models.scans import Scan
from keju.stages.review.models.sending import Summary

__all__ = [
    "CORRECTION_TRANSITIONS",
    "Batch",
    "Bulk",
    "Correction",
    "FirstReview",
    "Scan",
    "SecondReview",
    "Summary",
]
