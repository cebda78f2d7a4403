"""The law's numbers of this stage."""

from dataclasses import dataclass
from datetime import time


@dataclass(frozen=True)
class Params:
    """V15.9.2 report time; V15.3.2 lead time; V15.4.2 witnesses at the opening of a bag."""

    absence_report_at: time
    invigilators_arrive_minutes_before: int
    opening_witnesses: int
