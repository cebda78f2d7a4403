"""Seats change after opening too, tickets with them; the seat of a revoked ticket may be given again."""

from django.db import migrations, models

# Looked at when the transaction ends: a change writes the plan first and the tickets afterwards.
FOLLOW = """
CREATE FUNCTION tickets_follow() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
DECLARE place venues_site;
BEGIN
  SELECT * INTO place FROM venues_site WHERE id = NEW.site_id;
  IF NOT EXISTS (SELECT FROM tickets_opening WHERE exam_id = NEW.exam_id AND region_code = left(place.point_code, 2)) THEN
    RETURN NULL;
  END IF;
  IF EXISTS (SELECT FROM tickets_ticket t
             LEFT JOIN LATERAL (SELECT room_id, serial, "column", "row" FROM seating_seat
                                WHERE registration_id = t.registration_id AND current LIMIT 1) s ON true
             WHERE t.exam_id = NEW.exam_id AND t.site_code = place.code AND t.revoked_at IS NULL
               AND (s.room_id, s.serial, s."column", s."row") IS DISTINCT FROM (t.room_id, t.seat, t."column", t."row"))
  OR EXISTS (SELECT FROM seating_plan p JOIN seating_seat s ON s.plan_id = p.id
             LEFT JOIN LATERAL (SELECT id FROM tickets_ticket
                                WHERE registration_id = s.registration_id AND exam_id = p.exam_id LIMIT 1) t ON true
             WHERE p.site_id = NEW.site_id AND p.superseded_at IS NULL AND t.id IS NULL) THEN
    RAISE EXCEPTION 'keju: seats of opened tickets change with the tickets only' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER tickets_follow AFTER UPDATE ON seating_plan DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (OLD.superseded_at IS NULL AND NEW.superseded_at IS NOT NULL) EXECUTE FUNCTION tickets_follow();
"""
ALONE = """
DROP TRIGGER tickets_follow ON seating_plan;
DROP FUNCTION tickets_follow();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("exams", "0002_scope"),
        ("registration", "0007_states_one_way"),
        ("seating", "0005_changes"),
        ("tickets", "0007_lists_by_equation"),
        ("venues", "0003_room_facts"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="ticket", name="tickets_seat_once"),
        migrations.AddField(model_name="ticket", name="changed_at", field=models.DateTimeField(null=True)),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revoked_at", None)),
                fields=("room", "exam", "seat"),
                name="tickets_seat_once",
            ),
        ),
        migrations.RunSQL(FOLLOW, reverse_sql=ALONE),
    ]
