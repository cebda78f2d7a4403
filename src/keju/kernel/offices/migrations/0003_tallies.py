"""Counts that are kept: rows that are added up, and what is counted how (see `tallies`)."""

from django.db import migrations

from keju.kernel.offices.tenancy import protect

TALLY = """
CREATE TABLE offices_tally (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  subject text NOT NULL,
  exam_id bigint NOT NULL,
  office_path text COLLATE "C" NOT NULL,
  key text NOT NULL,
  n bigint NOT NULL,
  amount numeric NOT NULL
);
CREATE TABLE offices_tallied (
  subject text PRIMARY KEY, source text NOT NULL, key text NOT NULL, amount text NOT NULL
);
CREATE INDEX offices_tally_by_office ON offices_tally (exam_id, subject, office_path) INCLUDE (key, n, amount);
"""


class Migration(migrations.Migration):
    dependencies = [("offices", "0002_scope_of_events")]
    operations = [
        migrations.RunSQL(TALLY, reverse_sql="DROP TABLE offices_tally, offices_tallied"),
        protect("offices_tally"),
    ]
