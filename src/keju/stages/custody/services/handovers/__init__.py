"""Formal handovers (chapter 11): prepared, announced, counted, signed, closed; what is abnormal is reported and instructed.

`prepare`, `scan`, `finish_count`, `sign` and their like for pages; `in_one` for all of it; `report` and `instruct` for
exceptions of any part; `hooks.judges`, `hooks.follows` for parts that keep the places.
"""

from keju.stages.custody.rules.handovers import Named, Scan
from keju.stages.custody.services.handovers.bulk import in_one
from keju.stages.custody.services.handovers.changing import ask_change
from keju.stages.custody.services.handovers.closing import Signed, sign
from keju.stages.custody.services.handovers.excepting import Found, instruct, report
from keju.stages.custody.services.handovers.preparing import announce, break_off, prepare
from keju.stages.custody.services.handovers.printing import print_sheet
from keju.stages.custody.services.handovers.receiving import came_in, may_be_planned, may_come_in
from keju.stages.custody.services.handovers.returning import may_return
from keju.stages.custody.services.handovers.scanning import Outcome, finish_count, reopen, scan
from keju.stages.custody.services.handovers.travelling import may_load, may_unload

__all__ = [
    "Found",
    "Named",
    "Outcome",
    "Scan",
    "Signed",
    "announce",
    "ask_change",
    "break_off",
    "came_in",
    "finish_count",
    "in_one",
    "instruct",
    "may_be_planned",
    "may_come_in",
    "may_load",
    "may_return",
    "may_unload",
    "prepare",
    "print_sheet",
    "reopen",
    "report",
    "scan",
    "sign",
]
