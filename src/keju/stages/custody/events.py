"""What this stage writes into the audit log."""

DUE_SET = "custody.quantities.due"
CONFIRMED = "custody.quantities.confirmed"
FORM_PRINTED = "custody.quantities.printed"
