"""Amounts of money: yuan as Decimal, exact to the fen. Pure."""

from decimal import Decimal

CENT = Decimal("0.01")


def money(amount: Decimal) -> str:
    """80 → "80.00"."""
    return f"{amount:.2f}"


def is_exact(amount: Decimal) -> bool:
    """No part of a fen."""
    return amount == amount.quantize(CENT)
