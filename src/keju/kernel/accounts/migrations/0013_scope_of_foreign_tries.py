"""Tries at other people's devices are the system's alone."""

from django.db import migrations

from keju.kernel.offices.tenancy import protect


class Migration(migrations.Migration):
    dependencies = [("accounts", "0012_foreign_tries"), ("offices", "0002_scope_of_events")]
    operations = [protect("accounts_foreign_try")]
