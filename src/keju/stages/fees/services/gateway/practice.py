"""A gateway in this process that takes no money: for rehearsals, demonstrations and tests. It can misbehave.

It keeps its own books, so that a test can ask what was really paid. What it says and when is up to whoever drives it:
notices can be late, doubled, out of order, contradictory, wrong in amount or signature, or never sent.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from keju.stages.fees.rules import Said, money
from keju.stages.fees.services.gateway.interface import GatewayDown, sign, verified

MERCHANT, KEY = "practice", b"practice"


@dataclass
class PracticeGateway:
    """`books`: number → what was really paid. `down`: it does not answer."""

    books: dict[str, Said] = field(default_factory=dict)
    refunds: dict[str, tuple[str, Decimal]] = field(default_factory=dict)
    refuses: set[str] = field(default_factory=set)
    down: bool = False
    serial: int = 0

    def create(self, number: str, amount: Decimal, title: str, back: str) -> str:
        self._answering()
        self.books.setdefault(number, Said(number, "open", amount))
        return back

    def query(self, number: str) -> Said:
        self._answering()
        return self.books.get(number, Said(number, "failed"))

    def refund(self, number: str, refund_number: str, amount: Decimal) -> bool:
        self._answering()
        if number in self.refuses:
            return False
        self.refunds.setdefault(refund_number, (number, amount))
        return True

    def read(self, body: bytes, signature: str) -> Said:
        return verified(body, signature, KEY, MERCHANT)

    # What happens there, and the notices about it.

    def pay(self, number: str, amount: Decimal | None = None) -> Said:
        """Somebody pays: that is final."""
        known = self.books[number]
        if known.state != "paid":
            self.serial += 1
            self.books[number] = Said(
                number, "paid", known.amount if amount is None else amount, f"P{number}"
            )
        return self.books[number]

    def fail(self, number: str) -> None:
        """It will not be paid any more, unless it was."""
        if self.books[number].state == "open":
            self.books[number] = Said(number, "failed", self.books[number].amount)

    def notice(self, said: Said, *, key: bytes = KEY) -> tuple[bytes, str]:
        """A notice as it goes over the wire: (body, signature)."""
        facts = {
            "merchant": MERCHANT, "number": said.number, "state": said.state, "amount": money(said.amount),
            "gateway_ref": said.gateway_ref,
        }  # fmt: skip
        body = json.dumps(facts, sort_keys=True).encode()
        return body, sign(body, key)

    def settled(self) -> Iterator[Said]:
        """Everything that was paid."""
        return (said for said in self.books.values() if said.state == "paid")

    def _answering(self) -> None:
        if self.down:
            raise GatewayDown
