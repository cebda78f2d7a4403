"""What candidates need to sit the exam; a candidate asks, the point decides; a need goes where its registration goes."""

import django.db.models.deletion
from django.db import migrations, models

import keju.kernel.accounts.sealed
from keju.kernel.offices.tenancy import protect

GUARD = """
CREATE FUNCTION registration_need_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'keju: a candidate asks for what is needed and does not grant it' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER registration_need_asked BEFORE INSERT ON registration_need FOR EACH ROW
  WHEN (current_setting('keju.candidate', true) <> '' AND coalesce(current_setting('keju.path', true), '') = ''
    AND (NEW.state <> 'asked' OR NEW.decided_by <> '' OR NEW.decided_at IS NOT NULL))
  EXECUTE FUNCTION registration_need_guard();
CREATE FUNCTION registration_need_follows() RETURNS trigger LANGUAGE plpgsql SET keju.path = '/' AS $$
BEGIN
  UPDATE registration_need SET office_path = NEW.office_path WHERE registration_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER registration_need_follows AFTER UPDATE OF office_path ON registration_registration FOR EACH ROW
  WHEN (OLD.office_path IS DISTINCT FROM NEW.office_path) EXECUTE FUNCTION registration_need_follows();
"""
BACK = """
DROP TRIGGER registration_need_follows ON registration_registration;
DROP FUNCTION registration_need_follows();
DROP TRIGGER registration_need_asked ON registration_need;
DROP FUNCTION registration_need_guard();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("registration", "0007_states_one_way"),
    ]

    operations = [
        migrations.CreateModel(
            name="Need",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("candidate_id", models.BigIntegerField()),
                ("office_path", models.CharField(db_collation="C", max_length=40)),
                ("kind", models.CharField(max_length=20)),
                ("state", models.CharField(default="asked", max_length=8)),
                ("note", keju.kernel.accounts.sealed.SealedField(default=b"")),
                ("reason", keju.kernel.accounts.sealed.SealedField(default=b"")),
                ("asked_at", models.DateTimeField()),
                ("decided_by", models.CharField(blank=True, max_length=80)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "registration",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="needs",
                        to="registration.registration",
                    ),
                ),
            ],
            options={
                "db_table": "registration_need",
                "constraints": [
                    models.UniqueConstraint(fields=("registration", "kind"), name="registration_need_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["asked", "granted", "declined"])),
                        name="registration_need_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("state", "asked")),
                            models.Q(
                                models.Q(("state", "asked"), _negated=True),
                                models.Q(("decided_by", ""), _negated=True),
                                ("decided_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="registration_need_decided",
                    ),
                ],
            },
        ),
        protect("registration_need", candidate="candidate_id", candidate_may="add"),
        migrations.RunSQL(GUARD, reverse_sql=BACK),
    ]
