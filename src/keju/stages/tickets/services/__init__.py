"""Numbering, opening, reissuing."""

from keju.stages.tickets.services.numbering import GenerationResult, generate, reissue, revoke
from keju.stages.tickets.services.opening import OpeningResult, open_printing

__all__ = ["GenerationResult", "OpeningResult", "generate", "open_printing", "reissue", "revoke"]
