"""An entry belongs to its site's office and is never changed; what was ticked on the site becomes its first entries."""

from django.db import migrations

from keju.kernel.offices.tenancy import protect

TICKS = """
SELECT set_config('keju.path', '/', true);
INSERT INTO venues_attestation
  (exam_id, site_id, office_path, item, rule, settled, note, photos, attested_by, attested_at)
SELECT s.exam_id, s.id, s.office_path, i.item, i.rule, true, '', '[]',
       coalesce(nullif(s.reported_by, ''), 'system:venues'), coalesce(s.reported_at, now())
FROM venues_site s JOIN (VALUES ('proven', 'V14.1'), ('cordon', 'V14.4')) AS i (item, rule) ON s.attested ? i.rule;
"""


class Migration(migrations.Migration):
    dependencies = [("venues", "0006_checklists")]
    operations = [
        protect("venues_attestation"),
        migrations.RunSQL(TICKS, reverse_sql=migrations.RunSQL.noop),
    ]
