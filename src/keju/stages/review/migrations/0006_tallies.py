"""Decisions are counted per office as they are taken."""

from django.db import migrations

from keju.kernel.offices.tallies import tally


class Migration(migrations.Migration):
    dependencies = [("offices", "0003_tallies"), ("review", "0005_queue")]
    operations = [
        tally("review_first", "review_first", key="CASE WHEN passed THEN 'passed' ELSE 'failed' END"),
        tally("review_second", "review_second", key="CASE WHEN passed THEN 'passed' ELSE 'failed' END"),
    ]
