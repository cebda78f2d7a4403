"""The law's numbers of this stage."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Params:
    """V6.1–V6.3, V11.2.3, V14.2, V14.4, V14.5, V14.7.1. `spare_room_per_rooms`: one spare room for every so many exam rooms
    begun. `mix_categories`: whether two categories may share a room. `host_cost_km`, `small_host_cost_km`,
    `missing_candidate_km`: what the proposal of hosts weighs against travel, in km of one candidate."""

    host_min_candidates: int
    host_decision_working_days: int
    site_working_days: int
    column_gap_cm: int
    spare_room_per_rooms: int
    rest_rooms: int
    cordon_metres: int
    seal_rooms: int
    mix_categories: bool
    host_cost_km: int
    small_host_cost_km: int
    missing_candidate_km: int
