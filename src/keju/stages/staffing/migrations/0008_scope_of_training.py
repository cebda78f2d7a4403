"""Who sees what of training: approved handbooks everybody, one's own attendance, tries and pledge oneself."""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect


class Migration(migrations.Migration):
    dependencies = [("staffing", "0007_training"), ("exams", "0004_scope_of_clearance")]

    operations = [
        protect("staffing_handbook", read_if="state = 'approved'"),
        protect("staffing_pool"),
        append_only("staffing_pool"),
        protect("staffing_course"),
        protect("staffing_attendee", person="person_id"),
        protect("staffing_try", person="person_id"),
        protect("staffing_pledge", person="person_id"),
        append_only("staffing_pledge"),
        protect("staffing_training_link"),
    ]
