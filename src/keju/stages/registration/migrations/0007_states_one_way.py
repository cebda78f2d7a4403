"""A registration goes from state to state as the table beside the model says, whoever writes; nothing goes back."""

from django.db import migrations

# Asked only of statements that set the state, and without calling anything where it goes its way.
ONE_WAY = """
CREATE FUNCTION registration_refuse_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'keju: a registration does not go from % to %', OLD.state, NEW.state
    USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER registration_one_way BEFORE UPDATE OF state ON registration_registration FOR EACH ROW
  WHEN (OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (
    ('submitted', 'confirmed'), ('submitted', 'rejected'), ('submitted', 'withdrawn'), ('confirmed', 'rejected')))
  EXECUTE FUNCTION registration_refuse_transition();
"""


class Migration(migrations.Migration):
    dependencies = [("registration", "0006_lists_by_equation")]
    operations = [
        migrations.RunSQL(ONE_WAY, reverse_sql="DROP FUNCTION registration_refuse_transition CASCADE"),
    ]
