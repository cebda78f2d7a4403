"""Hints, their answers and the looks belong to the place; an answer stands for ever."""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect


class Migration(migrations.Migration):
    dependencies = [("staffing", "0012_hints_answered"), ("offices", "0002_scope_of_events")]
    operations = [
        protect("staffing_hint_answer"),
        append_only("staffing_hint_answer"),
        protect("staffing_hint_look"),
    ]
