"""Names of audit events."""

# inspections and findings
INSPECTIONS_PLANNED = "security.inspections.planned"
INSPECTION_ANSWERED = "security.inspection.answered"
INSPECTION_DONE = "security.inspection.done"
INSPECTION_CANCELLED = "security.inspection.cancelled"
INSPECTION_PRINTED = "security.inspection.printed"
FINDINGS_RAISED = "security.findings.raised"
FINDING_MENDED = "security.finding.mended"
FINDING_RETURNED = "security.finding.returned"
FINDING_EXTENDED = "security.finding.extended"
FINDING_CLOSED = "security.finding.closed"
