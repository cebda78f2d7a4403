"""What belongs to a store is seen by its office and above. What was accepted, looked at, gone in and out for, reported and
reviewed is never changed; who was named and what was watched may end, nothing else of them changes.
"""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect

GROWS = (
    "store_acceptance",
    "store_check",
    "store_leave",
    "key_step",
    "entry",
    "entry_end",
    "daily_report",
    "watch_review",
)
ENDS = {"store_person": "ended_by, ended_at", "watch_span": "void_by, void_at, void_why"}


def only_ends(table: str, columns: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM keju_app; GRANT UPDATE ({columns}) ON {table} TO keju_app",
        reverse_sql=f"GRANT UPDATE, DELETE ON {table} TO keju_app",
    )


class Migration(migrations.Migration):
    dependencies = [("custody", "0007_stores")]
    operations = [
        *(protect(f"custody_{table}") for table in ("store", *GROWS, *ENDS)),
        *(append_only(f"custody_{table}") for table in GROWS),
        *(only_ends(f"custody_{table}", columns) for table, columns in ENDS.items()),
    ]
