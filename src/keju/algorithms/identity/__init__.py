"""Identity documents: checked, normalised, read and masked."""

from keju.algorithms.identity.countries import COUNTRIES
from keju.algorithms.identity.documents import (
    DOCUMENT_KINDS,
    FORMS,
    HOME,
    NAMES,
    Document,
    DocumentKind,
    check_document,
    mrz_check_digit,
)
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
    "COUNTRIES",
    "DOCUMENT_KINDS",
    "FORMS",
    "HOME",
    "NAMES",
    "REASONS",
    "Document",
    "DocumentKind",
    "Identity",
    "IdentityRefused",
    "Kind",
    "Reason",
    "Sex",
    "check_document",
    "check_identity",
    "compose",
    "mask",
    "mrz_check_digit",
]
