"""Inspections and findings as their offices see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet

from keju.kernel.accounts.models import Person
from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import CHINA
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook.precautions import InspectionList
from keju.rulebook.words import Words, t
from keju.stages.security.models import Answer, Finding, FindingStep, Inspection
from keju.stages.security.params import Params
from keju.stages.security.queries import people
from keju.stages.security.rules import inspecting as rules
from keju.stages.venues import queries as venues

PAGE = 50


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; empty means everything. `late`: only what should have been done by `today`."""

    state: str = ""
    office: str = ""
    checklist: str = ""
    severity: str = ""
    late: bool = False
    today: date | None = None


@dataclass(frozen=True)
class Looked:
    """An item of an inspection: what stands on the list, the answer that counts, and the findings of it."""

    code: str
    words: Words
    rule: str
    severity: str
    answer: Answer | None
    findings: Sequence[Finding]


def lists(exam: Exam) -> tuple[InspectionList, ...]:
    """The programme's checklists for inspectors, with the law's figures in their words."""
    return exams.programme(exam).precautions.inspections


def list_of(exam: Exam, code: str) -> InspectionList:
    """The checklist; `NotPermitted` (hidden) if the programme has none of that code."""
    found = next((one for one in lists(exam) if one.code == code), None)
    if found is None:
        raise NotPermitted(hidden=True)
    return found


def finding_clause(exam: Exam) -> str:
    """The clause that findings and their terms rest on: the notice's, or the supervisors' of the adopted rules."""
    return "P7.3" if exams.programme(exam).clause("P7.3") else "V2.2"


def exam_days(exam: Exam) -> tuple[date, date] | None:
    """The first and the last day of the exam."""
    found = [s.starts_at.astimezone(CHINA).date() for s in exams.sessions(exam)]
    return (min(found), max(found)) if found else None


def term(exam: Exam) -> rules.Term:
    found = exams.params(exam, Params)
    return rules.Term(found.finding_days_grave, found.finding_days_major, found.finding_days_minor)


def latest_due(exam: Exam, severity: str, on: date) -> date:
    """The last day that may be set for a finding made that day."""
    days = exam_days(exam)
    return rules.latest_due(severity, on, term(exam), days[0] if days else None)  # type: ignore[arg-type]


def inspections(
    exam: Exam, *, viewer: Actor, filters: Filters | None = None, after: int = 0
) -> QuerySet[Inspection]:
    """The viewer's inspections, newest first, with `wrong`: how many findings of them are not closed."""
    filters = filters or Filters()
    found = Inspection.objects.filter(exam=exam, **under(viewer.office_path)).order_by("-id")
    if filters.state:
        found = found.filter(state=filters.state)
    if filters.checklist:
        found = found.filter(checklist=filters.checklist)
    if filters.office:
        found = found.filter(office_code__startswith=filters.office)
    if filters.late and filters.today:
        found = found.filter(state__in=("planned", "begun"), planned_on__lt=filters.today)
    if after:
        found = found.filter(pk__lt=after)
    return found.annotate(wrong=Count("findings", filter=~Q(findings__state="closed")))


def inspection(exam: Exam, inspection_id: int, *, viewer: Actor) -> Inspection:
    """The inspection; `Inspection.DoesNotExist` outside the viewer's scope."""
    return Inspection.objects.get(exam=exam, pk=inspection_id, **under(viewer.office_path))


def answers(row: Inspection) -> dict[str, Answer]:
    """Item → the answer that counts."""
    found: dict[str, Answer] = {}
    for answer in Answer.objects.filter(inspection=row).order_by("id"):
        found[answer.item] = answer
    return found


def looked(row: Inspection) -> list[Looked]:
    """Every item of the inspection in order."""
    last = answers(row)
    findings = list(Finding.objects.filter(inspection=row).order_by("id"))
    return [
        Looked(
            item["code"],
            t(item["zh"], item["en"]),
            item["rule"],
            item["severity"],
            last.get(item["code"]),
            [f for f in findings if f.item == item["code"]],
        )
        for item in row.items
    ]


