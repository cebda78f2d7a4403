"""Drafts belong to the national bodies; what is published is read by anybody. Regions' pages are public."""

from django.db import migrations

from keju.kernel.offices.tenancy import protect


class Migration(migrations.Migration):
    dependencies = [("announcement", "0001_announcements"), ("offices", "0002_scope_of_events")]
    operations = [
        protect("announcement_notice", read_if="state = 'published'"),
        protect("announcement_region", read_if="true"),
    ]
