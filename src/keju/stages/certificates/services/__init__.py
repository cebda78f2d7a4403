"""Writes of the certificates stage."""

from keju.stages.certificates.services.delivering import (
    Handover,
    deliver,
    receive_delivery,
    record_collection,
)
from keju.stages.certificates.services.granting import Granted, grant
from keju.stages.certificates.services.printing import joined, keep_print, print_certificates
from keju.stages.certificates.services.reissuing import ask_reissue, pass_reissue, refuse_reissue

__all__ = [
    "Granted",
    "Handover",
    "ask_reissue",
    "deliver",
    "grant",
    "joined",
    "keep_print",
    "pass_reissue",
    "print_certificates",
    "receive_delivery",
    "record_collection",
    "refuse_reissue",
]
