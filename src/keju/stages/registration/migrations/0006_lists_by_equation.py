"""Lists are narrowed by equations on region and point, in the order of the registration number."""

import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_scope_of_recovery"),
        ("exams", "0002_scope"),
        ("registration", "0005_documents_of_every_kind"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="registration",
            name="registration_by_office",
        ),
        migrations.RemoveIndex(
            model_name="registration",
            name="registration_by_state",
        ),
        migrations.AddField(
            model_name="registration",
            name="region_code",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.text.Left("point_code", 2),
                output_field=models.CharField(max_length=2),
            ),
        ),
        migrations.AddIndex(
            model_name="registration",
            index=models.Index(fields=["exam", "point_code", "id"], name="registration_by_point"),
        ),
        migrations.AddIndex(
            model_name="registration",
            index=models.Index(fields=["exam", "region_code", "id"], name="registration_by_region"),
        ),
        migrations.AddIndex(
            model_name="registration",
            index=models.Index(
                fields=["exam", "region_code", "state", "id"], name="registration_by_region_state"
            ),
        ),
    ]
