"""Who is seen by whom: a member by the home office and wherever appointed, an appointment by its office."""

from django.db import migrations

from keju.kernel.offices.tenancy import protect

APPOINTED = "EXISTS (SELECT 1 FROM staffing_appointment a WHERE a.member_id = staffing_member.id)"
"""An inspector belongs to the nation, a supervisor to the region: the office where they serve must know their names."""

PEOPLE = """
CREATE POLICY accounts_person_appointed ON accounts_person FOR SELECT
  USING (EXISTS (SELECT 1 FROM staffing_member m WHERE m.person_id = accounts_person.id));
"""


class Migration(migrations.Migration):
    dependencies = [
        ("staffing", "0001_people_and_appointments"),
        ("accounts", "0002_scope"),
        ("offices", "0002_scope_of_events"),
    ]
    operations = [
        protect("staffing_appointment"),
        protect("staffing_invitation"),
        protect("staffing_report"),
        protect("staffing_member", read_if=APPOINTED),
        migrations.RunSQL(PEOPLE, reverse_sql="DROP POLICY accounts_person_appointed ON accounts_person;"),
    ]
