"""Every kind of entry: which accounts it moves. Debit positive, credit negative; each sums to zero. Pure.

`bank` moves only by lines of a statement, so that it equals the bank's own balance. What we did ourselves and the bank has
not shown yet stands in `outstanding`; what the bank shows and nobody has explained yet stands in `suspense`.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from keju.rulebook import rule

Line = tuple[str, Decimal]
"""An account and what is posted to it: debit positive, credit negative."""


def charge(national: Decimal, provincial: Decimal) -> list[Line]:
    """The candidate owes the fee; part of it belongs to the centre."""
    return _lines(
        ("receivable", national + provincial), ("national_payable", -national), ("provincial", -provincial)
    )


def payment(method: str, amount: Decimal, advance: Decimal = Decimal(0)) -> list[Line]:
    """The candidate has paid: so much had arrived before (`advance`), the rest at the point or by a slip shown there."""
    return _lines(
        ("advance", advance),
        ("cash" if method == "cash" else "outstanding", amount - advance),
        ("receivable", -amount),
    )


def banked(amount: Decimal) -> list[Line]:
    """A point's cash was taken to the region's bank."""
    return _lines(("outstanding", amount), ("cash", -amount))


def remittance(amount: Decimal) -> list[Line]:
    """The region has sent money to the centre."""
    return _lines(("in_transit", amount), ("outstanding", -amount))


def arrival(amount: Decimal) -> list[Line]:
    """It has arrived, and the region owes that much less."""
    return _lines(
        ("centre_bank", amount),
        ("in_transit", -amount),
        ("national_payable", amount),
        ("national", -amount),
    )


def booked(amount: Decimal) -> list[Line]:
    """The bank's statement shows the line; who and what it is, is not known yet."""
    return _lines(("bank", amount), ("suspense", -amount))


def explained(account: str, amount: Decimal) -> list[Line]:
    """It is known what a line of the statement was."""
    return _lines(("suspense", amount), (account, -amount))


def undone(account: str, amount: Decimal) -> list[Line]:
    """It was not that after all: nobody knows again what the line was."""
    return explained(account, -amount)


def online(amount: Decimal) -> list[Line]:
    """The gateway has taken the money from the candidate and owes it to the region."""
    return _lines(("gateway", amount), ("advance", -amount))


@rule("V8.3")
def refund_owed(national: Decimal, provincial: Decimal) -> list[Line]:
    """A candidate who failed review gets everything back; the region no longer owes the national part."""
    return _lines(
        ("national_payable", national), ("provincial", provincial), ("refund_payable", -national - provincial)
    )


@rule("V8.3")
def surplus(amount: Decimal, account: str = "advance") -> list[Line]:
    """What came and is nobody's fee (too much, twice, for a registration that lapsed, a stranger's) is owed back."""
    return _lines((account, amount), ("refund_payable", -amount))


@rule("V8.3")
def unowed(amount: Decimal) -> list[Line]:
    """What was owed back is an advance again: money that made it too much was somebody else's."""
    return surplus(-amount)


@rule("V8.3")
def refund(amount: Decimal, way: str = "bank") -> list[Line]:
    """The money is on its way back."""
    return _lines(("refund_payable", amount), (_out(way), -amount))


@rule("V8.3")
def bounced(amount: Decimal, way: str = "bank") -> list[Line]:
    """It came back: it is owed again."""
    return _lines((_out(way), amount), ("refund_payable", -amount))


def balances(lines: Iterable[Line]) -> Mapping[str, Decimal]:
    """The sum per account."""
    found: dict[str, Decimal] = {}
    for account, amount in lines:
        found[account] = found.get(account, Decimal(0)) + amount
    return found


def _out(way: str) -> str:
    return "gateway" if way == "gateway" else "outstanding"


def _lines(*lines: Line) -> list[Line]:
    """Nothing is posted to an account that does not change."""
    return [(account, amount) for account, amount in lines if amount]
