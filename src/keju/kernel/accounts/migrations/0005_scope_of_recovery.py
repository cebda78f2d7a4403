"""Codes of counters are seen by their offices, those sent by telephone by the nation alone."""

from django.db import migrations

from keju.kernel.offices.tenancy import protect


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_recovery"), ("offices", "0002_scope_of_events")]
    operations = [protect("accounts_recovery")]
