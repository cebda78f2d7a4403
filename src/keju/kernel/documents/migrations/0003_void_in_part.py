"""A file of a whole site may be void as far as some of its rooms go."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("documents", "0002_scope")]
    operations = [
        # Rows are append-only; a column with a constant default leaves them unwritten.
        migrations.AddField(
            "voiding",
            "part",
            models.CharField(blank=True, max_length=2000, default=""),
            preserve_default=False,
        ),
    ]
