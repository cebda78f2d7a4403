"""The wording of a letter is the programme's and nobody's own: it needs no scope."""

from django.db import migrations

from keju.kernel.offices.tenancy import protect

SCOPE = protect("security_wording", office=None, read_if="true", insert_if="true")


class Migration(migrations.Migration):
    dependencies = [("security", "0010_scope_of_recordings")]
    operations = [
        migrations.RunSQL(
            f"{SCOPE.reverse_sql} ALTER TABLE security_wording NO FORCE ROW LEVEL SECURITY;",
            reverse_sql=SCOPE.sql,
        )
    ]
