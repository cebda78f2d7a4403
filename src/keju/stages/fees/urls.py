"""Addresses of the fees stage."""

from django.urls import path

from keju.stages.fees.pages import home, money

OFFICE = "office/<slug:exam>/fees/"

urlpatterns = [
    path("exams/<slug:exam>/fees/", home.tariffs, name="fees-tariffs"),
    path(OFFICE, home.home, name="fees-home"),
    path(OFFICE + "tariff/", home.tariff, name="fees-tariff"),
    path(OFFICE + "receipts/", home.receipts, name="fees-receipts"),
    path(OFFICE + "remit/", money.remit, name="fees-remit"),
    path(OFFICE + "remittances/<int:remittance_id>/receive/", money.receive, name="fees-receive"),
    path(OFFICE + "fiscal/<slug:region>/", money.fiscal, name="fees-fiscal"),
    path(OFFICE + "fiscal/<int:receipt_id>/print/", money.fiscal_print, name="fees-fiscal-print"),
    path(OFFICE + "refunds/", money.refunds, name="fees-refunds"),
    path(OFFICE + "refunds/sheet/", money.refunds_sheet, name="fees-refunds-sheet"),
    path(OFFICE + "payments/", money.payments, name="fees-payments"),
    path(OFFICE + "payments/sheet/", money.payments_sheet, name="fees-payments-sheet"),
    path(OFFICE + "figures/", home.figures, name="fees-figures"),
    path(OFFICE + "badge/", home.badge, name="fees-badge"),
]
