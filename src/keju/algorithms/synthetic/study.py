"""By which route somebody is eligible (V5.3.1b), or why not."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import NamedTuple

from keju.algorithms.synthetic.names import SCHOOLS

MAJORS = (
    "veterinary",
    "animal husbandry and veterinary",
    "Chinese veterinary medicine",
    "ethnic veterinary medicine",
    "aquaculture",
)
_OTHER_MAJORS = ("animal husbandry", "agronomy", "biology", "food science")
# Degree and the youngest age at which it is usually taken, by frequency.
_DEGREES = (("college", 21),) * 9 + (("bachelor", 22),) * 8 + (("master", 25),) * 2 + (("doctor", 28),)
_TITLES = ("veterinarian", "senior veterinarian")
TITLE_BEFORE = date(2009, 1, 1)


class Study(NamedTuple):
    """Route a: a degree; b: a title instead; c: graduating this year. `flaw` is empty if eligible, else
    `degree`, `major`, `title` or `graduation`."""

    route: str
    degree: str
    major: str
    school: str
    graduated_on: date | None
    title: str
    title_on: date | None
    flaw: str

    @property
    def eligible(self) -> bool:
        """True if the route's conditions hold."""
        return not self.flaw


@cache
def _day(year: int, month: int, day: int) -> date:
    return date(year, month, day)


def study_of(
    born: int, exam_year: int, province: str, aquatic: bool, dice: Sequence[float], *, ineligible: float
) -> Study:
    """The studies of somebody born in that year; `dice` are five numbers from 0 to below 1."""
    route, flawed, pick, when, major_pick = dice[:5]
    age = exam_year - born
    flaw = flawed < ineligible
    school = f"{province}{SCHOOLS[int(pick * len(SCHOOLS))]}"
    major = MAJORS[4] if aquatic else MAJORS[int(major_pick**2 * 4)]
    if age >= 33 and route < 0.12:
        return _by_title(born, pick, when, flaw)
    if age <= 22 or route > (0.4 if age <= 24 else 0.985):
        graduating = _day(exam_year + flaw, 7, 1)
        return Study("c", "", major, school, graduating, "", None, "graduation" if flaw else "")
    degree, least_age = _DEGREES[int(pick * len(_DEGREES))]
    if age <= least_age:
        degree, least_age = _DEGREES[0]
    if flaw and route < 0.5:
        degree = "secondary"
    elif flaw:
        major = _OTHER_MAJORS[int(major_pick * 4)]
    graduated = _day(min(born + least_age + int(when * 3), exam_year - 1), 6 + int(when * 8) % 2, 30)
    reason = "" if not flaw else "degree" if degree == "secondary" else "major"
    return Study("a", degree, major, school, graduated, "", None, reason)


def _by_title(born: int, pick: float, when: float, flaw: bool) -> Study:
    title = _TITLES[pick < 0.2]
    first, last = born + 26, TITLE_BEFORE.year - 1
    year = TITLE_BEFORE.year + int(when * 2) if flaw else first + int(when * (max(first, last) - first + 1))
    if not flaw and year > last:
        year = last
    title_on = _day(year, 1 + int(when * 120) % 12, 15)
    return Study("b", "", "", "", None, title, title_on, "title" if flaw else "")
