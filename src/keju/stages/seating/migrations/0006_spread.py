"""A plan says what it was planned from and which neighbours it could not part; frozen like the rest of it."""

from django.db import migrations, models

STAYS = """
CREATE OR REPLACE FUNCTION seating_plan_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM olds o JOIN news n USING (id) WHERE o.frozen_at IS NOT NULL AND (
      (o.exam_id, o.site_id, o.office_path, o.version, o.standard, o.seed, o.count, o.hash, o.made_by, o.frozen_at{more_o})
      IS DISTINCT FROM
      (n.exam_id, n.site_id, n.office_path, n.version, n.standard, n.seed, n.count, n.hash, n.made_by, n.frozen_at{more_n})
      OR o.superseded_at IS NOT NULL AND o.superseded_at IS DISTINCT FROM n.superseded_at))
  OR (SELECT count(*) FROM olds) <> (SELECT count(*) FROM olds JOIN news USING (id)) THEN
    RAISE EXCEPTION 'keju: a frozen plan does not change; make a new version' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
"""
MORE = ", {0}.inputs, {0}.pairs, {0}.pairs_least, {0}.facts"


class Migration(migrations.Migration):
    dependencies = [("seating", "0005_changes")]
    operations = [
        migrations.AddField("plan", "inputs", models.CharField(max_length=64, blank=True, db_default="")),
        migrations.AddField("plan", "pairs", models.IntegerField(null=True)),
        migrations.AddField("plan", "pairs_least", models.IntegerField(null=True)),
        migrations.AddField("plan", "facts", models.JSONField(default=dict, db_default={})),
        migrations.RunSQL(
            STAYS.format(more_o=MORE.format("o"), more_n=MORE.format("n")),
            reverse_sql=STAYS.format(more_o="", more_n=""),
        ),
    ]
