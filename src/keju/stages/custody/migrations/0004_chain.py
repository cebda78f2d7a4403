"""The database keeps the chain: steps follow each other without a gap, an act changes only what it may, the frozen stay where
they are, nothing goes into or out of what is sealed, serials do not overlap; and `custody_holding` is the fold of it.

The laws are those of `rules/chain.py`. Each function brings its own scope: a check that sees nothing would let all pass.
`custody_steps_stand` runs with its owner's rights, since nobody else may write the fold.
"""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect

FOLD = (
    "exam_id", "office_path", "act", "number", "at", "place", "place_path", "custodian", "holder_id", "parent_id", "seal",
    "frozen", "copies", "inside", "out", "used", "unused", "defective", "missing", "destroyed",
)  # fmt: skip
# Whoever packs into or takes out of an outer container, and whoever seals, opens or moves it, wait for each other: each
# statement of the function sees what was committed before the lock was had.
STEPS = """
CREATE FUNCTION custody_steps_stand() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp SET keju.path = '/' AS $$
DECLARE
  broken text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('custody', id)) FROM (
    SELECT parent_id AS id FROM fresh WHERE parent_id IS NOT NULL
    UNION SELECT h.parent_id FROM fresh f JOIN public.custody_holding h ON h.container_id = f.container_id
      WHERE h.parent_id IS NOT NULL
    UNION SELECT f.container_id FROM fresh f JOIN public.custody_container c ON c.id = f.container_id
      WHERE c.kind IN ('box', 'pack')
    ORDER BY 1) outer_ones;
  SELECT format('%s of %s: %s', act, code, law) INTO broken FROM (
    SELECT f.act, c.code, CASE
      WHEN o.exam_id <> f.exam_id OR c.exam_id <> f.exam_id OR c.office_path <> f.office_path
        THEN 'it is of another exam or office'
      WHEN o.act <> f.act OR o.at <> f.at THEN 'its operation says otherwise'
      WHEN f.copies <> c.copies THEN 'sheets are conserved'
      WHEN (f.number = 1) <> (f.act = 'made') THEN 'the first step makes it'
      WHEN f.number > 1 AND h.number IS DISTINCT FROM f.number - 1 THEN 'steps follow each other'
      WHEN h.at > f.at THEN 'time goes on'
      WHEN h.place = 'destroyed' THEN 'it exists no more'
      WHEN h.frozen AND f.act NOT IN ('broken', 'released') THEN 'it is frozen'
      WHEN h.parent_id IS NOT NULL AND f.act NOT IN ('unpacked', 'frozen', 'released') THEN 'it lies in another'
      WHEN (h.place, h.place_path) IS DISTINCT FROM (f.place, f.place_path)
        AND f.act NOT IN ('made', 'packed', 'unpacked', 'handed_over', 'moved', 'destroyed') THEN 'it stays where it is'
      WHEN h.custodian IS DISTINCT FROM f.custodian AND f.act NOT IN ('made', 'packed', 'unpacked', 'handed_over')
        THEN 'it keeps its custodian'
      WHEN h.parent_id IS DISTINCT FROM f.parent_id AND f.act NOT IN ('made', 'packed', 'unpacked')
        THEN 'it stays inside or outside'
      WHEN h.seal IS DISTINCT FROM f.seal AND f.act NOT IN ('made', 'sealed', 'opened', 'broken') THEN 'its seal stays'
      WHEN f.act = 'sealed' AND (h.seal <> '' OR f.seal = '') THEN 'what is open is sealed'
      WHEN f.act IN ('opened', 'broken') AND (h.seal = '' OR f.seal <> '') THEN 'what is sealed is opened'
      WHEN h.frozen IS DISTINCT FROM f.frozen AND f.act NOT IN ('made', 'broken', 'frozen', 'released')
        THEN 'it stays frozen or free'
      WHEN f.act = 'made' AND f.inside <> f.copies THEN 'it begins whole'
      WHEN f.act = 'counted' AND h.seal <> '' THEN 'sheets under seal are not counted'
      WHEN f.act NOT IN ('made', 'counted', 'destroyed')
        AND (h.inside, h.out, h.used, h.unused, h.defective, h.missing, h.destroyed)
        IS DISTINCT FROM (f.inside, f.out, f.used, f.unused, f.defective, f.missing, f.destroyed)
        THEN 'its sheets stay as counted'
      WHEN (f.place = 'destroyed') <> (f.act = 'destroyed') THEN 'what is destroyed has no place'
      WHEN f.parent_id IS NOT NULL AND (holder.kind NOT IN ('box', 'pack') OR c.kind IN ('box', 'pack'))
        THEN 'bags lie in boxes and packs'
      WHEN f.act = 'packed' AND (f.parent_id IS NULL OR target.seal IS DISTINCT FROM '' OR target.frozen
        OR (target.place, target.custodian) IS DISTINCT FROM (h.place, h.custodian))
        THEN 'it is packed into what is open, where it is'
      WHEN f.act = 'unpacked' AND (f.parent_id IS NOT NULL OR source.seal IS DISTINCT FROM '' OR source.frozen
        OR (source.place, source.custodian) IS DISTINCT FROM (f.place, f.custodian))
        THEN 'it is taken out of what is open, where that is'
      END AS law
    FROM fresh f
    JOIN public.custody_operation o ON o.id = f.operation_id
    JOIN public.custody_container c ON c.id = f.container_id
    LEFT JOIN public.custody_holding h ON h.container_id = f.container_id
    LEFT JOIN public.custody_container holder ON holder.id = f.parent_id
    LEFT JOIN public.custody_holding target ON target.container_id = f.parent_id
    LEFT JOIN public.custody_holding source ON source.container_id = h.parent_id) judged
  WHERE law IS NOT NULL LIMIT 1;
  IF broken IS NOT NULL THEN
    RAISE EXCEPTION 'custody: %', broken USING ERRCODE = 'restrict_violation';
  END IF;
  INSERT INTO public.custody_holding (container_id, COLUMNS) SELECT container_id, COLUMNS FROM fresh
  ON CONFLICT (container_id) DO UPDATE SET (COLUMNS) = (EXCLUDING);
  RETURN NULL;
END $$;
CREATE TRIGGER custody_steps_stand AFTER INSERT ON custody_step REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION custody_steps_stand();
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON custody_holding FROM keju_app;
""".replace("EXCLUDING", ", ".join(f"EXCLUDED.{c}" for c in FOLD)).replace("COLUMNS", ", ".join(FOLD))
UNSTEPS = """
GRANT INSERT, UPDATE, DELETE ON custody_holding TO keju_app;
DROP TRIGGER custody_steps_stand ON custody_step;
DROP FUNCTION custody_steps_stand();
"""
SERIALS = """
CREATE FUNCTION custody_serials_stand() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('custody serials', exam_id))
  FROM (SELECT DISTINCT exam_id FROM fresh ORDER BY 1) exams;
  IF EXISTS (
    SELECT FROM fresh f CROSS JOIN LATERAL (
      SELECT c.id FROM custody_container c
      WHERE c.exam_id = f.exam_id AND c.session = f.session AND c.category = f.category
        AND c.first_serial > 0 AND c.first_serial <= f.last_serial AND c.id <> f.id AND c.last_serial >= f.first_serial
      ORDER BY c.first_serial DESC LIMIT 1) other
    WHERE f.first_serial > 0) THEN
    RAISE EXCEPTION 'custody: a serial lies in two bags' USING ERRCODE = 'exclusion_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER custody_serials_stand AFTER INSERT ON custody_container REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION custody_serials_stand();
"""
UNSERIALS = """
DROP TRIGGER custody_serials_stand ON custody_container;
DROP FUNCTION custody_serials_stand();
"""


class Migration(migrations.Migration):
    dependencies = [("custody", "0003_containers")]
    operations = [
        *(protect(f"custody_{table}") for table in ("container", "operation", "step", "holding")),
        *(append_only(f"custody_{table}") for table in ("container", "operation", "step")),
        migrations.RunSQL(SERIALS, reverse_sql=UNSERIALS),
        migrations.RunSQL(STEPS, reverse_sql=UNSTEPS),
    ]
