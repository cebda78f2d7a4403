"""Proposals and votes are the nation's own; the line is public with the results; a result is its candidate's and offices'."""

from django.db import migrations

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect

TABLES = (
    "results_proposal",
    "results_vote",
    "results_decision",
    "results_release",
    "results_result",
    "results_register",
)
OUT = "EXISTS (SELECT 1 FROM results_release r WHERE r.exam_id = results_decision.exam_id)"
CLOSED = """
CREATE FUNCTION results_refuse_after_release() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM added JOIN results_release r ON r.exam_id = added.exam_id) THEN
    RAISE EXCEPTION 'keju: the results of this exam are released' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER results_result_after_release AFTER INSERT ON results_result
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION results_refuse_after_release();
"""


class Migration(migrations.Migration):
    dependencies = [("results", "0001_results"), ("offices", "0002_scope_of_events")]
    operations = [
        protect("results_proposal"),
        protect("results_vote"),
        protect("results_decision", read_if=OUT),
        protect("results_release", read_if="true"),
        protect("results_result", candidate="candidate_id"),
        protect("results_register"),
        *(append_only(table) for table in TABLES),
        migrations.RunSQL(CLOSED, reverse_sql="DROP FUNCTION results_refuse_after_release CASCADE"),
    ]
