"""The law's numbers of this stage."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Params:
    """V5.2.2 the photo; V5.3.1 what to bring and who is eligible."""

    photo_format: str
    photo_ratio: float
    photo_ratio_tolerance: float
    photo_min_height_px: int
    photo_recommended_px: tuple[int, int]
    photo_min_kb: int
    photo_max_kb: int
    identity_copies: int
    eligibility_copies: int
    majors: tuple[str, ...]
    min_degree: str
    title_before: date
