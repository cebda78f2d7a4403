"""Writes of the review stage."""

from keju.stages.review.services.first import FirstDecision, decide_first
from keju.stages.review.services.forms import print_form
from keju.stages.review.services.second import decide_second, revise_second, set_batch
from keju.stages.review.services.summaries import print_summary, receive_summary, send_summary

__all__ = [
    "FirstDecision",
    "decide_first",
    "decide_second",
    "print_form",
    "print_summary",
    "receive_summary",
    "revise_second",
    "send_summary",
    "set_batch",
]
