"""Whether a database may hold the demo, and the rehearsal that puts it there."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec

from keju.web.installation import databases, places, ready
from keju.web.installation.folder import DataFolder
from keju.web.installation.supervisor import Say

_DEMO = "keju.web.rehearsal.demo"


class Papers(StrEnum):
    """How far the papers of one region have come."""

    MAKING = "making"
    MOVING = "moving"
    ARRIVED = "arrived"
    EXAM_DAY = "exam-day"
    AFTER = "after"


@dataclass(frozen=True)
class Wanted:
    """Which demo: one in mid-year; or a province of so many candidates; or one region and how far its papers have come."""

    province: int = 0
    papers: Papers | None = None


def may_become_demo(owner: places.Place) -> bool:
    """True, and marked so, if the database is a demo or holds no exam yet."""
    if databases.is_demo(owner):
        return True
    if databases.holds_an_exam(owner):
        return False
    databases.mark_demo(owner)
    return True


def ensure(folder: DataFolder, say: Say, wanted: Wanted) -> object:
    """What the demo wants to be shown: its sign-ins. None where there is no demo."""
    if places.has_app_only() or find_spec("keju.web.rehearsal") is None or find_spec(_DEMO) is None:
        return None
    if not may_become_demo(places.owner(folder)):
        say("数据库中已有正式考试，不载入演示。 The database holds an exam in earnest: no demo is loaded.")
        return None
    ready.with_django()
    from django.db import connections  # noqa: PLC0415  after Django is set up

    try:
        return importlib.import_module(_DEMO).ensure_demo(wanted)
    finally:
        connections.close_all()
