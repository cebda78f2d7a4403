"""Regions write their own; anybody reads what stands."""

from django.db import migrations

from keju.kernel.offices.tenancy import protect


class Migration(migrations.Migration):
    dependencies = [("announcement", "0003_publications_answers")]
    operations = [
        protect("announcement_publication", read_if="struck_at IS NULL"),
        protect("announcement_answer", read_if="withdrawn_at IS NULL"),
    ]
