"""The references of tickets are checked a statement at a time instead of a row at a time.

Four foreign keys a ticket cost more than everything else about numbering a region. What a ticket names is held by its
seat, whose own foreign keys stand: a registration, plan or room in use cannot go. The check is stricter than theirs:
all of them belong to the ticket's exam.
"""

import django.db.models.deletion
from django.db import migrations, models

# Each row looks its references up by their keys, also where the plan was made while the tables were empty.
STAND = """
CREATE FUNCTION tickets_stand() RETURNS trigger LANGUAGE plpgsql
SET keju.path = '/' SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
  IF EXISTS (SELECT FROM fresh f
             LEFT JOIN registration_registration r ON r.id = f.registration_id
             LEFT JOIN seating_plan p ON p.id = f.plan_id
             LEFT JOIN venues_room m ON m.id = f.room_id
             WHERE r.exam_id IS DISTINCT FROM f.exam_id OR p.exam_id IS DISTINCT FROM f.exam_id
                OR m.exam_id IS DISTINCT FROM f.exam_id) THEN
    RAISE EXCEPTION 'tickets: a ticket without its registration, plan or room in the exam'
      USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER tickets_stand_new AFTER INSERT ON tickets_ticket REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION tickets_stand();
CREATE TRIGGER tickets_stand_changed AFTER UPDATE ON tickets_ticket REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION tickets_stand();
"""
FALL = """
DROP TRIGGER tickets_stand_changed ON tickets_ticket;
DROP TRIGGER tickets_stand_new ON tickets_ticket;
DROP FUNCTION tickets_stand();
"""


def _to(model: str, **options: bool) -> models.ForeignKey:
    return models.ForeignKey(
        db_constraint=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=model,
        **options,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("exams", "0001_year"),
        ("registration", "0002_scope"),
        ("seating", "0002_frozen"),
        ("tickets", "0002_scope"),
        ("venues", "0002_scope"),
    ]
    operations = [
        migrations.AlterField("ticket", "exam", _to("exams.exam", db_index=False)),
        migrations.AlterField("ticket", "registration", _to("registration.registration")),
        migrations.AlterField("ticket", "plan", _to("seating.plan", db_index=False)),
        migrations.AlterField("ticket", "room", _to("venues.room", db_index=False)),
        migrations.RunSQL(STAND, reverse_sql=FALL),
    ]
