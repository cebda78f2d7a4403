"""Chinese resident identity numbers: checked, normalised, read and masked."""

from keju.algorithms.identity.numbers import (
    REASONS,
    Identity,
    IdentityRefused,
    Kind,
    Reason,
    Sex,
    check_identity,
    compose,
    mask,
)

__all__ = [
    "REASONS",
    "Identity",
    "IdentityRefused",
    "Kind",
    "Reason",
    "Sex",
    "check_identity",
    "compose",
    "mask",
]
