"""Writes of the exam day."""

from keju.stages.examday.services.importing import ImportResult, bring_in, sheet_of
from keju.stages.examday.services.marks import SeatMark, mark_rest_present, record_many, record_marks
from keju.stages.examday.services.papers import COPIES, print_record
from keju.stages.examday.services.reporting import report_absences
from keju.stages.examday.services.rooms import close_rooms, open_rooms
from keju.stages.examday.services.sites import open_sites

__all__ = [
    "COPIES",
    "ImportResult",
    "SeatMark",
    "bring_in",
    "close_rooms",
    "mark_rest_present",
    "open_rooms",
    "open_sites",
    "print_record",
    "record_many",
    "record_marks",
    "report_absences",
    "sheet_of",
]
