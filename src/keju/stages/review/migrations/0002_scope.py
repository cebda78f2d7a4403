"""Decisions are seen by point, region and nation, and a candidate's own by the candidate; two reviews, two people."""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect

AUTHOR = """
ALTER TABLE review_second ADD CONSTRAINT review_second_of_first FOREIGN KEY (registration_id, first_by)
  REFERENCES review_first (registration_id, decided_by);
"""


class Migration(migrations.Migration):
    dependencies = [("review", "0001_reviews"), ("offices", "0002_scope_of_events")]
    operations = [
        protect("review_first", candidate="candidate_id"),
        protect("review_second"),
        protect("review_batch"),
        protect("review_summary"),
        append_only("review_first"),
        append_only("review_batch"),
        migrations.RunSQL(
            AUTHOR, reverse_sql="ALTER TABLE review_second DROP CONSTRAINT review_second_of_first;"
        ),
    ]
