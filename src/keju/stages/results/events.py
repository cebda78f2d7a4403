"""What this stage writes into the audit log."""

LINE_PROPOSED = "results.line.proposed"
LINE_VOTED = "results.line.voted"
LINE_DECIDED = "results.line.decided"
RELEASED = "results.results.released"
REGISTER_SENT = "results.register.sent"
TRANSCRIPT_PRINTED = "results.transcript.printed"
