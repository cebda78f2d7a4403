"""Writes of the marking stage."""

from keju.stages.marking.services.cards import open_batches, print_cards
from keju.stages.marking.services.deciding import decide, decide_all, declare_missing
from keju.stages.marking.services.keys import confirm_key, set_key
from keju.stages.marking.services.practice import practice_answers, practice_images, scan_practice
from keju.stages.marking.services.reading import NOTHING, ReadResult, read_images
from keju.stages.marking.services.scoring import freeze, propose_freeze, run_scores, view_scores
from keju.stages.marking.services.uploading import (
    PRACTICE_JOB,
    READ_JOB,
    queue_images,
    queue_practice,
    unpacked,
)

__all__ = [
    "NOTHING",
    "PRACTICE_JOB",
    "READ_JOB",
    "ReadResult",
    "confirm_key",
    "decide",
    "decide_all",
    "declare_missing",
    "freeze",
    "open_batches",
    "practice_answers",
    "practice_images",
    "print_cards",
    "propose_freeze",
    "queue_images",
    "queue_practice",
    "read_images",
    "run_scores",
    "scan_practice",
    "set_key",
    "unpacked",
    "view_scores",
]
