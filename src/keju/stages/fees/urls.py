"""Addresses of the fees stage."""

from django.urls import path

from keju.stages.fees.pages import bank, books, home, lines, money, own, refunds, tariffs

OFFICE = "office/<slug:exam>/fees/"
BATCH = OFFICE + "refunds/<int:refund_batch_id>/"

urlpatterns = [
    path("exams/<slug:exam>/fees/", tariffs.tariffs, name="fees-tariffs"),
    path("exams/<slug:exam>/fees/table/", tariffs.table, name="fees-tariff-table"),
    path("exams/<slug:exam>/fees/table/<slug:region>/", tariffs.table, name="fees-tariff-of"),
    path("exams/<slug:exam>/fees/approval/<str:sha>/", tariffs.approval, name="fees-approval"),
    path("exams/<slug:exam>/fees/mine/", own.mine, name="fees-mine"),
    path("exams/<slug:exam>/fees/mine/pay/", own.pay, name="fees-pay"),
    path("exams/<slug:exam>/fees/mine/account/", own.account, name="fees-account"),
    path(OFFICE, home.home, name="fees-home"),
    path(OFFICE + "tariff/", tariffs.tariff, name="fees-tariff"),
    path(OFFICE + "receipts/", home.receipts, name="fees-receipts"),
    path(OFFICE + "statement/", bank.statement, name="fees-statement"),
    path(OFFICE + "lines/", lines.lines, name="fees-lines"),
    path(OFFICE + "lines/sheet/", lines.lines_sheet, name="fees-lines-sheet"),
    path(OFFICE + "lines/<int:line_id>/", lines.line, name="fees-line"),
    path(OFFICE + "lines/<int:line_id>/undo/", lines.undo, name="fees-line-undo"),
    path(OFFICE + "orders/", bank.orders, name="fees-orders"),
    path(OFFICE + "orders/ask/", bank.ask, name="fees-orders-ask"),
    path(OFFICE + "remit/", money.remit, name="fees-remit"),
    path(OFFICE + "remittances/<int:remittance_id>/receive/", money.receive, name="fees-receive"),
    path(OFFICE + "fiscal/<slug:region>/", money.fiscal, name="fees-fiscal"),
    path(OFFICE + "fiscal/<int:receipt_id>/print/", money.fiscal_print, name="fees-fiscal-print"),
    path(OFFICE + "refunds/", refunds.refunds, name="fees-refunds"),
    path(OFFICE + "refunds/sheet/", refunds.refunds_sheet, name="fees-refunds-sheet"),
    path(BATCH, refunds.batch, name="fees-batch"),
    path(BATCH + "file/", refunds.batch_file, name="fees-batch-file"),
    path(BATCH + "bounce/", refunds.bounce, name="fees-batch-bounce"),
    path(OFFICE + "books/", books.books, name="fees-books"),
    path(OFFICE + "books/print/", books.books_print, name="fees-books-print"),
    path(OFFICE + "books/sheet/", books.books_sheet, name="fees-books-sheet"),
    path(OFFICE + "payments/", money.payments, name="fees-payments"),
    path(OFFICE + "payments/sheet/", money.payments_sheet, name="fees-payments-sheet"),
    path(OFFICE + "figures/", home.figures, name="fees-figures"),
    path(OFFICE + "badge/", home.badge, name="fees-badge"),
]
