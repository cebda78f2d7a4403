"""A hit stays with the office that it was found for when the member is entered under a lower one.

Whoever is above decides (V2.9): an office that enters its own member under one below would come to stand above the hit.
"""

from django.db import migrations

MOVED = """
CREATE OR REPLACE FUNCTION staffing_member_moved() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
BEGIN
  UPDATE staffing_watch SET office_path = NEW.office_path
    WHERE member_id = NEW.id AND NOT starts_with(NEW.office_path, office_path);
  UPDATE staffing_recusal_hit SET office_path = NEW.office_path
    WHERE member_id = NEW.id AND NOT starts_with(NEW.office_path, office_path);
  RETURN NULL;
END $$;
"""
BACK = """
CREATE OR REPLACE FUNCTION staffing_member_moved() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
BEGIN
  UPDATE staffing_watch SET office_path = NEW.office_path WHERE member_id = NEW.id;
  UPDATE staffing_recusal_hit SET office_path = NEW.office_path WHERE member_id = NEW.id;
  RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("staffing", "0008_scope_of_training")]
    operations = [migrations.RunSQL(MOVED, reverse_sql=BACK)]
