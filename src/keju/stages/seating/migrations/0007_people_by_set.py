"""Whether the people of new seats are of their exam is asked once for all of them, by their keys, instead of one by one.

An array made by a sub-select is taken for short by the planner, so the index is used whatever the table holds (ADR 13).
"""

from django.db import migrations

BY_SET = """
CREATE OR REPLACE FUNCTION seating_seat_added() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
DECLARE one record;
BEGIN
  IF EXISTS (SELECT FROM (SELECT DISTINCT plan_id FROM news) n
             JOIN LATERAL (SELECT frozen_at FROM seating_plan WHERE id = n.plan_id LIMIT 1) p ON true
             WHERE p.frozen_at IS NOT NULL) THEN
    RAISE EXCEPTION 'keju: nobody is added to a frozen plan; make a new version' USING ERRCODE = 'restrict_violation';
  END IF;
  IF EXISTS (SELECT FROM (SELECT DISTINCT plan_id, room_id FROM news) n
             LEFT JOIN LATERAL (SELECT site_id FROM seating_plan WHERE id = n.plan_id LIMIT 1) p ON true
             LEFT JOIN LATERAL (SELECT site_id FROM venues_room WHERE id = n.room_id LIMIT 1) r ON true
             WHERE p.site_id IS NULL OR r.site_id IS DISTINCT FROM p.site_id) THEN
    RAISE EXCEPTION 'keju: a seat without its plan, in a room of another site or for somebody of another exam'
      USING ERRCODE = 'foreign_key_violation';
  END IF;
  FOR one IN SELECT p.exam_id, array_agg(n.plan_id) AS plans FROM (SELECT DISTINCT plan_id FROM news) n
             JOIN LATERAL (SELECT exam_id FROM seating_plan WHERE id = n.plan_id LIMIT 1) p ON true GROUP BY 1 LOOP
    IF (SELECT count(DISTINCT registration_id) FROM news WHERE plan_id = ANY(one.plans))
       <> (SELECT count(*) FROM registration_registration WHERE exam_id = one.exam_id
           AND id = ANY(ARRAY(SELECT registration_id FROM news WHERE plan_id = ANY(one.plans)))) THEN
      RAISE EXCEPTION 'keju: a seat without its plan, in a room of another site or for somebody of another exam'
        USING ERRCODE = 'foreign_key_violation';
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
"""
ONE_BY_ONE = """
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


class Migration(migrations.Migration):
    dependencies = [("seating", "0006_spread")]
    operations = [migrations.RunSQL(BY_SET, reverse_sql=ONE_BY_ONE)]
