"""Making people, postings and candidate accounts."""

from keju.kernel.accounts.services.candidates import NO_PASSWORD, NewCandidate, ensure_candidates, sign_up
from keju.kernel.accounts.services.contact import Contact, keep_contact
from keju.kernel.accounts.services.recovery import (
    issue_counter_code,
    prepare_recovery,
    recover,
    request_recovery,
    review_recovery,
)
from keju.kernel.accounts.services.staff import NewStaff, add_person, add_staff, end_posting, post

__all__ = [
    "NO_PASSWORD",
    "Contact",
    "NewCandidate",
    "NewStaff",
    "add_person",
    "add_staff",
    "end_posting",
    "ensure_candidates",
    "issue_counter_code",
    "keep_contact",
    "post",
    "prepare_recovery",
    "recover",
    "request_recovery",
    "review_recovery",
    "sign_up",
]
