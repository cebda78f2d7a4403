"""Passkeys are seen by their candidates and changed by the system alone; challenges are the system's."""

from django.db import migrations

from keju.kernel.offices.tenancy import protect


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_passkeys"), ("offices", "0002_scope_of_events")]
    operations = [
        protect("accounts_passkey", candidate="candidate_id"),
        protect("accounts_challenge"),
    ]
