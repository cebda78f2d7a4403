"""The calendar and who takes part: read by everybody, written only from within the office's own subtree."""

from django.db import migrations

from keju.kernel.offices.tenancy import protect


class Migration(migrations.Migration):
    dependencies = [("exams", "0001_year")]

    operations = [
        protect("exams_milestone", read_if="true"),
        protect("exams_opening", read_if="true"),
    ]
