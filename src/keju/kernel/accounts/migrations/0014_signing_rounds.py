"""A sheet of signing codes says how slowly its codes are hashed; the sheets so far by 20,000 rounds.

Only a database that is thrown away, known by its name, takes fewer: a rehearsal's or a test's.
"""

from django.db import migrations, models

KEPT = """
CREATE FUNCTION accounts_sheet_rounds_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.rounds < 20000 AND pg_catalog.current_database() !~ '^keju_(rehearsal|test)_' THEN
    RAISE EXCEPTION 'keju: a signing code is hashed 20000 times at least, not %', NEW.rounds
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER accounts_sheet_rounds_kept BEFORE INSERT OR UPDATE OF rounds ON accounts_signing_sheet
  FOR EACH ROW EXECUTE FUNCTION accounts_sheet_rounds_kept();
"""
BACK = """
DROP TRIGGER accounts_sheet_rounds_kept ON accounts_signing_sheet;
DROP FUNCTION accounts_sheet_rounds_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0013_scope_of_foreign_tries")]
    operations = [
        migrations.AddField(
            "signingsheet", "rounds", models.IntegerField(default=20_000), preserve_default=False
        ),
        migrations.AddConstraint(
            "signingsheet",
            models.CheckConstraint(
                condition=models.Q(("rounds__gte", 1)), name="accounts_signing_sheet_rounds"
            ),
        ),
        migrations.RunSQL(KEPT, reverse_sql=BACK),
    ]
