"""Chapter 8 and V5.1.2: what is owed, to whom, until when. Pure. Amounts are yuan as Decimal, two places."""

from keju.algorithms.reference import FEE, REFUND, readable, reference, references
from keju.stages.fees.rules.amounts import CENT, money
from keju.stages.fees.rules.lines import (
    Line,
    arrival,
    balances,
    banked,
    booked,
    bounced,
    charge,
    explained,
    online,
    payment,
    refund,
    refund_owed,
    remittance,
    surplus,
)
from keju.stages.fees.rules.orders import Known, Said, Verdict, check_order, judge
from keju.stages.fees.rules.paying import (
    METHODS,
    Owes,
    Payment,
    Price,
    check_charge,
    check_payment,
    check_tariff,
    check_tariff_starts,
    national_fee,
    price_on,
    price_owed,
    too_much,
)
from keju.stages.fees.rules.receipts import check_range, check_receipts, receipt_flaws
from keju.stages.fees.rules.refunding import (
    WAYS,
    batch_digest_line,
    check_account,
    check_bounce,
    check_proposal,
    check_release,
    masked,
)
from keju.stages.fees.rules.remitting import (
    Account,
    check_fiscal_receipt,
    check_remittance,
    in_default,
    remittance_deadline,
    why_in_default,
)
from keju.stages.fees.rules.statements import (
    BankLine,
    Flaw,
    Layout,
    NotThis,
    check_explained,
    check_joins,
    check_statement,
    read,
    recognise,
)

__all__ = [
    "CENT", "FEE", "METHODS", "REFUND", "WAYS", "Account", "BankLine", "Flaw", "Known", "Layout", "Line", "NotThis",
    "Owes", "Payment", "Price", "Said", "Verdict", "arrival", "balances", "banked", "batch_digest_line", "booked",
    "bounced", "charge", "check_account", "check_bounce", "check_charge", "check_explained", "check_fiscal_receipt",
    "check_joins", "check_order", "check_payment", "check_proposal", "check_range", "check_receipts", "check_release",
    "check_remittance", "check_statement", "check_tariff", "check_tariff_starts", "explained", "in_default", "judge",
    "masked", "money", "national_fee", "online", "payment", "price_on", "price_owed", "read", "readable",
    "receipt_flaws", "recognise", "reference", "references", "refund", "refund_owed", "remittance",
    "remittance_deadline", "surplus", "too_much", "why_in_default",
]  # fmt: skip
