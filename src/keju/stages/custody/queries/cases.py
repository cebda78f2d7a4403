"""Cases as their offices see them, and what is wrong with them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet

from keju.kernel.audit import NotPermitted
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook.words import Words, t
from keju.stages.custody.models import (
    Case,
    CaseContainer,
    CaseStep,
    CustodyException,
    Holding,
    Isolation,
    KeyStep,
    Step,
)
from keju.stages.custody.models.cases import CLOSED
from keju.stages.custody.params import Params
from keju.stages.custody.queries import closure
from keju.stages.custody.queries.alarms import Alarm, watches
from keju.stages.custody.queries.journeys import under
from keju.stages.custody.rules.cases import STEPS_OF, CaseKind, step_names
from keju.stages.custody.rules.chain import Act
from keju.stages.custody.rules.keeping import HELD
from keju.stages.security.queries import emergencies

PLAN = "papers"  # the class of emergency of V12.5


@dataclass(frozen=True)
class Whole:
    """A case with everything about it. `missing`: steps of an incident or a lost key that nobody has taken."""

    case: Case
    containers: list[CaseContainer]
    steps: list[CaseStep]
    isolations: list[Isolation]
    exceptions: Sequence[CustodyException] = ()

    @property
    def missing(self) -> list[str]:
        done = {step.kind for step in self.steps}
        return [s for s in STEPS_OF[CaseKind(self.case.kind)] if s not in done]


def cases(exam: Exam, *, viewer: Actor, state: str = "", kind: str = "", after: int = 0) -> QuerySet[Case]:
    """The viewer's cases, newest first; `state` "open" for all that are not closed."""
    found = Case.objects.filter(exam=exam, **under(viewer.office_path)).order_by("-pk")
    found = found.filter(pk__lt=after) if after else found
    found = found.filter(kind=kind) if kind else found
    if state == "open":
        found = found.exclude(state=CLOSED)
    elif state:
        found = found.filter(state=state)
    return found.annotate(n=Count("containers"))


def one(exam: Exam, case_id: int, *, viewer: Actor) -> Case:
    """The case; NotPermitted (hidden) outside the viewer's scope."""
    found = Case.objects.select_related("key_step__store", "key_step")
    row = found.filter(exam=exam, pk=case_id, **under(viewer.office_path)).first()
    if row is None:
        raise NotPermitted(hidden=True)
    return row


def whole(row: Case) -> Whole:
    return Whole(
        row,
        list(row.containers.select_related("container__holding").order_by("container__code")),
        list(row.steps.order_by("happened_at", "pk")),
        list(row.isolations.order_by("started_at", "pk").prefetch_related("companions")),
        list(row.exceptions.select_related("handover").order_by("pk")),
    )


def found_again(row: Case) -> list[Step]:
    """The bags of the case as they stood when missing sheets had been found again and counted into them, in order."""
    asked = {"operation__exam": row.exam, "operation__subject": f"case:{row.pk}", "act": Act.COUNTED}
    return list(Step.objects.filter(**asked).select_related("operation", "container").order_by("pk"))


def has_new_key(row: Case) -> bool:
    """Whether somebody was given a key of that lock after the loss: another one, for the lost label is never issued again."""
    lost = row.key_step
    if lost is None:
        return False
    later = KeyStep.objects.filter(store_id=lost.store_id, lock=lost.lock, act__in=HELD, at__gt=lost.at)
    return later.exclude(label=lost.label).exists()


def open_on(exam: Exam, container_ids: Collection[int]) -> set[int]:
    """Of these containers, those with a case that is not closed: nobody frees them but by it."""
    rows = CaseContainer.objects.filter(container_id__in=list(container_ids), case__exam=exam)
    return set(rows.exclude(case__state__in=("treated", CLOSED)).values_list("container_id", flat=True))


def plan_in_force(exam: Exam, path: str, code: str) -> int | None:
    """The number of the office's emergency plan for papers in force."""
    return emergencies.current(exam, path).get(code, {}).get(PLAN)


def last_session_ends(exam: Exam) -> datetime | None:
    return max((s.ends_at for s in exams.sessions(exam)), default=None)


def _alarm(kind: str, clause: str, row: Case, since: datetime, words: Words) -> Alarm:
    return Alarm(
        kind, clause, f"case:{row.pk}", row.office_path, since, words, "custody-case", {"case_id": row.pk}
    )


def _open(exam: Exam, path: str) -> QuerySet[Case]:
    return Case.objects.filter(exam=exam, **under(path)).exclude(state=CLOSED)


