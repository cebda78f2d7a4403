"""Nobody works for the exam who sits it, or whose relative does: compared by the database whoever writes (ADR 18)."""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect

APPOINTED = (
    "EXISTS (SELECT 1 FROM staffing_appointment a WHERE a.exam_id = {table}.exam_id"
    " AND a.member_id = {table}.member_id)"
)
SITS = "r.state IN ('submitted', 'confirmed')"
LIVES = "state IN ('proposed', 'invited', 'accepted')"
# OFFSET 0 keeps the inner look-up by index in every plan, whatever a cached plan believes of the transition table's size.
CANDIDATES = f"""CROSS JOIN LATERAL (SELECT r.id FROM registration_registration r
  WHERE r.exam_id = w.exam_id AND r.identity_index = w.identity_index AND {SITS} OFFSET 0) r"""  # noqa: S608  nothing typed in it
WATCHES = """CROSS JOIN LATERAL (SELECT w.* FROM staffing_watch w
  WHERE w.exam_id = r.exam_id AND w.identity_index = r.identity_index AND NOT w.void OFFSET 0) w"""
FOUND = """INSERT INTO staffing_recusal_hit (exam_id, member_id, watch_id, registration_id, office_path, relation)
  SELECT w.exam_id, w.member_id, w.id, r.id, w.office_path, w.relation"""
AGAIN = "state = 'open', cause = '', reported_at = NULL, version = staffing_recusal_hit.version + 1"
STILL = "staffing_watch w, registration_registration r"
MEETS = f"""w.id = staffing_recusal_hit.watch_id AND NOT w.void AND r.id = staffing_recusal_hit.registration_id
      AND r.identity_index = w.identity_index AND {SITS}"""
OWN = """INSERT INTO staffing_watch (exam_id, member_id, office_path, relation, identity_index)
  SELECT DISTINCT f.exam_id, m.id, m.office_path, 'self', m.identity_index
  FROM fresh f JOIN staffing_member m ON m.id = f.member_id"""
NOT_VOID = """ON CONFLICT (exam_id, member_id, identity_index)
  DO UPDATE SET void = false, looked = false, fence = NULL WHERE staffing_watch.void"""
