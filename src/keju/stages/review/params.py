"""The law's numbers of this stage."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Params:
    """V5.3.2b: copies that the candidate signs; V5.3.3: the point's term for the summary; V5.4: the region's."""

    signed_copies: int
    summary_working_days: int
    second_review_working_days: int
