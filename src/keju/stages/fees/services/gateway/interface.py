"""What a gateway must be able to do, and how its messages are signed."""

import hashlib
import hmac
import json
from decimal import Decimal, InvalidOperation
from typing import Protocol

from keju.stages.fees.rules import Said

STATES = {"open", "paid", "failed"}


class BadSignature(Exception):
    """The message is not the gateway's, or not whole."""


class GatewayDown(Exception):
    """No answer, or none that can be understood; ask again later."""


class Gateway(Protocol):
    """`number` is our number of an order or refund: saying the same again changes nothing (idempotent)."""

    def create(self, number: str, amount: Decimal, title: str, back: str) -> str:
        """The address where the candidate pays. The order is known there from now on."""

    def query(self, number: str) -> Said:
        """The gateway's last word about an order."""

    def refund(self, number: str, refund_number: str, amount: Decimal) -> bool:
        """Whether the money goes back; False if the gateway refuses for good."""

    def read(self, body: bytes, signature: str) -> Said:
        """What a notice says; `BadSignature` if it is not the gateway's."""


def sign(body: bytes, key: bytes) -> str:
    """HMAC-SHA256 over the bytes of the body, in hexadecimal."""
    return hmac.new(key, body, hashlib.sha256).hexdigest()


def verified(body: bytes, signature: str, key: bytes, merchant: str) -> Said:
    """What a signed message says. `BadSignature` for a wrong signature, merchant or form."""
    if len(body) > 10_000 or not hmac.compare_digest(
        sign(body, key).encode(), signature.encode("utf-8", "replace")
    ):
        raise BadSignature
    try:
        said = json.loads(body)
        amount = Decimal(str(said.get("amount", "0")))
        found = Said(str(said["number"]), str(said["state"]), amount, str(said.get("gateway_ref", ""))[:64])
    except (ValueError, KeyError, AttributeError, TypeError, InvalidOperation) as error:
        raise BadSignature from error
    exact = amount.is_finite() and 0 <= amount < 10**9 and amount == amount.quantize(Decimal("0.01"))
    if said.get("merchant") != merchant or found.state not in STATES or not exact:
        raise BadSignature
    if found.state == "paid" and (not found.gateway_ref or not amount):
        raise BadSignature
    return found
