"""Writes of the results stage."""

from keju.stages.results.services.deciding import decide_line, propose_line, vote
from keju.stages.results.services.printing import print_transcript
from keju.stages.results.services.registers import passes_table, send_register
from keju.stages.results.services.releasing import release

__all__ = [
    "decide_line",
    "passes_table",
    "print_transcript",
    "propose_line",
    "release",
    "send_register",
    "vote",
]
