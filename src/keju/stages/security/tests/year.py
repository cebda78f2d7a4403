"""A small physician exam with a host, its site, and people who can be put in charge."""

import io
from datetime import date, datetime, timedelta

from PIL import Image

from keju.kernel.accounts.models import Person
from keju.kernel.calendar import CHINA
from keju.kernel.duties import services as duties
from keju.kernel.exams import services as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.kernel.offices.queries import office, path_of
from keju.kernel.offices.services import load_tree
from keju.stages.venues.tests.year import SYSTEM, confirmed, decide, make_site, staff

AT = datetime(2012, 8, 1, 9, 0, tzinfo=CHINA)
EXAM_DAY = date(2012, 9, 15)
OFFICER, MANAGER = staff("region_officer", "13"), staff("point_manager", "1301")
SITE = staff("site_officer", "1301-01")


def make_year(programme: str = "physician", rooms: int = 2) -> Exam:
    """An exam in which 1301 hosts for 1301 and 1302, with one site of so many rooms, not reported."""
    with acting(SYSTEM):
        load_tree(by=SYSTEM, at=AT)
        exam = exams.make(
            slug="exam-2012",
            programme=programme,
            year=2012,
            exam_day=EXAM_DAY,
            rules_as_of=date(2012, 6, 1),
            is_rehearsal=True,
            by=SYSTEM,
            at=AT,
        )
        for code in ("13", "1301", "1302"):
            exams.open_office(exam=exam, office=office(code), leader="王一", by=SYSTEM, at=AT)
        for key, day in (("exam_day", EXAM_DAY), ("exam_ends", EXAM_DAY + timedelta(days=1))):
            when = datetime(day.year, day.month, day.day, 17, 0, tzinfo=CHINA)
            duties.reach(exam=exam, key=key, when=when, by=SYSTEM, at=AT)
    category = "clinical" if programme == "physician" else "general"
    confirmed(exam, {("1301", category): 40})
    decide(exam, "13", {"1301": "1301", "1302": "1301"})
    make_site(exam, "1301", rooms=rooms, report=False, by=staff("point_manager", "1301"))
    return exam


def person(code: str = "1301", name: str = "李明") -> int:
    """Somebody who works at the office."""
    with acting(SYSTEM):
        return Person.objects.create(name=name, office_path=path_of(code)).pk


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (300, 200), "white").save(buffer, "JPEG")
    return buffer.getvalue()


def on(day: int, month: int = 8, hour: int = 9) -> datetime:
    return datetime(2012, month, day, hour, 0, tzinfo=CHINA)


__all__ = ["AT", "EXAM_DAY", "MANAGER", "OFFICER", "SITE", "make_year", "on", "person", "picture"]
