"""Writes of the fees stage."""

from keju.stages.fees.rules import Payment
from keju.stages.fees.services.payments import Taken, bank_cash, take_payments
from keju.stages.fees.services.receipts import register_receipts
from keju.stages.fees.services.refunds import mark_refundable, refund
from keju.stages.fees.services.remittances import (
    issue_fiscal_receipt,
    print_fiscal_receipt,
    receive_remittance,
    remit,
)
from keju.stages.fees.services.tariffs import set_tariff

__all__ = [
    "Payment",
    "Taken",
    "bank_cash",
    "issue_fiscal_receipt",
    "mark_refundable",
    "print_fiscal_receipt",
    "receive_remittance",
    "refund",
    "register_receipts",
    "remit",
    "set_tariff",
    "take_payments",
]
