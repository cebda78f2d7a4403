"""Announcing: the exam is founded, offices open, the announcement is decided, each region sets its calendar and page."""

from keju.stages.announcement.services.announcing import decide, draft, publish
from keju.stages.announcement.services.founding import found_exam
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
    "set_windows",
]
