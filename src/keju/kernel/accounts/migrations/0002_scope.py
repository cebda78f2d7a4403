"""Staff are seen by their offices and themselves, candidates by themselves and by the system (scope "/")."""

from django.db import migrations

from keju.kernel.offices.tenancy import CANDIDATE, PATH, protect

CANDIDATES = f"""
ALTER TABLE accounts_candidate ENABLE ROW LEVEL SECURITY;
ALTER TABLE accounts_candidate FORCE ROW LEVEL SECURITY;
CREATE POLICY accounts_candidate_self ON accounts_candidate FOR SELECT USING (id = {CANDIDATE});
CREATE POLICY accounts_candidate_nation ON accounts_candidate USING ({PATH} = '/');
"""
BACK = """
DROP POLICY accounts_candidate_self ON accounts_candidate;
DROP POLICY accounts_candidate_nation ON accounts_candidate;
ALTER TABLE accounts_candidate DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_people"), ("offices", "0002_scope_of_events")]
    operations = [
        protect("accounts_person", person="id"),
        protect("accounts_posting", person="person_id"),
        migrations.RunSQL(CANDIDATES, reverse_sql=BACK),
    ]
