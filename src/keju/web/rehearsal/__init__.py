"""A whole exam year through the services that the pages use: `keju rehearse`, and the demo."""

#: the stages in the order of the year; known before Django is (`steps.STEPS` runs them)
STAGES = (
    "announcement",
    "registration",
    "review",
    "fees",
    "venues",
    "seating",
    "tickets",
    "staffing",
    "security",
    "custody",
    "examday",
    "marking",
    "results",
    "certificates",
    "archive",
)
