"""Each office its own seal rooms; what was checked, issued, counted, used and refused on the day only grows."""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect

GROWS = (
    "custody_seal_check",
    "custody_issue",
    "custody_joint_count",
    "custody_count_finding",
    "custody_spare_use",
    "custody_spare_report",
    "custody_attempt",
)


class Migration(migrations.Migration):
    dependencies = [("custody", "0009_seal_room")]
    operations = [
        *(protect(table) for table in ("custody_seal_room", *GROWS)),
        *(append_only(table) for table in GROWS),
    ]
