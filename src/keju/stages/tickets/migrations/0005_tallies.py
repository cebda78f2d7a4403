"""Tickets are counted per room, valid and revoked, as they change."""

from django.db import migrations

from keju.kernel.offices.tallies import tally

KEY = "room_id || '/' || room_number || '/' || CASE WHEN revoked_at IS NULL THEN 'valid' ELSE 'revoked' END"


class Migration(migrations.Migration):
    dependencies = [("offices", "0003_tallies"), ("tickets", "0004_tickets_name_their_seats")]
    operations = [tally("tickets_ticket", "tickets", key=KEY)]
