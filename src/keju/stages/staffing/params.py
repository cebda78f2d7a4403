"""The law's numbers of this stage."""

from dataclasses import dataclass
from datetime import time


@dataclass(frozen=True)
class Params:
    """V2.1-V2.7: how many fill a post. V15.1.1, V15.1.4: duty, its phones, rest.

    V4.1, V4.3: attendance codes and short checks (our choice: the rules are silent)."""

    # posts and quotas
    inspectors_per_region: int
    supervisors_per_point: int
    deputies_min: int
    deputies_max: int
    patrols_per_floor_min: int
    patrols_per_floor_max: int
    confidential_officers_min: int
    invigilators_per_room_min: int
    invigilators_per_room_max: int
    consent_days_before: int
    sector_words: tuple[str, ...]
    # rosters: hours of duty, terms of filing and exchange, rest and length of shifts (our choice)
    duty_from: time
    duty_until: time
    phones_days: int
    directory_days: int
    rest_hours: int
    longest_shift_hours: int
    # training: codes on the wall, personal links, short checks
    code_seconds: int
    code_grace_seconds: int
    code_early_minutes: int
    training_link_days: int
    check_questions: int
    check_percent: int
    check_tries: int
