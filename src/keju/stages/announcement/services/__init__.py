"""Announcing: the exam is founded, offices open, the announcement is decided, each region sets its calendar and page."""

from keju.stages.announcement.services.announcing import decide, draft, publish
from keju.stages.announcement.services.answers import say_answer, withdraw_answer
from keju.stages.announcement.services.founding import found_exam
from keju.stages.announcement.services.media import record_publication, strike_publication
from keju.stages.announcement.services.opening import NewOpening, open_offices
from keju.stages.announcement.services.regions import defer_region, publish_region, set_windows

__all__ = [
    "NewOpening",
    "decide",
    "defer_region",
    "draft",
    "found_exam",
    "open_offices",
    "publish",
    "publish_region",
    "record_publication",
    "say_answer",
    "set_windows",
    "strike_publication",
    "withdraw_answer",
]
