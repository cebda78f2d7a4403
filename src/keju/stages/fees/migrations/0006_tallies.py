"""Balances, payments and refunds are added up per office as they change."""

from django.db import migrations

from keju.kernel.offices.tallies import tally

PAID = "CASE WHEN paid_at IS NULL THEN 'owed' ELSE 'paid' END"


class Migration(migrations.Migration):
    dependencies = [("fees", "0005_scope_of_bank_and_online"), ("offices", "0003_tallies")]
    operations = [
        tally("fees_posting", "fees_accounts", key="account", amount="amount"),
        tally("fees_payment", "fees_payments", key="method", amount="national + provincial"),
        tally("fees_payment", "fees_advances", key="method", amount="advance"),
        tally("fees_payment", "fees_receipts", key="receipt_range_id"),
        tally("fees_refund", "fees_refunds", key=PAID, amount="amount"),
    ]
