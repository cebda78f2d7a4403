"""Writes of the fees stage."""

from keju.stages.fees.rules import Payment
from keju.stages.fees.services.advances import regions_with_lapsed, release_lapsed
from keju.stages.fees.services.batches import (
    SEND_REFUNDS,
    batch_file,
    drop_batch,
    enter_account,
    propose_batch,
    release_batch,
)
from keju.stages.fees.services.bouncing import record_bounce
from keju.stages.fees.services.gateway import BadSignature, Gateway, GatewayDown, gateway
from keju.stages.fees.services.matching import Part, fee_parts, match_line
from keju.stages.fees.services.orders import (
    address_of,
    ask_all,
    give_back,
    hear,
    open_order,
    take_notice,
)
from keju.stages.fees.services.payments import Taken, bank_cash, prepayments, take_payments
from keju.stages.fees.services.receipts import register_receipts
from keju.stages.fees.services.refunds import mark_refundable
from keju.stages.fees.services.remittances import (
    issue_fiscal_receipt,
    print_fiscal_receipt,
    receive_remittance,
    remit,
)
from keju.stages.fees.services.reports import print_reconciliation
from keju.stages.fees.services.statements import Imported, import_statement, parse
from keju.stages.fees.services.tariffs import set_tariff
from keju.stages.fees.services.undoing import undo_matches

__all__ = [
    "SEND_REFUNDS", "BadSignature", "Gateway", "GatewayDown", "Imported", "Part", "Payment", "Taken", "address_of", "ask_all",
    "bank_cash", "batch_file", "drop_batch", "enter_account", "fee_parts", "gateway", "give_back", "hear",
    "import_statement", "issue_fiscal_receipt", "mark_refundable", "match_line", "open_order", "parse",
    "prepayments", "print_fiscal_receipt", "print_reconciliation", "propose_batch", "receive_remittance",
    "record_bounce", "regions_with_lapsed",
    "register_receipts", "release_batch", "release_lapsed", "remit", "set_tariff", "take_notice",
    "take_payments", "undo_matches",
]  # fmt: skip
