"""An obligation is seen by the lower of the two offices it binds, and by everybody above that one."""

from django.db import migrations

from keju.kernel.offices import tenancy


class Migration(migrations.Migration):
    dependencies = [("duties", "0001_obligations"), ("offices", "0001_tree")]

    operations = [tenancy.protect("duties_obligation")]
