"""What a ticket names is looked up by key in a form that needs no settings of the planner (ADR 13)."""

from django.db import migrations

BY_KEY = """
CREATE OR REPLACE FUNCTION tickets_seated() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
BEGIN
  IF EXISTS (SELECT FROM fresh f
             LEFT JOIN LATERAL (SELECT plan_id, room_id, serial, "column", "row" FROM seating_seat
                                WHERE registration_id = f.registration_id AND current LIMIT 1) s ON true
             WHERE (s.plan_id, s.room_id, s.serial, s."column", s."row")
                   IS DISTINCT FROM (f.plan_id, f.room_id, f.seat, f."column", f."row"))
  OR EXISTS (SELECT FROM (SELECT DISTINCT plan_id, exam_id FROM fresh) f
             LEFT JOIN LATERAL (SELECT exam_id FROM seating_plan WHERE id = f.plan_id LIMIT 1) p ON true
             WHERE p.exam_id IS DISTINCT FROM f.exam_id) THEN
    RAISE EXCEPTION 'tickets: a ticket that is not the current seat of its registration in the exam'
      USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION tickets_stand() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
BEGIN
  IF EXISTS (SELECT FROM fresh f
             LEFT JOIN LATERAL (SELECT exam_id FROM registration_registration WHERE id = f.registration_id LIMIT 1) r ON true
             LEFT JOIN LATERAL (SELECT exam_id FROM seating_plan WHERE id = f.plan_id LIMIT 1) p ON true
             LEFT JOIN LATERAL (SELECT exam_id FROM venues_room WHERE id = f.room_id LIMIT 1) m ON true
             WHERE r.exam_id IS DISTINCT FROM f.exam_id OR p.exam_id IS DISTINCT FROM f.exam_id
                OR m.exam_id IS DISTINCT FROM f.exam_id) THEN
    RAISE EXCEPTION 'tickets: a ticket without its registration, plan or room in the exam'
      USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN NULL;
END $$;
"""
BY_SETTINGS = """
CREATE OR REPLACE FUNCTION tickets_seated() RETURNS trigger LANGUAGE plpgsql
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
CREATE OR REPLACE FUNCTION tickets_stand() RETURNS trigger LANGUAGE plpgsql
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
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0005_tallies"), ("seating", "0004_references_by_key")]
    operations = [migrations.RunSQL(BY_KEY, reverse_sql=BY_SETTINGS)]
