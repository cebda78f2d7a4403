"""What a new seat names is looked up by key in a form that needs no settings of the planner (ADR 13)."""

from django.db import migrations

BY_KEY = """
CREATE OR REPLACE FUNCTION seating_seat_added() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
BEGIN
  IF EXISTS (SELECT FROM (SELECT DISTINCT plan_id FROM news) n
             JOIN LATERAL (SELECT frozen_at FROM seating_plan WHERE id = n.plan_id LIMIT 1) p ON true
             WHERE p.frozen_at IS NOT NULL) THEN
    RAISE EXCEPTION 'keju: nobody is added to a frozen plan; make a new version' USING ERRCODE = 'restrict_violation';
  END IF;
  IF EXISTS (SELECT FROM (SELECT DISTINCT plan_id, room_id FROM news) n
             LEFT JOIN LATERAL (SELECT site_id FROM seating_plan WHERE id = n.plan_id LIMIT 1) p ON true
             LEFT JOIN LATERAL (SELECT site_id FROM venues_room WHERE id = n.room_id LIMIT 1) r ON true
             WHERE p.site_id IS NULL OR r.site_id IS DISTINCT FROM p.site_id)
  OR EXISTS (SELECT FROM news n
             LEFT JOIN LATERAL (SELECT exam_id FROM registration_registration WHERE id = n.registration_id LIMIT 1) r ON true
             LEFT JOIN LATERAL (SELECT exam_id FROM seating_plan WHERE id = n.plan_id LIMIT 1) p ON true
             WHERE r.exam_id IS DISTINCT FROM p.exam_id) THEN
    RAISE EXCEPTION 'keju: a seat without its plan, in a room of another site or for somebody of another exam'
      USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN NULL;
END $$;
"""
BY_SETTINGS = """
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
    RAISE EXCEPTION 'keju: a seat without its plan, in a room of another site or for somebody of another exam'
      USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("seating", "0003_references_by_set")]
    operations = [migrations.RunSQL(BY_KEY, reverse_sql=BY_SETTINGS)]
