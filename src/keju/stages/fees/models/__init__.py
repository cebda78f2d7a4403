"""The ledger, and what stands behind its entries: tariffs, receipts, payments, statements, orders, remittances, refunds.

Amounts are yuan, exact to the fen. The ledger is append-only; a trigger refuses, when the transaction ends, an entry whose
postings do not sum to zero (migration 0002).
"""

from keju.stages.fees.models.ledger import ONCE, Account, Entry, Kind, Posting
from keju.stages.fees.models.paying import Advance, Order, OrderNews, PaymentTaken, ReceiptRange, Tariff
from keju.stages.fees.models.refunds import PayoutAccount, Refund, RefundBatch, RefundItem
from keju.stages.fees.models.remittances import FiscalReceipt, Remittance
from keju.stages.fees.models.statements import Match, Statement, StatementLine

__all__ = [
    "ONCE", "Account", "Advance", "Entry", "FiscalReceipt", "Kind", "Match", "Order", "OrderNews", "PaymentTaken",
    "PayoutAccount", "Posting", "ReceiptRange", "Refund", "RefundBatch", "RefundItem", "Remittance", "Statement",
    "StatementLine", "Tariff",
]  # fmt: skip
