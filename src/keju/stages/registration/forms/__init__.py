"""What a candidate types into the wizard, and what offices type."""

from keju.stages.registration.forms.office import (
    Filter,
    ImportForm,
    NeedsForm,
    PlaceForm,
    ReasonForm,
    UnmaskForm,
    WithdrawForm,
)
from keju.stages.registration.forms.wizard import (
    CategoryForm,
    PledgeForm,
    PointForm,
    facts_form,
    person_form,
)

__all__ = [
    "CategoryForm",
    "Filter",
    "ImportForm",
    "NeedsForm",
    "PlaceForm",
    "PledgeForm",
    "PointForm",
    "ReasonForm",
    "UnmaskForm",
    "WithdrawForm",
    "facts_form",
    "person_form",
]
