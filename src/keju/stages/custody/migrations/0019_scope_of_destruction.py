"""Each office its own destructions."""

from django.db import migrations

from keju.kernel.offices.tenancy import protect


class Migration(migrations.Migration):
    dependencies = [("custody", "0018_destruction")]
    operations = [protect("custody_destruction")]
