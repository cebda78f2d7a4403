"""When and where one may register."""

from dataclasses import dataclass
from datetime import datetime

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam, Milestone, Opening
from keju.kernel.offices.queries import path_of
from keju.rulebook import Refusal
from keju.rulebook.words import Words
from keju.stages.announcement import queries as announcement
from keju.stages.registration import rules


@dataclass(frozen=True)
class Place:
    """A point as candidates choose it; `ready` once its confirmation place is published (V5.1.1)."""

    code: str
    name: Words
    address: str
    hours: str
    phone: str

    @property
    def ready(self) -> bool:
        return bool(self.address)


def places(*, exam: Exam, region_code: str) -> list[Place]:
    """The points of a region that take part, by code; none for a region that does not."""
    path = path_of(region_code)
    if path == "/":
        return []
    found = exams.openings(exam, "point").filter(office_path__gte=path, office_path__lt=path + "~")
    return [Place(o.office_id, o.office.name, o.address, o.hours, o.phone) for o in found]


def point_refusals(*, exam: Exam, point_code: str, at: datetime) -> list[Refusal]:
    """Why this point cannot be chosen now: no confirmation place (V5.1.1), or its region is not open (V5.2.1)."""
    opening = exams.opening(exam, point_code)
    ready = opening is not None and opening.office.kind == "point" and bool(opening.address)
    return [
        *rules.check_point(ready),
        *(window_refusals(exam=exam, point_code=point_code, at=at) if ready else []),
    ]


def closes(*, exam: Exam, point_code: str) -> datetime | None:
    """When registering and changing end for a registration at this point."""
    return announcement.windows(exam, path_of(point_code)).registration_closes


def window_refusals(*, exam: Exam, point_code: str = "", at: datetime) -> list[Refusal]:
    """Why one cannot register or edit now (V5.2.1); empty while online registration is open.

    Before a point is chosen it is open as soon as the nation's or any region's own calendar is.
    """
    paths = [path_of(point_code)] if point_code else ["/", *(o.office_path for o in _deferred(exam))]
    found = []
    for path in paths:
        w = announcement.windows(exam, path)
        refusals = list(rules.check_window(at, w.registration_opens, w.registration_closes))
        if not refusals:
            return []
        found.append(refusals)
    return found[0]


def _deferred(exam: Exam) -> list[Opening]:
    """Regions with a calendar of their own: few, so each may be asked."""
    own = set(
        Milestone.objects.filter(exam=exam, key="registration_closes").values_list("office_path", flat=True)
    )
    return [o for o in exams.openings(exam, "region") if o.office_path in own]
