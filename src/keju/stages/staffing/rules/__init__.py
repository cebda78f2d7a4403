"""What the law asks of staff: who may hold a post, how many, and what is missing."""

from keju.stages.staffing.rules.checks import check_host, check_trained
from keju.stages.staffing.rules.people import COLLECTED, FEMALE, MALE, SEXES, NewMember, check_member, lacking
from keju.stages.staffing.rules.posting import (
    MAY_APPOINT,
    Counted,
    Place,
    Quota,
    check_appointer,
    check_confidential_officer,
    check_invigilators,
    check_nowhere_else,
    check_place,
    check_quota,
    check_sector,
    is_fit_home,
    is_sent,
    quota_of,
    shortfall,
)
from keju.stages.staffing.rules.reporting import CHECKS, PHASES, REPORTING, check_report

__all__ = [
    "CHECKS",
    "COLLECTED",
    "FEMALE",
    "MALE",
    "MAY_APPOINT",
    "PHASES",
    "REPORTING",
    "SEXES",
    "Counted",
    "NewMember",
    "Place",
    "Quota",
    "check_appointer",
    "check_confidential_officer",
    "check_host",
    "check_invigilators",
    "check_member",
    "check_nowhere_else",
    "check_place",
    "check_quota",
    "check_report",
    "check_sector",
    "check_trained",
    "is_fit_home",
    "is_sent",
    "lacking",
    "quota_of",
    "shortfall",
]
