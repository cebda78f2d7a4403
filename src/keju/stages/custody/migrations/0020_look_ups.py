"""Who asked whose copy a paper is; the letters of bags are not stored any more, they follow from a key."""

import django.db.models.deletion
from django.db import migrations, models

from keju.kernel.audit.tables import append_only
from keju.kernel.offices.tenancy import protect


class Migration(migrations.Migration):
    dependencies = [
        ("custody", "0019_scope_of_destruction"),
        ("exams", "0004_scope_of_clearance"),
    ]

    operations = [
        migrations.RemoveField(
            model_name="container",
            name="mark",
        ),
        migrations.CreateModel(
            name="LookUp",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("office_path", models.CharField(db_collation="C", max_length=40)),
                ("serial", models.IntegerField(default=0)),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("proven", "proven"),
                            ("likely", "likely"),
                            ("several", "several"),
                            ("disagrees", "disagrees"),
                            ("unknown", "unknown"),
                            ("specimen", "specimen"),
                        ],
                        max_length=10,
                    ),
                ),
                ("photo_sha", models.CharField(blank=True, db_collation="C", max_length=64)),
                ("by", models.CharField(max_length=80)),
                ("name", models.CharField(blank=True, max_length=80)),
                ("at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="look_ups",
                        to="custody.case",
                    ),
                ),
                (
                    "container",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="custody.container",
                    ),
                ),
                (
                    "exam",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="exams.exam"
                    ),
                ),
            ],
            options={
                "db_table": "custody_look_up",
                "indexes": [
                    models.Index(fields=["case"], name="custody_look_up_case"),
                    models.Index(fields=["exam", "office_path", "at"], name="custody_look_up_where"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("container__isnull", False), ("verdict__in", ["proven", "likely"])),
                            models.Q(
                                models.Q(("verdict__in", ["proven", "likely"]), _negated=True),
                                ("container", None),
                            ),
                            _connector="OR",
                        ),
                        name="custody_look_up_names",
                    )
                ],
            },
        ),
        protect("custody_look_up"),
        append_only("custody_look_up"),
    ]
