"""The ledger only grows; each row is seen in its office's subtree and by the candidate whose document it is."""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices import tenancy


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_ledger"), ("offices", "0001_tree"), ("audit", "0001_log")]

    operations = [
        tenancy.protect("documents_print", candidate="candidate_id", candidate_may="add"),
        tenancy.protect("documents_voiding", candidate="candidate_id", candidate_may="add"),
        append_only("documents_print"),
        append_only("documents_voiding"),
    ]
