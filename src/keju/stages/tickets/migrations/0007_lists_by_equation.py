"""Lists are narrowed by equations on region and site, in the order of the ticket number."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("exams", "0002_scope"),
        ("registration", "0006_lists_by_equation"),
        ("seating", "0003_references_by_set"),
        ("tickets", "0006_references_by_key"),
        ("venues", "0002_scope"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="ticket",
            name="tickets_by_office",
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(fields=["exam", "region_code", "number"], name="tickets_by_region"),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(fields=["exam", "site_code", "number"], name="tickets_by_site"),
        ),
    ]
