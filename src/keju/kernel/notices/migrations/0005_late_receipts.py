"""How far up a receipt has climbed that is not acknowledged in time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notices", "0004_outbox_scope")]
    operations = [
        migrations.AddField(
            model_name="receipt",
            name="escalated_level",
            field=models.SmallIntegerField(default=0, db_default=0),
        ),
    ]
