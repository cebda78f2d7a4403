"""What lies inside counts too: an outer container does not move with something frozen in it, and is destroyed empty only.

The laws are those of `rules.chain.check_contents`. The trigger runs after `custody_steps_stand` (triggers of a statement run in
the order of their names), which has taken the locks of the outer containers.
"""

from django.db import migrations, models

INSIDE = """
CREATE FUNCTION custody_steps_within() RETURNS trigger LANGUAGE plpgsql
  SET keju.path = '/' AS $$
DECLARE
  broken text;
BEGIN
  SELECT format('%s of %s: %s', f.act, c.code,
    CASE WHEN inner_.frozen THEN 'a frozen one lies inside' ELSE 'what is destroyed is empty' END) INTO broken
  FROM fresh f
  JOIN custody_holding inner_ ON inner_.parent_id = f.container_id
  JOIN custody_container c ON c.id = f.container_id
  WHERE f.act = 'destroyed' OR (f.act IN ('handed_over', 'moved') AND inner_.frozen)
  LIMIT 1;
  IF broken IS NOT NULL THEN
    RAISE EXCEPTION 'custody: %', broken USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER custody_steps_within AFTER INSERT ON custody_step REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION custody_steps_within();
"""
UNINSIDE = """
DROP TRIGGER custody_steps_within ON custody_step;
DROP FUNCTION custody_steps_within();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_joined_whole"),
        ("custody", "0012_journeys_scope"),
        ("exams", "0004_scope_of_clearance"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="step",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("act", "destroyed"), _negated=True),
                    models.Q(("inside", 0), ("out", 0), ("unused", 0), ("used", 0)),
                    _connector="OR",
                ),
                name="custody_step_destroys_whole",
            ),
        ),
        migrations.RunSQL(INSIDE, reverse_sql=UNINSIDE),
    ]
