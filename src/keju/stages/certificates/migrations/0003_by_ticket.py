"""Certificates are found by ticket number."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("certificates", "0002_scope")]
    operations = [
        migrations.AddIndex(
            model_name="grant",
            index=models.Index(fields=["exam", "ticket_number"], name="certificates_by_ticket"),
        ),
    ]
