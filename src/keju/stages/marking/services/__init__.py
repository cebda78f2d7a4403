"""Writes of the marking stage."""

from keju.stages.marking.services.cards import open_batches, print_cards
from keju.stages.marking.services.deciding import decide, decide_all, declare_missing
from keju.stages.marking.services.keys import confirm_key, set_key
from keju.stages.marking.services.practice import practice_answers, practice_images, scan_practice
from keju.stages.marking.services.reading import NOTHING, ReadResult, read_images
from keju.stages.marking.services.scoring import freeze, propose_freeze, run_scores, view_scores

__all__ = [
    "NOTHING",
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
    "read_images",
    "run_scores",
    "scan_practice",
    "set_key",
    "view_scores",
]
