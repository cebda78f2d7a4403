"""The books: balances, and whether they close."""

from decimal import Decimal

from ninja import Router, Schema

from keju.kernel.exams.access import Request, actor, office_api
from keju.stages.fees import queries

router = Router(tags=["fees"])


class BalanceOut(Schema):
    account: str
    amount: Decimal


class LedgerCheckOut(Schema):
    code: str
    ledger: Decimal
    records: Decimal
    holds: bool
    entries: list[int]


@router.get("/{exam}/balance", response=list[BalanceOut], operation_id="fees_balance")
@office_api("fees:ledger:read")
def balance(request: Request, exam: str) -> object:
    """The trial balance under one's office; the amounts sum to zero."""
    return queries.trial_balance(request.exam, actor(request).office_path)


@router.get("/{exam}/checks", response=list[LedgerCheckOut], operation_id="fees_checks")
@office_api("fees:ledger:read")
def checks(request: Request, exam: str) -> object:
    """The books against what stands behind them; `entries` names those at fault."""
    return [
        {
            "code": c.code,
            "ledger": c.left,
            "records": c.right,
            "holds": c.holds,
            "entries": [f.entry for f in c.faults],
        }
        for c in queries.checks(request.exam, actor(request).office_path)
    ]
