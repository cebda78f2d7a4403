"""Entries are found by their kind: the books are checked kind by kind."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("exams", "0002_scope"),
        ("fees", "0010_balance_by_statement"),
        ("registration", "0006_lists_by_equation"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["exam", "kind"], name="fees_entry_by_kind"),
        ),
    ]
