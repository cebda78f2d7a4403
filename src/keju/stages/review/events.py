"""What this stage writes into the audit log."""

FIRST_DECIDED = "review.first.decided"
SECOND_DECIDED = "review.second.decided"
SECOND_REVISED = "review.second.revised"
BATCH_SET = "review.batch.set"
SUMMARY_SENT = "review.summary.sent"
SUMMARY_RECEIVED = "review.summary.received"
SUMMARY_PRINTED = "review.summary.printed"
