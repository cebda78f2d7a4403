"""Who sees what: a receipt in the recipient's subtree; a notice where it was sent or where a receipt is seen."""

from django.db import migrations

from keju.kernel.offices import tenancy

# The receipts in this condition are under their own policy, so "there is one" means "there is one that I see". It is an
# index probe on notice_id, and notices are hundreds a year.
RECEIVED = "EXISTS (SELECT FROM notices_receipt r WHERE r.notice_id = notices_notice.id)"


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_post"), ("offices", "0001_tree")]

    operations = [
        tenancy.protect("notices_receipt"),
        tenancy.protect("notices_notice", read_if=RECEIVED),
        tenancy.protect("notices_message", candidate="candidate_id", candidate_may="change"),
    ]
