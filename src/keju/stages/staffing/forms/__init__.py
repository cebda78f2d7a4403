"""What the offices, and the people whom they appoint, type."""

from keju.stages.staffing.forms.people import ImportForm, LeaveForm, MemberFilter, MemberForm, ReasonForm
from keju.stages.staffing.forms.posting import (
    AppointedFilter,
    AppointForm,
    GapFilter,
    PaperForm,
    ReplaceForm,
    ReportForm,
)

__all__ = [
    "AppointForm",
    "AppointedFilter",
    "GapFilter",
    "ImportForm",
    "LeaveForm",
    "MemberFilter",
    "MemberForm",
    "PaperForm",
    "ReasonForm",
    "ReplaceForm",
    "ReportForm",
]
