"""A file is seen through its names: in the office's subtree, or by the candidate. A name is never rewritten."""

from django.db import migrations

from keju.kernel.offices import tenancy


class Migration(migrations.Migration):
    dependencies = [("files", "0001_names"), ("offices", "0001_tree")]

    operations = [
        tenancy.protect("files_file", candidate="candidate_id", candidate_may="add"),
        migrations.RunSQL(
            "REVOKE UPDATE, TRUNCATE ON files_file FROM keju_app", "GRANT UPDATE ON files_file TO keju_app"
        ),
    ]
