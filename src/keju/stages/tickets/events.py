"""What this stage writes into the audit log."""

GENERATED = "tickets.region.generated"
OPENED = "tickets.printing.opened"
REISSUED = "tickets.ticket.reissued"
REVOKED = "tickets.ticket.revoked"
PRINTED = "tickets.ticket.printed"
SHEETS_PRINTED = "tickets.sheets.printed"
SEATS_CHANGED = "tickets.seats.changed"
