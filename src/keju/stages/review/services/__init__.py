"""Writes of the review stage."""

from keju.stages.review.services.batch import set_batch
from keju.stages.review.services.corrections import (
    Wish,
    approve_corrections,
    ask_correction,
    mend,
    refuse_correction,
    report_corrections,
    sign_corrections,
)
from keju.stages.review.services.first import FirstDecision, decide_first
from keju.stages.review.services.forms import print_form
from keju.stages.review.services.scans import add_scan, remove_scan
from keju.stages.review.services.second import decide_second, pass_all, pass_some, revise_second
from keju.stages.review.services.summaries import (
    Parcel,
    print_consignment,
    print_summary,
    receive_summary,
    send_summary,
)

__all__ = [
    "FirstDecision",
    "Parcel",
    "Wish",
    "add_scan",
    "approve_corrections",
    "ask_correction",
    "decide_first",
    "decide_second",
    "mend",
    "pass_all",
    "pass_some",
    "print_consignment",
    "print_form",
    "print_summary",
    "receive_summary",
    "refuse_correction",
    "remove_scan",
    "report_corrections",
    "revise_second",
    "send_summary",
    "set_batch",
    "sign_corrections",
]
