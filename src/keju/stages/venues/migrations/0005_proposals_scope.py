"""Proposals belong to their region and only grow; what is public is the decision."""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect


class Migration(migrations.Migration):
    dependencies = [("venues", "0004_host_proposals")]
    operations = [protect("venues_proposal"), append_only("venues_proposal")]
