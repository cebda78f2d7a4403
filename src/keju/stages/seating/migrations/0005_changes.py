"""Why a frozen plan was followed by another: kept for good."""

import django.db.models.deletion
from django.db import migrations, models

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect


class Migration(migrations.Migration):
    dependencies = [
        ("exams", "0002_scope"),
        ("seating", "0004_references_by_key"),
    ]

    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("office_path", models.CharField(db_collation="C", max_length=40)),
                ("act", models.CharField(max_length=32)),
                ("reason", models.CharField(max_length=300)),
                ("moved", models.IntegerField()),
                ("came", models.IntegerField()),
                ("left", models.IntegerField()),
                ("changed_by", models.CharField(max_length=80)),
                ("changed_at", models.DateTimeField()),
                (
                    "exam",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="exams.exam"
                    ),
                ),
                (
                    "former",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changed_to",
                        to="seating.plan",
                    ),
                ),
                (
                    "plan",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="change", to="seating.plan"
                    ),
                ),
            ],
            options={
                "db_table": "seating_change",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="seating_change_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("moved__gt", 0), ("came__gt", 0), ("left__gt", 0), _connector="OR"
                        ),
                        name="seating_change_changes",
                    ),
                ],
            },
        ),
        protect("seating_change"),
        append_only("seating_change"),
    ]
