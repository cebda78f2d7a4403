"""Who sees statements, orders and refunds; what only grows; of a statement's line only the unexplained rest ever changes."""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect

# The application may set what is still unexplained of a line, nothing else of it; nor take a line away.
OPEN_ONLY = """
REVOKE UPDATE, DELETE, TRUNCATE ON fees_statement_line FROM keju_app;
GRANT UPDATE (open) ON fees_statement_line TO keju_app;
"""
ALL = "GRANT UPDATE, DELETE ON fees_statement_line TO keju_app;"


class Migration(migrations.Migration):
    dependencies = [("fees", "0004_bank_online_refunds")]
    operations = [
        protect("fees_advance", candidate="candidate_id"),
        protect("fees_order", candidate="candidate_id", candidate_may="add"),
        protect("fees_order_news"),
        protect("fees_statement"),
        protect("fees_statement_line"),
        protect("fees_match"),
        protect("fees_payout_account", candidate="candidate_id", candidate_may="add"),
        protect("fees_refund_batch"),
        protect("fees_refund_item"),
        append_only("fees_advance"),
        append_only("fees_order_news"),
        append_only("fees_statement"),
        append_only("fees_match"),
        append_only("fees_payout_account"),
        migrations.RunSQL(OPEN_ONLY, reverse_sql=ALL),
    ]