# Whatever has a row trigger below fires only where the fact changed: an ordinary edit of a registration calls nothing.
ENGINE = f"""
CREATE FUNCTION staffing_watch_added() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
BEGIN
  {FOUND} FROM fresh w {CANDIDATES} ON CONFLICT (watch_id, registration_id) DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER staffing_watch_added AFTER INSERT ON staffing_watch REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION staffing_watch_added();

CREATE FUNCTION staffing_watch_restored() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
BEGIN
  {FOUND} FROM (SELECT NEW.*) w {CANDIDATES}
    ON CONFLICT (watch_id, registration_id) DO UPDATE SET {AGAIN} WHERE staffing_recusal_hit.state = 'released';
  RETURN NULL;
END $$;
CREATE TRIGGER staffing_watch_restored AFTER UPDATE OF void ON staffing_watch FOR EACH ROW
  WHEN (OLD.void AND NOT NEW.void) EXECUTE FUNCTION staffing_watch_restored();

CREATE FUNCTION staffing_candidates_added() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
BEGIN
  {FOUND} FROM fresh r {WATCHES} WHERE {SITS} ON CONFLICT (watch_id, registration_id) DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER staffing_candidates_added AFTER INSERT ON registration_registration REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION staffing_candidates_added();

CREATE FUNCTION staffing_candidate_changed() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
BEGIN
  {FOUND} FROM (SELECT NEW.*) r {WATCHES}
    ON CONFLICT (watch_id, registration_id) DO UPDATE SET {AGAIN} WHERE staffing_recusal_hit.state = 'released';
  RETURN NULL;
END $$;
CREATE TRIGGER staffing_candidate_changed AFTER UPDATE OF identity_index, state ON registration_registration
  FOR EACH ROW WHEN (NEW.state IN ('submitted', 'confirmed')
    AND (OLD.identity_index IS DISTINCT FROM NEW.identity_index OR OLD.state NOT IN ('submitted', 'confirmed')))
  EXECUTE FUNCTION staffing_candidate_changed();

CREATE FUNCTION staffing_appointments_added() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
BEGIN
  {OWN} WHERE f.{LIVES} {NOT_VOID};
  UPDATE staffing_recusal_hit SET {AGAIN} FROM fresh f, {STILL}
    WHERE f.{LIVES} AND staffing_recusal_hit.exam_id = f.exam_id AND staffing_recusal_hit.member_id = f.member_id
      AND staffing_recusal_hit.state = 'released' AND staffing_recusal_hit.cause = 'ended'
      AND {MEETS};
  RETURN NULL;
END $$;
CREATE TRIGGER staffing_appointments_added AFTER INSERT ON staffing_appointment REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION staffing_appointments_added();

CREATE FUNCTION staffing_appointment_revived() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
BEGIN
  WITH fresh AS (SELECT NEW.*) {OWN} {NOT_VOID};
  UPDATE staffing_recusal_hit SET {AGAIN} FROM {STILL}
    WHERE staffing_recusal_hit.exam_id = NEW.exam_id AND staffing_recusal_hit.member_id = NEW.member_id
      AND staffing_recusal_hit.state = 'released' AND staffing_recusal_hit.cause = 'ended'
      AND {MEETS};
  RETURN NULL;
END $$;
CREATE TRIGGER staffing_appointment_revived AFTER UPDATE OF state, member_id, exam_id ON staffing_appointment
  FOR EACH ROW WHEN (NEW.{LIVES}
    AND (OLD.state NOT IN ('proposed', 'invited', 'accepted')
      OR (OLD.member_id, OLD.exam_id) IS DISTINCT FROM (NEW.member_id, NEW.exam_id)))
  EXECUTE FUNCTION staffing_appointment_revived();

CREATE FUNCTION staffing_declarations_added() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
BEGIN
  {OWN} {NOT_VOID};
  RETURN NULL;
END $$;
CREATE TRIGGER staffing_declarations_added AFTER INSERT ON staffing_declaration REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION staffing_declarations_added();

CREATE FUNCTION staffing_relatives_added() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
BEGIN
  INSERT INTO staffing_watch (exam_id, member_id, office_path, relation, identity_index)
    SELECT DISTINCT ON (f.exam_id, f.member_id, f.identity_index)
      f.exam_id, f.member_id, m.office_path, f.relation, f.identity_index
    FROM fresh f JOIN staffing_member m ON m.id = f.member_id {NOT_VOID};
  UPDATE staffing_recusal_hit SET {AGAIN} FROM fresh f, {STILL}
    WHERE w.exam_id = f.exam_id AND w.member_id = f.member_id AND w.identity_index = f.identity_index
      AND staffing_recusal_hit.state = 'released' AND staffing_recusal_hit.cause = 'mistaken' AND {MEETS};
  RETURN NULL;
END $$;
CREATE TRIGGER staffing_relatives_added AFTER INSERT ON staffing_relative REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION staffing_relatives_added();

CREATE FUNCTION staffing_member_renumbered() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
BEGIN
  UPDATE staffing_watch SET void = true
    WHERE member_id = NEW.id AND relation = 'self' AND identity_index = OLD.identity_index AND NOT EXISTS (
      SELECT FROM staffing_relative f WHERE f.exam_id = staffing_watch.exam_id AND f.member_id = NEW.id
        AND f.identity_index = OLD.identity_index);
  INSERT INTO staffing_watch (exam_id, member_id, office_path, relation, identity_index)
    SELECT DISTINCT w.exam_id, NEW.id, NEW.office_path, 'self', NEW.identity_index
    FROM staffing_watch w WHERE w.member_id = NEW.id AND w.relation = 'self' {NOT_VOID};
  RETURN NULL;
END $$;
CREATE TRIGGER staffing_member_renumbered AFTER UPDATE OF identity_index ON staffing_member
  FOR EACH ROW WHEN (OLD.identity_index IS DISTINCT FROM NEW.identity_index)
  EXECUTE FUNCTION staffing_member_renumbered();

CREATE FUNCTION staffing_member_moved() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
BEGIN
  UPDATE staffing_watch SET office_path = NEW.office_path WHERE member_id = NEW.id;
  UPDATE staffing_recusal_hit SET office_path = NEW.office_path WHERE member_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER staffing_member_moved AFTER UPDATE OF office_path ON staffing_member
  FOR EACH ROW WHEN (OLD.office_path <> NEW.office_path) EXECUTE FUNCTION staffing_member_moved();
"""  # noqa: S608
FUNCTIONS = (
    *(
        "staffing_watch_added",
        "staffing_watch_restored",
        "staffing_candidates_added",
        "staffing_candidate_changed",
    ),
    *("staffing_appointments_added", "staffing_appointment_revived", "staffing_declarations_added"),
    *("staffing_relatives_added", "staffing_member_renumbered", "staffing_member_moved"),
)
BACK = "".join(f"DROP FUNCTION {name} CASCADE;" for name in FUNCTIONS)


class Migration(migrations.Migration):
    dependencies = [("staffing", "0003_recusal"), ("offices", "0002_scope_of_events")]
    operations = [
        protect("staffing_declaration", read_if=APPOINTED.format(table="staffing_declaration")),
        protect("staffing_relative"),
        protect("staffing_watch"),
        protect("staffing_recusal_hit", read_if=APPOINTED.format(table="staffing_recusal_hit")),
        protect("staffing_recusal_decision"),
        protect("staffing_recusal_hint"),
        protect("staffing_accountability"),
        append_only("staffing_declaration"),
        append_only("staffing_relative"),
        append_only("staffing_recusal_decision"),
        append_only("staffing_accountability"),
        migrations.RunSQL(ENGINE, reverse_sql=BACK),
    ]
