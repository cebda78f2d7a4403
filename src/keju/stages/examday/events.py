"""What this stage writes into the audit log."""

SITE_OPENED = "examday.site.opened"
ROOMS_OPENED = "examday.rooms.opened"
MARKED = "examday.marks.recorded"
CLOSED = "examday.rooms.closed"
RECORD_PRINTED = "examday.record.printed"
ABSENCES_REPORTED = "examday.absences.reported"
NOTE_PRINTED = "examday.bag_note.printed"
