"""Handbooks: versions, what is current, who has acknowledged them; pools of questions (V4.2, V4.4)."""

from collections.abc import Iterable
from dataclasses import dataclass

from keju.kernel.audit import NotPermitted
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.notices.models import Receipt
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.models import Kind
from keju.rulebook.teaching import CheckQuestion, Handbook, Module
from keju.rulebook.words import Words, t
from keju.stages.staffing.models import HandbookState, HandbookVersion, Pool

NATION = Actor.system("training")


@dataclass(frozen=True)
class Shelf:
    """A handbook with its versions, newest first, as far as the viewer sees them."""

    handbook: Handbook
    versions: list[HandbookVersion]

    @property
    def current(self) -> HandbookVersion | None:
        return next((v for v in self.versions if v.state == HandbookState.APPROVED), None)

    @property
    def draft(self) -> HandbookVersion | None:
        return next((v for v in self.versions if v.state == HandbookState.DRAFTED), None)


@dataclass(frozen=True)
class Reach:
    """How far a handbook got: offices that take part, of which some were not handed it or have not acknowledged it."""

    offices: int
    acknowledged: int
    waiting: list[tuple[str, Words, bool]]
    """(code, name, whether it was handed out) of each office that has not acknowledged."""


def shelves(exam: Exam) -> list[Shelf]:
    """Every handbook of the programme."""
    rows = list(HandbookVersion.objects.filter(exam=exam).order_by("-version"))
    return [Shelf(h, [r for r in rows if r.code == h.code]) for h in exams.programme(exam).teaching.handbooks]


def approved(exam: Exam) -> dict[str, HandbookVersion]:
    """Handbook → its current version, of those that have one."""
    rows = HandbookVersion.objects.filter(exam=exam, state=HandbookState.APPROVED).order_by("version")
    return {row.code: row for row in rows}


def handbook(exam: Exam, version_id: int) -> HandbookVersion:
    """The version, if the viewer's scope shows it."""
    found = HandbookVersion.objects.filter(exam=exam, pk=version_id).first()
    if found is None:
        raise NotPermitted(hidden=True)
    return found


def reach(exam: Exam, version: HandbookVersion, path: str) -> Reach:
    """How far the version got among the regions and points at and under the path that take part."""
    offices = [
        o
        for o in exams.openings(exam).filter(office_path__gte=path, office_path__lt=path + "~")
        if o.office.kind in (Kind.REGION, Kind.POINT)
    ]
    with acting(NATION):
        rows = Receipt.objects.filter(notice=version.notice_id or 0)
        known = dict(rows.values_list("office_code", "acknowledged_at"))
    waiting = [
        (o.office_id, o.office.name, o.office_id in known) for o in offices if known.get(o.office_id) is None
    ]
    return Reach(len(offices), len(offices) - len(waiting), waiting)


def pool(exam: Exam, module: Module, version: int | None = None) -> tuple[int, tuple[CheckQuestion, ...]]:
    """(version, questions) of the module's pool as it stands, or as it stood; figures of the law are filled in."""
    with acting(NATION):
        rows = Pool.objects.filter(exam=exam, module=module.code)
        row = (rows if version is None else rows.filter(version=version)).order_by("-version").first()
    if row is None:
        return 0, tuple(_figured(exam, question) for question in module.questions)
    return row.version, tuple(_figured(exam, question) for question in read(row.questions))


def raw_pool(exam: Exam, module: Module) -> tuple[int, tuple[CheckQuestion, ...]]:
    """As `pool`, with the names of figures as they were written: for editing."""
    row = Pool.objects.filter(exam=exam, module=module.code).order_by("-version").first()
    return (row.version, read(row.questions)) if row else (0, module.questions)


def pool_versions(exam: Exam, module: Module) -> list[Pool]:
    """Who edited the pool when, newest first."""
    return list(Pool.objects.filter(exam=exam, module=module.code).order_by("-version"))


def read(questions: Iterable[dict[str, object]]) -> tuple[CheckQuestion, ...]:
    """Questions of their stored form."""
    return tuple(
        CheckQuestion(
            str(q["code"]),
            str(q["rule"]),
            _words(q["words"]),
            _words(q["right"]),
            tuple(map(_words, q["wrong"])),  # type: ignore[call-overload]
        )
        for q in questions
    )


def _words(pair: object) -> Words:
    zh, en = pair  # type: ignore[misc]
    return t(zh, en)


def _figured(exam: Exam, question: CheckQuestion) -> CheckQuestion:
    fill = exams.with_figures
    return CheckQuestion(
        question.code,
        question.rule,
        fill(exam, question.words),
        fill(exam, question.right),
        tuple(fill(exam, wrong) for wrong in question.wrong),
    )


def modules(exam: Exam) -> tuple[Module, ...]:
    """What the exam's programme teaches."""
    return exams.programme(exam).teaching.modules
