"""The law's numbers of this stage."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Params:
    """V2.1-V2.7: how many fill a post."""

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
