"""A case is seen by its office and those above; what was done about it only grows."""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect


class Migration(migrations.Migration):
    dependencies = [("custody", "0014_cases")]
    operations = [
        *(protect(f"custody_{table}") for table in ("case", "case_container", "case_step", "isolation")),
        append_only("custody_case_step"),
    ]
