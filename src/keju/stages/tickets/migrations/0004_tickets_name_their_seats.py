"""A new ticket is its seat: one look-up each instead of three, and a stricter check.

The seat holds registration and room by keys of its own, so who has a seat exists; plans are few and looked up once each.
"""

import django.db.models.deletion
from django.db import migrations, models

# Each row looks its seat up by key, also where the plan was made while the tables were empty.
SEATED = """
CREATE FUNCTION tickets_seated() RETURNS trigger LANGUAGE plpgsql
SET keju.path = '/' SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
  IF EXISTS (SELECT FROM fresh f LEFT JOIN seating_seat s ON s.registration_id = f.registration_id AND s.current
             WHERE (s.plan_id, s.room_id, s.serial, s."column", s."row")
                   IS DISTINCT FROM (f.plan_id, f.room_id, f.seat, f."column", f."row"))
  OR EXISTS (SELECT FROM (SELECT DISTINCT plan_id, exam_id FROM fresh) f LEFT JOIN seating_plan p ON p.id = f.plan_id
             WHERE p.exam_id IS DISTINCT FROM f.exam_id) THEN
    RAISE EXCEPTION 'tickets: a ticket that is not the current seat of its registration in the exam'
      USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN NULL;
END $$;
DROP TRIGGER tickets_stand_new ON tickets_ticket;
CREATE TRIGGER tickets_seated AFTER INSERT ON tickets_ticket REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION tickets_seated();
"""
BACK = """
DROP TRIGGER tickets_seated ON tickets_ticket;
CREATE TRIGGER tickets_stand_new AFTER INSERT ON tickets_ticket REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION tickets_stand();
DROP FUNCTION tickets_seated();
"""


class Migration(migrations.Migration):
    dependencies = [("seating", "0002_frozen"), ("tickets", "0003_references_by_set")]
    operations = [
        # The unique constraint on registration and exam is the index.
        migrations.AlterField(
            "ticket",
            "registration",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="registration.registration",
            ),
        ),
        migrations.RemoveConstraint("ticket", "tickets_one_each"),
        migrations.AddConstraint(
            "ticket", models.UniqueConstraint(fields=["registration", "exam"], name="tickets_one_each")
        ),
        migrations.RunSQL(SEATED, reverse_sql=BACK),
    ]
