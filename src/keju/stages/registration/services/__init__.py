"""Writes of the registration stage."""

from keju.stages.registration.rules import Submission
from keju.stages.registration.services.correcting import AMENDABLE, against_amendment, amend, amendable
from keju.stages.registration.services.importing import COLUMNS as IMPORT_COLUMNS
from keju.stages.registration.services.importing import (
    MAX_ROWS,
    Imported,
    import_forms,
    known_documents,
    known_routes,
)
from keju.stages.registration.services.importing import columns as import_columns
from keju.stages.registration.services.judging import Accepted, SubmitResult, route_refusals, stands_against
from keju.stages.registration.services.mending import Seen, look_at
from keju.stages.registration.services.needing import ask_needs, decide_needs
from keju.stages.registration.services.photos import (
    ensure_checked,
    overrule_photo,
    overrule_photos,
    store_photo,
)
from keju.stages.registration.services.places import prepare_point
from keju.stages.registration.services.printing import code_of, print_receipt
from keju.stages.registration.services.registering import (
    bring_in,
    edit,
    save_draft,
    submit,
    withdraw,
)
from keju.stages.registration.services.verdicts import mark_confirmed, mark_rejected, unmask
from keju.stages.registration.services.zipped import MAX_ZIP

__all__ = [
    "AMENDABLE",
    "IMPORT_COLUMNS",
    "MAX_ROWS",
    "MAX_ZIP",
    "Accepted",
    "Imported",
    "Seen",
    "Submission",
    "SubmitResult",
    "against_amendment",
    "amend",
    "amendable",
    "ask_needs",
    "bring_in",
    "code_of",
    "decide_needs",
    "edit",
    "ensure_checked",
    "import_columns",
    "import_forms",
    "known_documents",
    "known_routes",
    "look_at",
    "mark_confirmed",
    "mark_rejected",
    "overrule_photo",
    "overrule_photos",
    "prepare_point",
    "print_receipt",
    "route_refusals",
    "save_draft",
    "stands_against",
    "store_photo",
    "submit",
    "unmask",
    "withdraw",
]
