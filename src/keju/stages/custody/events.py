"""What this stage writes into the audit log."""

DUE_SET = "custody.quantities.due"
CONFIRMED = "custody.quantities.confirmed"
FORM_PRINTED = "custody.quantities.printed"

# what was done with containers: one event an operation, named after its act, with the digest of its steps
CHAIN = "custody.chain"
CHAIN_CHECKED = "custody.checked"  # recomputed and held against the log
REPEATED = "custody.chain.repeated"  # an operation arrived again and changed nothing
MADE_FOR_REGION = "custody.containers.made"
LABELS_PRINTED = "custody.labels.printed"
MARKS_TAKEN = "custody.marks.taken"  # the letters of bags left the system, for the printing house
COPY_TRACED = "custody.copy.traced"  # somebody asked whose copy a paper is
EVIDENCE_ASKED = "custody.evidence.asked"  # who wants a file, of what, and why
EVIDENCE_MADE = "custody.evidence.made"
REPACKED = "custody.packs.made"
PACKING_PRINTED = "custody.packs.printed"
ALARM_RAISED = "custody.alarm.raised"
ALARM_CLEARED = "custody.alarm.cleared"

# stores
STORE_ENTERED = "custody.store.entered"
STORE_CHANGED = "custody.store.changed"
STORE_ACCEPTED = "custody.store.accepted"
STORE_CHECKED = "custody.store.checked"
STORE_NAMED = "custody.store.named"  # who is responsible, who receives, who may withdraw
STORE_UNNAMED = "custody.store.unnamed"
STORE_RECEIVED = "custody.store.received"  # the first papers came in
STORE_LEAVE_ASKED = "custody.store.leave.asked"
STORE_LEAVE = "custody.store.leave.given"  # papers may come earlier (V12.3)
KEYS_MOVED = "custody.keys.moved"
ENTERED = "custody.entry.made"
ENTRY_REFUSED = "custody.entry.refused"
LEFT = "custody.entry.ended"
DAILY_SENT = "custody.daily.sent"
WATCH_ENTERED = "custody.watch.entered"
WATCH_VOIDED = "custody.watch.voided"
WATCH_REVIEWED = "custody.watch.reviewed"
# the exam day
ATTEMPT_REFUSED = "custody.attempt.refused"
WITHDRAWN = "custody.seal_room.opened"  # a half-day's papers are in the seal room
PACKS_OPENED = "custody.packs.opened"
SEALS_CHECKED = "custody.seals.checked"
ISSUED = "custody.room.issued"
ROOM_BAGS_OPENED = "custody.room.opened"
SEAL_ROOM_LEFT = "custody.seal_room.left"
SPARE_USED = "custody.spare.used"
SPARE_REPORTED = "custody.spare.reported"
COUNTED_BACK = "custody.room.counted"
DIFFERENCE_FOUND = "custody.count.explained"
BACK_IN_STORE = "custody.half_day.back"
HALF_DAY_PRINTED = "custody.half_day.printed"
SPARES_PRINTED = "custody.spare.printed"
# papers on the way
JOURNEY_PLANNED = "custody.journey.planned"
JOURNEY_CHANGED = "custody.journey.changed"
JOURNEY_PROPOSED = "custody.journey.proposed"
JOURNEY_SETTLED = "custody.journey.settled"
JOURNEY_CANCELLED = "custody.journey.cancelled"
JOURNEY_DEPARTED = "custody.journey.departed"
JOURNEY_REFUSED = "custody.journey.refused"  # a departure that was refused, and why
JOURNEY_ENTERED = "custody.journey.entered"
JOURNEY_TROUBLE = "custody.journey.trouble"
JOURNEY_ROUTE = "custody.journey.route_changed"
JOURNEY_ARRIVED = "custody.journey.arrived"
JOURNEY_CARDS = "custody.journey.cards_printed"
JOURNEY_PHONES = "custody.journey.phones_shown"  # the escorts' telephones in clear
JOURNEY_PRINTED = "custody.journey.printed"

# damage and incidents: custody.case.<what was done>
CASE = "custody.case"
CASE_REPORTED = "custody.case.reported"
ISOLATED = "custody.isolation.begun"
COMPANION_RELIEVED = "custody.isolation.relieved"
ISOLATION_ENDED = "custody.isolation.ended"
CASE_PRINTED = "custody.case.printed"
FOUND_AGAIN = "custody.found_again"
# formal handovers
HANDOVER_PREPARED = "custody.handover.prepared"
HANDOVER_ANNOUNCED = "custody.handover.announced"
HANDOVER_SCANNED = "custody.handover.scanned"
HANDOVER_COUNTED = "custody.handover.counted"
HANDOVER_REOPENED = "custody.handover.reopened"
HANDOVER_SIGNED = "custody.handover.signed"
HANDOVER_REFUSED = "custody.handover.refused"  # somebody tried to sign who may not
HANDOVER_CLOSED = "custody.handover.closed"
HANDOVER_BROKEN_OFF = "custody.handover.broken_off"
HANDOVER_CHANGE_ASKED = "custody.handover.change_asked"
HANDOVER_CHANGED = "custody.handover.changed"
HANDOVER_PRINTED = "custody.handover.printed"
RECEIPT_SENT = "custody.receipt.sent"
RECEIVER_INFORMED = "custody.receiver.informed"  # papers wait in a mail room for whoever receives next
EXCEPTION_REPORTED = "custody.exception.reported"
EXCEPTION_INSTRUCTED = "custody.exception.instructed"
CARDS_RETURNED = "custody.cards.returned"
DESTRUCTION_ORDERED = "custody.destruction.ordered"
DESTROYED = "custody.destruction.done"
DESTRUCTION_PRINTED = "custody.destruction.printed"
