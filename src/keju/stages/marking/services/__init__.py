"""Writes of the marking stage."""

from keju.stages.marking.services.cards import open_batches, print_cards
from keju.stages.marking.services.deciding import decide
from keju.stages.marking.services.keys import confirm_key, set_key
from keju.stages.marking.services.reading import ReadResult, card_layout_of, read_images
from keju.stages.marking.services.scoring import freeze, propose_freeze, run_scores

__all__ = [
    "ReadResult",
    "card_layout_of",
    "confirm_key",
    "decide",
    "freeze",
    "open_batches",
    "print_cards",
    "propose_freeze",
    "read_images",
    "run_scores",
    "set_key",
]
