"""Every kind of identity document that a programme admits; found by its number whatever the state."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registration", "0004_tallies")]

    operations = [
        migrations.AddField(
            model_name="registration",
            name="country",
            field=models.CharField(db_default="CHN", max_length=3),
        ),
        migrations.AddField(
            model_name="registration",
            name="document_kind",
            field=models.CharField(db_default="resident", max_length=20),
        ),
        migrations.AddIndex(
            model_name="registration",
            index=models.Index(fields=["exam", "identity_index"], name="registration_by_identity"),
        ),
        migrations.AddConstraint(
            model_name="registration",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "document_kind__in",
                        ("resident", "residence_permit", "hk_macao_permit", "taiwan_permit", "passport"),
                    )
                ),
                name="registration_document_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="registration",
            constraint=models.CheckConstraint(
                condition=models.Q(("sex__in", ["male", "female"])), name="registration_sex"
            ),
        ),
    ]
