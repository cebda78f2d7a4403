"""What every template knows: language, who acts, the exam, its clock."""

from typing import Any

from django.http import HttpRequest

from keju.kernel.calendar import now


def surroundings(request: HttpRequest) -> dict[str, Any]:
    exam = getattr(request, "exam", None)
    actor = getattr(request, "actor", None)
    return {
        "exam": exam,
        "actor": actor,
        "language": getattr(request, "language", "zh"),
        "other_language": "zh" if getattr(request, "language", "zh") == "en" else "en",
        "clock": now(exam),
        "holdings": getattr(request, "holdings", []),
        "holding": getattr(request, "holding", None),
    }
