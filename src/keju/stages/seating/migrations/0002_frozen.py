"""A frozen plan stays: the database refuses every change of it and its seats but that it is superseded."""

from django.db import migrations

from keju.kernel.offices.tenancy import protect

# Once per statement, over all its rows: a plan of a whole region is one statement.
PLAN = """
CREATE FUNCTION seating_plan_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM olds o JOIN news n USING (id) WHERE o.frozen_at IS NOT NULL AND (
      (o.exam_id, o.site_id, o.office_path, o.version, o.standard, o.seed, o.count, o.hash, o.made_by, o.frozen_at)
      IS DISTINCT FROM
      (n.exam_id, n.site_id, n.office_path, n.version, n.standard, n.seed, n.count, n.hash, n.made_by, n.frozen_at)
      OR o.superseded_at IS NOT NULL AND o.superseded_at IS DISTINCT FROM n.superseded_at))
  OR (SELECT count(*) FROM olds) <> (SELECT count(*) FROM olds JOIN news USING (id)) THEN
    RAISE EXCEPTION 'keju: a frozen plan does not change; make a new version' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER seating_plan_stays AFTER UPDATE ON seating_plan
  REFERENCING OLD TABLE AS olds NEW TABLE AS news FOR EACH STATEMENT EXECUTE FUNCTION seating_plan_stays();
"""
SEAT = """
CREATE FUNCTION seating_seat_stays() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER seating_seat_stays AFTER UPDATE ON seating_seat
  REFERENCING OLD TABLE AS olds NEW TABLE AS news FOR EACH STATEMENT EXECUTE FUNCTION seating_seat_stays();
CREATE FUNCTION seating_seat_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM seating_plan p WHERE p.frozen_at IS NOT NULL AND p.id IN (SELECT plan_id FROM news)) THEN
    RAISE EXCEPTION 'keju: nobody is added to a frozen plan; make a new version' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER seating_seat_added AFTER INSERT ON seating_seat
  REFERENCING NEW TABLE AS news FOR EACH STATEMENT EXECUTE FUNCTION seating_seat_added();
"""
KEEP = """
CREATE FUNCTION seating_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'keju: % is kept; a plan is superseded, not deleted', TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER seating_plan_kept BEFORE DELETE OR TRUNCATE ON seating_plan
  FOR EACH STATEMENT EXECUTE FUNCTION seating_kept();
CREATE TRIGGER seating_seat_kept BEFORE DELETE OR TRUNCATE ON seating_seat
  FOR EACH STATEMENT EXECUTE FUNCTION seating_kept();
REVOKE DELETE, TRUNCATE ON seating_plan, seating_seat FROM keju_app;
"""
BACK = """
DROP TRIGGER seating_plan_kept ON seating_plan;
DROP TRIGGER seating_seat_kept ON seating_seat;
DROP TRIGGER seating_seat_added ON seating_seat;
DROP TRIGGER seating_seat_stays ON seating_seat;
DROP TRIGGER seating_plan_stays ON seating_plan;
DROP FUNCTION seating_kept(); DROP FUNCTION seating_seat_added(); DROP FUNCTION seating_seat_stays();
DROP FUNCTION seating_plan_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("seating", "0001_plans"), ("offices", "0002_scope_of_events")]
    operations = [
        protect("seating_plan"),
        protect("seating_seat"),
        migrations.RunSQL(PLAN + SEAT + KEEP, reverse_sql=BACK),
    ]
