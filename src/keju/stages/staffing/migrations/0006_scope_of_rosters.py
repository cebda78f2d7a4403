"""Rosters belong to their office; what was published or filed stays as it is."""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect


class Migration(migrations.Migration):
    dependencies = [("staffing", "0005_rosters")]
    operations = [
        protect("staffing_roster"),
        protect("staffing_shift"),
        protect("staffing_roster_version"),
        protect("staffing_frozen_shift"),
        protect("staffing_filing"),
        protect("staffing_calendar_link"),
        append_only("staffing_roster_version"),
        append_only("staffing_frozen_shift"),
        append_only("staffing_filing"),
    ]
