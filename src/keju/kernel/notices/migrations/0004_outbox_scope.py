"""Who sees what: an office the deliveries of its subtree, a candidate their own; who wants silence is nobody else's business."""

from django.db import migrations

from keju.kernel.offices.tenancy import CANDIDATE, PATH, protect

SILENCE = f"""
ALTER TABLE notices_silence ENABLE ROW LEVEL SECURITY;
ALTER TABLE notices_silence FORCE ROW LEVEL SECURITY;
CREATE POLICY notices_silence_candidate ON notices_silence USING (candidate_id = {CANDIDATE});
CREATE POLICY notices_silence_nation ON notices_silence USING ({PATH} = '/');
"""
BACK = """
DROP POLICY notices_silence_candidate ON notices_silence;
DROP POLICY notices_silence_nation ON notices_silence;
ALTER TABLE notices_silence DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("notices", "0003_outbox"), ("offices", "0001_tree")]

    operations = [
        protect("notices_delivery", candidate="candidate_id"),
        migrations.RunSQL(SILENCE, reverse_sql=BACK),
    ]
