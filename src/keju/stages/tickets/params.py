"""The law's numbers of this stage."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Params:
    """V7.1, V7.3: terms in working days. V7.2: `serial_max`, the last serial of a host point."""

    generate_working_days: int
    opening_working_days: int
    serial_max: int
