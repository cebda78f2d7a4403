"""What this stage writes into the audit log."""

SEALED = "archive.bag.sealed"
CHECKED = "archive.bag.checked"
