"""Fees over the API: the same doors and services as the pages. Amounts are yuan as decimal strings."""

from ninja import Router

from keju.stages.fees.api import bank, books, centre, charging, refunds

router = Router(tags=["fees"])
for part in (charging, bank, centre, refunds, books):
    router.add_router("", part.router)
