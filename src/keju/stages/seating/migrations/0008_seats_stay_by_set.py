"""Whether seats stayed is asked of the sets: joined row by row, a site of 3,000 took seconds and a region minutes.

Transition tables have no statistics, and the plan that a session keeps for the trigger is that of its first, small use; a
set difference is sorted or hashed whatever the planner believes (ADR 13).
"""

from django.db import migrations

BY_SET = """
CREATE OR REPLACE FUNCTION seating_seat_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM olds WHERE NOT current)
  OR EXISTS (SELECT id, plan_id, registration_id, office_path, room_id, serial, "column", "row", category FROM olds
             EXCEPT
             SELECT id, plan_id, registration_id, office_path, room_id, serial, "column", "row", category FROM news) THEN
    RAISE EXCEPTION 'keju: a seat does not change; make a new version of the plan' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
"""
BY_ROW = """
CREATE OR REPLACE FUNCTION seating_seat_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM olds o JOIN news n USING (id) WHERE
      (o.plan_id, o.registration_id, o.office_path, o.room_id, o.serial, o."column", o."row", o.category)
      IS DISTINCT FROM
      (n.plan_id, n.registration_id, n.office_path, n.room_id, n.serial, n."column", n."row", n.category)
      OR NOT o.current)
  OR (SELECT count(*) FROM olds) <> (SELECT count(*) FROM olds JOIN news USING (id)) THEN
    RAISE EXCEPTION 'keju: a seat does not change; make a new version of the plan' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("seating", "0007_people_by_set")]
    operations = [migrations.RunSQL(BY_SET, reverse_sql=BY_ROW)]
