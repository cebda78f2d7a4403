"""Reading exams, their calendar and their law. Exams are public facts: no viewer."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from django.db import connection
from django.db.models import Max, Min, QuerySet

from keju.kernel.exams.models import Exam, Milestone, Opening, Session, Subject
from keju.kernel.offices.looking import once_a_look, once_for_all
from keju.rulebook import Programme, load_programme, value_of
from keju.rulebook.parameters import load_params
from keju.rulebook.words import Words, places

P = TypeVar("P")
# "/" sorts before "/11/": the nearer calendar comes last, and holds.
MILESTONES = (
    "SELECT key, at FROM exams_milestone WHERE exam_id = %s AND office_path = ANY(%s) ORDER BY office_path"
)
WITH_ADDRESS = """
SELECT office_id FROM exams_opening JOIN offices_office ON code = office_id
WHERE exam_id = %s AND kind = 'point' AND office_id = ANY(%s) AND address <> ''
"""


def exams() -> QuerySet[Exam]:
    return Exam.objects.order_by("-year", "slug")


def exam(slug: str) -> Exam:
    """The exam; `Exam.DoesNotExist` if there is none."""
    return Exam.objects.get(slug=slug)


def programme(exam: Exam) -> Programme:
    return load_programme(exam.programme)


def params(exam: Exam, cls: type[P]) -> P:
    """The law's numbers of a stage as they stood on the exam's `rules_as_of`."""
    return load_params(cls, programme=exam.programme, as_of=exam.rules_as_of)


def with_figures(exam: Exam, words: Words) -> Words:
    """The programme's words with the law's figures as they stood on the exam's `rules_as_of`.

    {fees_refund_working_days} is the parameter refund_working_days of the stage fees.
    """
    figures = {}
    for name in places(words.zh) | places(words.en):
        part, _, short = name.partition("_")
        figures[name] = value_of(f"{part}.{short}", programme=exam.programme, as_of=exam.rules_as_of)
    return words.format(**figures)


@once_for_all
def sessions(exam: Exam) -> list[Session]:
    return list(exam.sessions.order_by("number"))


def subjects(exam: Exam, session_number: int | None = None) -> list[Subject]:
    found = exam.subjects.select_related("session").order_by("order")
    return list(found if session_number is None else found.filter(session__number=session_number))


@once_for_all
def milestones(exam: Exam, office_path: str = "/") -> dict[str, datetime]:
    """Every known milestone as it holds for the office: its own calendar, else its region's, else the nation's."""
    with connection.cursor() as cursor:
        cursor.execute(MILESTONES, [exam.pk, _above(office_path)])
        return dict(cursor.fetchall())


def public_calendar(exam: Exam) -> dict[str, datetime]:
    """The milestones as the public sees them: the nation's; where only regions have one, what holds for any of them.

    A period then runs from the first region's opening to the last one's end.
    """
    found = milestones(exam)
    regional = Milestone.objects.filter(exam=exam).exclude(office_path="/").exclude(key__in=list(found))
    for key, first, last in regional.values_list("key").annotate(first=Min("at"), last=Max("at")):
        found[key] = last if key.endswith(("_closes", "_ends")) else first
    return found


def periods_differ(exam: Exam) -> bool:
    """True if not every region registers at the same time."""
    ends = Milestone.objects.filter(exam=exam, key__in=("registration_opens", "registration_closes"))
    return ends.values("key", "at").distinct().count() > 2


def moments(exam: Exam) -> dict[tuple[str, datetime], list[str]]:
    """Every moment of the year, the nation's and the regions' own: (milestone, when) → whose, by path."""
    found: dict[tuple[str, datetime], list[str]] = {}
    rows = Milestone.objects.filter(exam=exam).order_by("at", "key", "office_path")
    for key, at, path in rows.values_list("key", "at", "office_path"):
        found.setdefault((key, at), []).append(path)
    return found


def milestone(exam: Exam, key: str, office_path: str = "/") -> datetime | None:
    return milestones(exam, office_path).get(key)


def milestone_by_office(exam: Exam, key: str, office_paths: Iterable[str]) -> dict[str, datetime]:
    """As `milestone`, for many offices in one look; an office for which it is not known is not there."""
    set_at = _set_at(exam).get(key, {})
    found = {}
    for path in office_paths:
        nearest = next((p for p in reversed(_above(path)) if p in set_at), None)
        if nearest is not None:
            found[path] = set_at[nearest]
    return found


@once_for_all
def _set_at(exam: Exam) -> dict[str, dict[str, datetime]]:
    """Milestone → office path → the moment in the office's own calendar: a few hundred in a year."""
    found: dict[str, dict[str, datetime]] = {}
    for key, path, at in Milestone.objects.filter(exam=exam).values_list("key", "office_path", "at"):
        found.setdefault(key, {})[path] = at
    return found


def openings(exam: Exam, kind: str | None = None) -> QuerySet[Opening]:
    found = Opening.objects.filter(exam=exam).select_related("office").order_by("office_path")
    return found if kind is None else found.filter(office__kind=kind)


def openings_under(exam: Exam, path: str, kind: str | None = None) -> list[Opening]:
    """Those of `openings` at and under the path; within a look one statement for all kinds."""
    return [o for o in _under(exam, path) if kind in (None, o.office.kind)]


@once_a_look
def _under(exam: Exam, path: str) -> list[Opening]:
    return list(openings(exam).filter(office_path__gte=path, office_path__lt=path + "~"))


def opening(exam: Exam, office_code: str) -> Opening | None:
    return Opening.objects.filter(exam=exam, office_id=office_code).select_related("office").first()


def points_with_address(exam: Exam, codes: Iterable[str]) -> set[str]:
    """Those of the codes that are points of this exam and say where they are."""
    with connection.cursor() as cursor:
        cursor.execute(WITH_ADDRESS, [exam.pk, list(codes)])
        return {code for (code,) in cursor.fetchall()}


def _above(path: str) -> list[str]:
    """ "/11/1101/" → ["/", "/11/", "/11/1101/"]."""
    parts = [part for part in path.split("/") if part]
    return ["/", *("/" + "/".join(parts[: n + 1]) + "/" for n in range(len(parts)))]
