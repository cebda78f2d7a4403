"""A registration is seen by its point, region and nation, and by its candidate; history only grows."""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import CANDIDATE, PATH, protect

DRAFTS = f"""
ALTER TABLE registration_draft ENABLE ROW LEVEL SECURITY;
ALTER TABLE registration_draft FORCE ROW LEVEL SECURITY;
CREATE POLICY registration_draft_own ON registration_draft USING (candidate_id = {CANDIDATE});
CREATE POLICY registration_draft_nation ON registration_draft USING ({PATH} = '/');
"""
BACK = """
DROP POLICY registration_draft_own ON registration_draft;
DROP POLICY registration_draft_nation ON registration_draft;
ALTER TABLE registration_draft DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("registration", "0001_registrations"), ("offices", "0002_scope_of_events")]
    operations = [
        protect("registration_registration", candidate="candidate_id", candidate_may="change"),
        protect("registration_version", candidate="candidate_id", candidate_may="add"),
        append_only("registration_version"),
        migrations.RunSQL(DRAFTS, reverse_sql=BACK),
    ]
