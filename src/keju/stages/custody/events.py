"""What this stage writes into the audit log."""

DUE_SET = "custody.quantities.due"
CONFIRMED = "custody.quantities.confirmed"
FORM_PRINTED = "custody.quantities.printed"

# what was done with containers: one event an operation, named after its act, with the digest of its steps
CHAIN = "custody.chain"
REPEATED = "custody.chain.repeated"  # an operation arrived again and changed nothing
MADE_FOR_REGION = "custody.containers.made"
ALARM_RAISED = "custody.alarm.raised"
ALARM_CLEARED = "custody.alarm.cleared"