@closure.explains
def answering(exam: Exam, path: str) -> Iterator[closure.OpenCase]:
    """The open incidents about bags at and under the path that lack sheets: each answers for all that its bag lacks, whoever
    above reported it."""
    rows = CaseContainer.objects.filter(
        case__exam=exam, case__kind=CaseKind.INCIDENT, container__holding__missing__gt=0,
        container__office_path__gte=path, container__office_path__lt=path + "~",
    )  # fmt: skip
    found = rows.exclude(case__state=CLOSED).order_by("case_id")
    for pk, sheets, case in found.values_list("container_id", "container__holding__missing", "case_id"):
        yield closure.OpenCase(
            pk, sheets, t("个案{n}", "Case {n}").format(n=case), "custody-case", {"case_id": case}
        )


@watches("seal_broken")
def broken(exam: Exam, path: str, at: datetime) -> Iterator[Alarm]:
    """A container whose seal was found broken and that is not closed again."""
    rows = Holding.objects.select_related("container").filter(
        exam=exam, act="broken", at__lte=at, **under(path)
    )
    words = t("{code}的封条破损", "The seal of {code} is broken")
    for h in rows:
        args: dict[str, object] = {"container": h.container.code}
        said = words.format(code=h.container.code)
        yield Alarm(
            "seal_broken",
            "V12.6.1",
            f"container:{h.container.code}",
            h.office_path,
            h.at,
            said,
            "custody-container",
            args,
        )


@watches("case_untreated")
def untreated(exam: Exam, path: str, at: datetime) -> Iterator[Alarm]:
    """A damage case that is not closed in time."""
    allowed = timedelta(hours=exams.params(exam, Params).case_hours)
    words = t("破损个案{n}没有按时处理和上报", "Damage case {n} is not treated and reported in time")
    for row in _open(exam, path).filter(kind=CaseKind.DAMAGE, reported_at__lt=at - allowed):
        yield _alarm("case_untreated", "V12.6.1", row, row.reported_at + allowed, words.format(n=row.pk))


@watches("incident_open")
def incidents(exam: Exam, path: str, at: datetime) -> Iterator[Alarm]:
    """Theft, loss or leak, from its first minute until it is closed with findings."""
    words = t("试卷失窃、损毁或泄密事件{n}", "Incident {n}: papers stolen, lost or leaked")
    for row in _open(exam, path).filter(kind=CaseKind.INCIDENT, reported_at__lte=at):
        yield _alarm("incident_open", "V12.5", row, row.reported_at, words.format(n=row.pk))


@watches("incident_step_late")
def steps_late(exam: Exam, path: str, at: datetime) -> Iterator[Alarm]:
    """An incident of which a step was not taken at once."""
    allowed = timedelta(minutes=exams.params(exam, Params).incident_step_minutes)
    late = _open(exam, path).filter(kind=CaseKind.INCIDENT, reported_at__lt=at - allowed)
    words = t("事件{n}还缺：{steps}", "Incident {n} still lacks: {steps}")
    for row in late.prefetch_related("steps"):
        missing = Whole(row, [], list(row.steps.all()), []).missing
        if missing:
            said = words.format(n=row.pk, steps=step_names(CaseKind.INCIDENT, missing))
            yield _alarm("incident_step_late", "V12.5", row, row.reported_at + allowed, said)


@watches("key_lost")
def keys_lost(exam: Exam, path: str, at: datetime) -> Iterator[Alarm]:
    """A key of a store is lost: from the minute it is entered until the lock is another one and the case closed (V12.2.4)."""
    words = t(
        "{store}的钥匙“{label}”遗失，还缺：{steps}", "The key “{label}” of {store} is lost; to do: {steps}"
    )
    rows = _open(exam, path).filter(kind=CaseKind.KEY, reported_at__lte=at)
    for row in rows.select_related("key_step__store").prefetch_related("steps"):
        assert row.key_step is not None
        missing = Whole(row, [], list(row.steps.all()), []).missing
        todo = step_names(CaseKind.KEY, missing) if missing else t("结案", "close the case")
        said = words.format(store=row.key_step.store.name, label=row.key_step.label, steps=todo)
        yield _alarm("key_lost", "V12.2.4", row, row.reported_at, said)


@watches("exposed_unisolated")
def unisolated(exam: Exam, path: str, at: datetime) -> Iterator[Alarm]:
    """Questions could be seen, and nobody is kept apart."""
    words = t("个案{n}试题外露，还没有隔离登记", "Case {n}: questions were exposed and nobody is isolated")
    for row in _open(exam, path).filter(exposed=True, isolations=None, reported_at__lte=at):
        yield _alarm("exposed_unisolated", "V12.6.3", row, row.reported_at, words.format(n=row.pk))
