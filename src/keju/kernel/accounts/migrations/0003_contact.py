"""How a candidate is reached, and by which document they are known."""

from django.db import migrations, models

import keju.kernel.accounts.sealed


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_scope")]
    operations = [
        migrations.AddField(
            model_name="candidate",
            name="document_kind",
            field=models.CharField(max_length=20, default="resident", db_default="resident"),
        ),
        migrations.AddField(
            model_name="candidate",
            name="country",
            field=models.CharField(max_length=3, default="CHN", db_default="CHN"),
        ),
        migrations.AddField(
            model_name="candidate",
            name="email",
            field=keju.kernel.accounts.sealed.SealedField(default=b"", db_default=b""),
        ),
        migrations.AddField(
            model_name="candidate",
            name="language",
            field=models.CharField(max_length=2, default="zh", db_default="zh"),
        ),
        migrations.AddConstraint(
            model_name="candidate",
            constraint=models.CheckConstraint(
                condition=models.Q(language__in=["zh", "en"]), name="accounts_candidate_language"
            ),
        ),
    ]
