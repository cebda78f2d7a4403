"""What seats name is checked a statement at a time, and more strictly: plan, room and registration are of one exam.

None of them goes while somebody has the seat: a plan is never deleted (0002), a room not while it has a seat, and a
registration not at all, for its versions hold it.
"""

import django.db.models.deletion
from django.db import migrations, models

ADDED = """
CREATE OR REPLACE FUNCTION seating_seat_added() RETURNS trigger LANGUAGE plpgsql
SET keju.path = '/' SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
  IF EXISTS (SELECT FROM seating_plan p WHERE p.frozen_at IS NOT NULL AND p.id IN (SELECT plan_id FROM news)) THEN
    RAISE EXCEPTION 'keju: nobody is added to a frozen plan; make a new version' USING ERRCODE = 'restrict_violation';
  END IF;
  IF EXISTS (SELECT FROM (SELECT DISTINCT plan_id, room_id FROM news) n
             LEFT JOIN seating_plan p ON p.id = n.plan_id LEFT JOIN venues_room r ON r.id = n.room_id
             WHERE p.site_id IS NULL OR r.site_id IS DISTINCT FROM p.site_id)
  OR EXISTS (SELECT FROM news n LEFT JOIN registration_registration r ON r.id = n.registration_id
             LEFT JOIN seating_plan p ON p.id = n.plan_id WHERE r.exam_id IS DISTINCT FROM p.exam_id) THEN
    RAISE EXCEPTION 'keju: a seat without its plan, in a room of another site or for somebody of another exam' USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION seating_room_kept() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
BEGIN
  IF EXISTS (SELECT FROM seating_seat s JOIN gone g ON g.id = s.room_id) THEN
    RAISE EXCEPTION 'keju: somebody has a seat in that room' USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER seating_room_kept AFTER DELETE ON venues_room REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION seating_room_kept();
"""
BACK = """
DROP TRIGGER seating_room_kept ON venues_room;
DROP FUNCTION seating_room_kept();
CREATE OR REPLACE FUNCTION seating_seat_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM seating_plan p WHERE p.frozen_at IS NOT NULL AND p.id IN (SELECT plan_id FROM news)) THEN
    RAISE EXCEPTION 'keju: nobody is added to a frozen plan; make a new version' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
"""


def _to(model: str, **options: object) -> models.ForeignKey:
    return models.ForeignKey(
        db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to=model, **options
    )


class Migration(migrations.Migration):
    dependencies = [("seating", "0002_frozen"), ("venues", "0002_scope"), ("registration", "0002_scope")]
    operations = [
        migrations.AlterField(
            "seat", "registration", _to("registration.registration", related_name="+", db_index=False)
        ),
        # The unique constraints begin with the plan: they are its index.
        migrations.AlterField("seat", "plan", _to("seating.plan", related_name="seats", db_index=False)),
        migrations.AlterField("seat", "room", _to("venues.room", related_name="+", db_index=False)),
        migrations.RunSQL(ADDED, reverse_sql=BACK),
    ]