def findings(
    exam: Exam, *, viewer: Actor, filters: Filters | None = None, after: int = 0
) -> QuerySet[Finding]:
    """The viewer's findings, newest first."""
    filters = filters or Filters()
    found = Finding.objects.filter(exam=exam, **under(viewer.office_path)).order_by("-id")
    if filters.state == "unclosed":
        found = found.exclude(state="closed")
    elif filters.state:
        found = found.filter(state=filters.state)
    if filters.severity:
        found = found.filter(severity=filters.severity)
    if filters.office:
        found = found.filter(office_code__startswith=filters.office)
    if filters.late and filters.today:
        found = found.exclude(state="closed").filter(due_on__lt=filters.today)
    return found.filter(pk__lt=after) if after else found


def finding(exam: Exam, finding_id: int, *, viewer: Actor) -> Finding:
    """The finding; `Finding.DoesNotExist` outside the viewer's scope."""
    return Finding.objects.get(exam=exam, pk=finding_id, **under(viewer.office_path))


def steps(row: Finding) -> list[FindingStep]:
    return list(FindingStep.objects.filter(finding=row).order_by("id"))


def owners(rows: Sequence[Finding]) -> dict[int, str]:
    """Owner's id → name, one look a region."""
    found: dict[int, str] = {}
    for region in {people.region_of(row.office_path) for row in rows}:
        mine = [row.owner_id for row in rows if row.owner_id and people.region_of(row.office_path) == region]
        found |= people.names_by_id(mine, region)
    return found


def counts(exam: Exam, *, viewer: Actor, today: date) -> Mapping[str, int]:
    """Figures of the home page: inspections planned and late, findings open, mended and late."""
    path = under(viewer.office_path)
    todo = Q(state__in=("planned", "begun"))
    done = Inspection.objects.filter(exam=exam, **path).aggregate(
        planned=Count("id", filter=todo),
        overdue=Count("id", filter=todo & Q(planned_on__lt=today)),
        done=Count("id", filter=Q(state="done")),
    )
    found = Finding.objects.filter(exam=exam, **path).aggregate(
        open=Count("id", filter=Q(state="open")),
        mended=Count("id", filter=Q(state="mended")),
        late=Count("id", filter=~Q(state="closed") & Q(due_on__lt=today)),
    )
    return {**done, **found}


def places(exam: Exam, *, viewer: Actor) -> list[tuple[str, str, str]]:
    """(code, kind, name) of what the viewer can inspect: regions, host points and their sites, in order of code."""
    found: list[tuple[str, str, str]] = []
    hosts = set(venues.hosts(exam))
    for opening in exams.openings(exam):
        office = opening.office
        if not office.path.startswith(viewer.office_path):
            continue
        if office.kind == "region" or office.code in hosts:
            found.append((office.code, str(office.kind), str(office.name)))
    found += [(s.code, "site", str(s.name)) for s in venues.sites(exam, viewer=viewer)]
    return sorted(found)


def photo_of(exam: Exam, sha: str, *, viewer: Actor) -> None:
    """`NotPermitted` (hidden) unless the file is a photo of an answer, a finding or a step that the viewer sees."""
    scope = under(viewer.office_path)
    for table in (Answer, Finding, FindingStep):
        rows = table.objects.filter(**scope)
        if (
            rows.filter(photos__contains=[{"sha": sha}]) | rows.filter(photos__contains=[{"thumb": sha}])
        ).exists():
            return
    raise NotPermitted(hidden=True)


def person_ref(person: Person | None) -> str:
    return f"person:{person.pk}" if person else ""


def due_at(on: date) -> datetime:
    """The end of the day, in Chinese time."""
    return datetime(on.year, on.month, on.day, 23, 59, tzinfo=CHINA)


def under(path: str) -> dict[str, str]:
    return {"office_path__gte": path, "office_path__lt": path + "~"}
