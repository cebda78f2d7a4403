"""Who is which human, as far as the scope shows it; entries are joined whole and never parted; a joining stands for ever (ADR 19)."""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect

HUMAN = """
CREATE FUNCTION accounts_human(entry bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT coalesce(human, id) FROM accounts_person WHERE id = entry
$$;

CREATE FUNCTION accounts_joined_whole() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM old_rows o JOIN new_rows n USING (id)
                 WHERE coalesce(o.human, o.id) <> coalesce(n.human, n.id)) THEN
    RETURN NULL;
  END IF;
  IF EXISTS (
    SELECT FROM (
      SELECT coalesce(o.human, o.id) AS was, count(DISTINCT coalesce(n.human, n.id)) AS parts
      FROM old_rows o JOIN new_rows n USING (id)
      WHERE coalesce(o.human, o.id) <> coalesce(n.human, n.id) GROUP BY 1
    ) moved
    WHERE parts > 1
       OR EXISTS (SELECT FROM accounts_person p WHERE p.human = was OR p.id = was AND p.human IS NULL)
  ) THEN
    RAISE EXCEPTION 'keju: one human is not parted' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER accounts_joined_whole AFTER UPDATE ON accounts_person
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION accounts_joined_whole();
"""
BACK = """
DROP TRIGGER accounts_joined_whole ON accounts_person;
DROP FUNCTION accounts_joined_whole();
DROP FUNCTION accounts_human(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_one_human"), ("offices", "0002_scope_of_events")]
    operations = [
        protect("accounts_joining"),
        append_only("accounts_joining"),
        migrations.RunSQL(HUMAN, reverse_sql=BACK),
    ]
