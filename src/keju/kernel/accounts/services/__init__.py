"""Making people, postings and candidate accounts."""

from keju.kernel.accounts.services.candidates import NO_PASSWORD, NewCandidate, ensure_candidates, sign_up
from keju.kernel.accounts.services.contact import Contact, keep_contact
from keju.kernel.accounts.services.passkeys import (
    add_passkey,
    ask,
    options_to_add,
    options_to_sign_in,
    remove_passkey,
    rename_passkey,
    sign_in_with_passkey,
)
from keju.kernel.accounts.services.recovery import (
    issue_counter_code,
    prepare_recovery,
    recover,
    request_recovery,
    review_recovery,
)
from keju.kernel.accounts.services.signing import (
    issue_signing_codes,
    issue_signing_sheets,
    prove,
    void_signing_codes,
)
from keju.kernel.accounts.services.staff import NewStaff, add_person, add_staff, end_posting, post

__all__ = [
    "NO_PASSWORD",
    "Contact",
    "NewCandidate",
    "NewStaff",
    "add_passkey",
    "add_person",
    "add_staff",
    "ask",
    "end_posting",
    "ensure_candidates",
    "issue_counter_code",
    "issue_signing_codes",
    "issue_signing_sheets",
    "keep_contact",
    "options_to_add",
    "options_to_sign_in",
    "post",
    "prepare_recovery",
    "prove",
    "recover",
    "remove_passkey",
    "rename_passkey",
    "request_recovery",
    "review_recovery",
    "sign_in_with_passkey",
    "sign_up",
    "void_signing_codes",
]
