"""Writes of the registration stage."""

from keju.stages.registration.rules import Submission
from keju.stages.registration.services.photos import ensure_checked, overrule_photo, store_photo
from keju.stages.registration.services.places import prepare_point
from keju.stages.registration.services.registering import (
    Accepted,
    SubmitResult,
    bring_in,
    edit,
    save_draft,
    submit,
    withdraw,
)
from keju.stages.registration.services.verdicts import mark_confirmed, mark_rejected, unmask

__all__ = [
    "Accepted",
    "Submission",
    "SubmitResult",
    "bring_in",
    "edit",
    "ensure_checked",
    "mark_confirmed",
    "mark_rejected",
    "overrule_photo",
    "prepare_point",
    "save_draft",
    "store_photo",
    "submit",
    "unmask",
    "withdraw",
]
