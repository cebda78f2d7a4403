"""Reading the ledger and what stands behind it. Row-level security shows each viewer their offices' rows."""

from keju.stages.fees.queries.ledger import (
    ACCOUNTS,
    Balance,
    balance,
    by_region,
    ledger_sum,
    recounted_balance,
    trial_balance,
)
from keju.stages.fees.queries.paying import (
    PAGE,
    advances_of,
    all_payments,
    covered,
    fee_of,
    owes,
    paid,
    payment_of,
    payments,
    receipts_of,
    taken_at,
)
from keju.stages.fees.queries.receipts import RangeUse, range_uses, ranges
from keju.stages.fees.queries.reconciliation import Check, Fault, checks, reconciliation
from keju.stages.fees.queries.refunds import (
    CAUSES,
    WAYS,
    Owed,
    accounts,
    all_refunds,
    batch,
    batches,
    dressed,
    items,
    payout_account,
    refund_counts,
    refund_of,
    refunds,
    refunds_of,
    waiting,
)
from keju.stages.fees.queries.remittances import (
    Standing,
    amount_due,
    fiscal_receipt,
    fiscal_receipts,
    in_default,
    remittances,
    standing,
    standings,
    unreceipted,
)
from keju.stages.fees.queries.statements import (
    BY_REFERENCE,
    WHAT,
    Line,
    all_lines,
    closing_balance,
    grounds,
    layouts,
    line_counts,
    matches_of,
    order_counts,
    orders,
    orders_of,
    registrations_of,
    statement_line,
    statement_lines,
    statements,
    suggestions,
)
from keju.stages.fees.queries.tariffs import (
    Fee,
    coming_tariffs,
    fee,
    national_fees,
    prices,
    refund_days,
    tariff,
    tariff_file,
    tariff_versions,
    tariffs,
)

__all__ = [
    "ACCOUNTS", "BY_REFERENCE", "CAUSES", "PAGE", "WAYS", "WHAT", "Balance", "Check", "Fault", "Fee", "Line", "Owed",
    "RangeUse", "Standing", "accounts", "advances_of", "all_lines", "all_payments", "all_refunds", "amount_due",
    "balance", "batch", "batches", "by_region", "checks", "closing_balance", "coming_tariffs", "covered", "dressed",
    "fee", "fee_of", "fiscal_receipt", "fiscal_receipts", "grounds", "in_default", "items", "layouts", "ledger_sum",
    "line_counts", "matches_of", "national_fees", "order_counts", "orders", "orders_of", "owes", "paid",
    "payment_of", "payments", "payout_account", "prices", "range_uses", "ranges", "receipts_of", "reconciliation",
    "recounted_balance", "refund_counts", "refund_days", "refund_of", "refunds", "refunds_of", "registrations_of",
    "remittances", "standing", "standings", "statement_line", "statement_lines", "statements", "suggestions",
    "taken_at", "tariff", "tariff_file", "tariff_versions", "tariffs", "trial_balance", "unreceipted", "waiting",
]  # fmt: skip
