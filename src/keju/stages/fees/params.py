"""The law's numbers of this stage."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Params:
    """V8.1 the national fee; V8.2a, V8.2b, V8.3 the terms."""

    national_per_subject: int
    remittance_months: int
    receipt_working_days: int
    refund_working_days: int
