"""When and where each roster has to be covered: its kind, its hours, the floors in use."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time

from keju.algorithms.rosters import Span
from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import CHINA
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.rulebook.parameters import value_of
from keju.rulebook.rosters import RosterKind
from keju.stages.seating.queries.in_use import rooms_in_use
from keju.stages.staffing.models import Roster
from keju.stages.staffing.rules import rosters as rules
from keju.stages.staffing.rules.rosters import Hours


def kinds(exam: Exam) -> tuple[RosterKind, ...]:
    return exams.programme(exam).rosters


def kind_of(exam: Exam, code: str) -> RosterKind:
    """The kind of that code; `NotPermitted` (hidden) if the programme has none."""
    found = next((kind for kind in kinds(exam) if kind.code == code), None)
    if found is None:
        raise NotPermitted("staffing:roster:make", hidden=True)
    return found


def enforced(exam: Exam, kind: RosterKind) -> bool:
    """Whether the clause of the roster is to be enforced: then a gap refuses its publication."""
    clause = exams.programme(exam).clause(kind.rule)
    return clause is not None and clause.kind == "enforce"


def hours_of_many(exam: Exam, found: Sequence[Roster]) -> dict[int, list[Span]]:
    """Roster → the hours to cover; none where they are not known yet."""
    paths = {one.office_path for one in found}
    known = {key: exams.milestone_by_office(exam, key, paths) for key in _keys(exam, found)}
    sessions = [(s.starts_at, s.ends_at) for s in exams.sessions(exam)]
    result = {}
    for one in found:
        kind = kind_of(exam, one.kind)
        ends = (
            (_time(exam, kind.span.begins), _time(exam, kind.span.ends))
            if kind.span.of == "exam_days"
            else (None, None)
        )
        mine = _moved(sessions, known["exam_day"].get(one.office_path))
        result[one.pk] = rules.needed(
            kind.span,
            exam_days=_days(mine, known["exam_day"].get(one.office_path)),
            sessions=mine,
            begins=ends[0],
            ends=ends[1],
            own=_own(one, kind, known),
        )
    return result


def _keys(exam: Exam, found: Iterable[Roster]) -> set[str]:
    """The milestones that the rosters count from."""
    spans = [kind_of(exam, code).span for code in {one.kind for one in found}]
    return {"exam_day"} | {key for s in spans if s.of == "milestones" for key in (s.begins, s.ends)}


def _moved(sessions: Sequence[Hours], exam_day: datetime | None) -> list[Hours]:
    """The sessions on the office's own days: a region put off by decision sits the same paper later."""
    if exam_day is None or not sessions:
        return list(sessions)
    first = min(starts for starts, _ in sessions).astimezone(CHINA).date()
    later = exam_day.astimezone(CHINA).date() - first
    return [(starts + later, ends + later) for starts, ends in sessions]


def _days(sessions: Sequence[Hours], exam_day: datetime | None) -> set[date]:
    days = {starts.astimezone(CHINA).date() for starts, _ in sessions}
    return days or ({exam_day.astimezone(CHINA).date()} if exam_day else set())


def _own(one: Roster, kind: RosterKind, known: Mapping[str, Mapping[str, datetime]]) -> Hours | None:
    """What the office set itself, else what its milestones give."""
    if one.starts_at is not None and one.ends_at is not None:
        return one.starts_at, one.ends_at
    if kind.span.of != "milestones":
        return None
    begins, ends = (known[key].get(one.office_path) for key in (kind.span.begins, kind.span.ends))
    return (_whole(begins), _whole(ends)) if begins and ends and begins < ends else None


def _whole(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _time(exam: Exam, param: str) -> time:
    return time.fromisoformat(str(value_of(param, programme=exam.programme, as_of=exam.rules_as_of)))


def floors_of(exam: Exam, found: Sequence[Roster]) -> dict[str, tuple[str, ...]]:
    """Site → its floors in use, of the sites whose rosters cover each floor by itself."""
    sites = {one.office_code: one.office_path for one in found if kind_of(exam, one.kind).by_floor}
    if not sites:
        return {}
    shared = _common(list(sites.values()))
    floors: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for room in rooms_in_use(exam, shared):
        floors[room.site_code].add((room.building, room.floor))
    return {code: tuple(floor_label(*floor) for floor in sorted(floors[code])) for code in sites}


def _common(paths: Sequence[str]) -> str:
    """The nearest office above all of them."""
    first, last = min(paths), max(paths)
    same = next(
        (n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last))
    )
    return first[:same][: first[:same].rfind("/") + 1] or "/"


def floor_label(building: str, floor: int) -> str:
    """How a floor is written as the place of a shift."""
    return f"{building} {floor}F"
