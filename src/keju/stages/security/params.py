"""The law's numbers of this stage."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Params:
    """P7.3, V2.2: the longest term of a finding in days, by severity. P2.2, V14.1: months that recordings are kept.
    P7.2: percent of them replayed. P2.3: how many rooms or entrances one device serves, 0 where none is asked; how many
    days before its use a device is tested at the earliest.
    """

    finding_days_grave: int
    finding_days_major: int
    finding_days_minor: int
    recording_months: int
    replay_percent: int
    rooms_per_jammer: int
    entrances_per_metal_detector: int
    entrances_per_identity_reader: int
    rooms_per_radio: int
    device_test_days: int
