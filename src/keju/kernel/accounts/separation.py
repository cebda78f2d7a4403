"""Nobody both decides about registrations and moves money (chapters 5 and 8): neither in one role nor in two at once. Pure.

Taking the fee at the counter is the clerk's by V5.3.2a; moving it on, booking the bank's statements and paying back is not.
"""

from collections.abc import Iterable

from keju.kernel.accounts.permissions import ROLES, Permission

EDITS_REGISTRATIONS = frozenset(
    {
        Permission.REGISTRATION_IMPORT_RUN,
        Permission.REGISTRATION_PHOTO_OVERRULE,
        Permission.REVIEW_FIRST_DECIDE,
        Permission.REVIEW_SECOND_DECIDE,
    }
)
MOVES_MONEY = frozenset(
    {
        Permission.FEES_STATEMENT_BOOK,
        Permission.FEES_REMITTANCE_RECORD,
        Permission.FEES_REMITTANCE_RECEIVE,
        Permission.FEES_REFUND_EXECUTE,
    }
)


def conflicts(roles: Iterable[str]) -> bool:
    """Whether somebody who holds all these roles could both edit registrations and move money."""
    held = frozenset().union(*(ROLES[role].permissions for role in roles if role in ROLES))
    return bool(held & EDITS_REGISTRATIONS) and bool(held & MOVES_MONEY)
