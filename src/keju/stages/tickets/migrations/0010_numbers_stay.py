"""V7.1 in the database too: nobody is renumbered once tickets are opened, and a ticket that holds is its holder's seat.

A number is made and, until the opening, deleted with its region's; it never becomes another, nor somebody else's.
"""

from django.db import migrations

STAY = """
CREATE FUNCTION tickets_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT id, exam_id, region_code, registration_id, candidate_id, number FROM olds
             EXCEPT
             SELECT id, exam_id, region_code, registration_id, candidate_id, number FROM news) THEN
    RAISE EXCEPTION 'keju: a ticket keeps its number and its holder' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER tickets_stay AFTER UPDATE ON tickets_ticket
  REFERENCING OLD TABLE AS olds NEW TABLE AS news FOR EACH STATEMENT EXECUTE FUNCTION tickets_stay();
CREATE FUNCTION tickets_kept() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
BEGIN
  IF EXISTS (SELECT FROM (SELECT DISTINCT exam_id, region_code FROM olds) o
             JOIN tickets_opening USING (exam_id, region_code)) THEN
    RAISE EXCEPTION 'keju: an opened ticket is kept; it is revoked, not deleted' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER tickets_kept AFTER DELETE ON tickets_ticket
  REFERENCING OLD TABLE AS olds FOR EACH STATEMENT EXECUTE FUNCTION tickets_kept();
"""
# Looked at when the transaction ends: two who exchange seats are for a moment on none.
SIT = """
CREATE FUNCTION tickets_sit() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
BEGIN
  IF EXISTS (SELECT FROM tickets_ticket t
             LEFT JOIN LATERAL (SELECT room_id, serial, "column", "row" FROM seating_seat
                                WHERE registration_id = t.registration_id AND current LIMIT 1) s ON true
             WHERE t.id = NEW.id AND t.revoked_at IS NULL
               AND (s.room_id, s.serial, s."column", s."row") IS DISTINCT FROM (t.room_id, t.seat, t."column", t."row")) THEN
    RAISE EXCEPTION 'keju: a ticket that holds is the seat of its holder' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER tickets_sit AFTER UPDATE OF room_id, seat, "column", "row", revoked_at ON tickets_ticket
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tickets_sit();
"""
FALL = """
DROP TRIGGER tickets_sit ON tickets_ticket; DROP FUNCTION tickets_sit();
DROP TRIGGER tickets_kept ON tickets_ticket; DROP FUNCTION tickets_kept();
DROP TRIGGER tickets_stay ON tickets_ticket; DROP FUNCTION tickets_stay();
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0009_supervision"), ("seating", "0008_seats_stay_by_set")]
    operations = [migrations.RunSQL(STAY + SIT, reverse_sql=FALL)]
