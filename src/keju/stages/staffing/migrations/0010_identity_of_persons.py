"""The identity numbers of the registry are known of their persons, so that a sign-in given later joins them (ADR 19)."""

from django.db import migrations

KNOWN = """
UPDATE accounts_person p SET identity_index = m.identity_index
FROM staffing_member m WHERE m.person_id = p.id AND p.identity_index IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("staffing", "0009_hits_never_sink"), ("accounts", "0011_joined_whole")]
    operations = [migrations.RunSQL(KNOWN, reverse_sql=migrations.RunSQL.noop)]
