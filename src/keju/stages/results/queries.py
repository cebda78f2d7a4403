"""Reading results. Before the release nobody outside scoring and the line's bodies sees a number (V17.1.3)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Q, QuerySet

from keju.kernel.accounts.models import Candidate
from keju.kernel.accounts.queries import identity_index
from keju.kernel.audit import NotPermitted
from keju.kernel.audit import queries as audit
from keju.kernel.documents import codes
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.rulebook import Refusal
from keju.stages.marking import queries as marking
from keju.stages.registration import queries as registration
from keju.stages.results import events, rules
from keju.stages.results.models import Decision, Proposal, Register, Release, Result, Vote
from keju.stages.results.params import Params

PAGE = 50
CODE = "transcript"
LOOKUP = Actor.system("results-lookup")
SEES_TOTALS = ("results:line:propose", "results:line:decide", "marking:score:read")


@dataclass(frozen=True)
class Pass:
    """Somebody who passed, as the stage of certificates needs them."""

    registration_id: int
    candidate_id: int
    office_path: str
    region_code: str
    ticket_number: str
    category: str
    level: str


@dataclass(frozen=True)
class Filters:
    """What a list of passes is narrowed to; `text` is the beginning of a ticket number."""

    category: str = ""
    level: str = ""
    region_code: str = ""
    text: str = ""


@dataclass(frozen=True)
class PassRow:
    """One line of the register: who passed what; the identity number is masked."""

    id: int
    ticket_number: str
    name: str
    sex: str
    identity_masked: str
    employer: str
    point_code: str
    category: str
    level: str
    total: int


@dataclass(frozen=True)
class Verified:
    """What a transcript's code says: `state` genuine or unknown, and what the paper must show."""

    state: str
    exam: Exam | None = None
    name: str = ""
    ticket_number: str = ""
    result: Result | None = None


def totals(exam: Exam) -> rules.Totals:
    """{category: {total: candidates}} of the frozen run; empty without one. For services."""
    freeze = marking.frozen(exam)
    if freeze is None:
        return {}
    # What is frozen does not change: computed once a process.
    return cache.get_or_set(
        f"results.totals.{freeze.run_id}.{freeze.scores_digest}", lambda: _totals(freeze.run_id), 3600
    )


def _totals(run_id: int) -> dict[str, dict[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.category, s.total, count(*) FROM (SELECT registration_id, sum(points)::int AS total"
            " FROM marking_score WHERE run_id = %s GROUP BY registration_id) s"
            " JOIN registration_registration r ON r.id = s.registration_id GROUP BY 1, 2 ORDER BY 1, 2",
            [run_id],
        )
        found: dict[str, dict[int, int]] = {}
        for category, total, n in cursor.fetchall():
            found.setdefault(category, {})[total] = n
    return found


def frozen_at(exam: Exam) -> datetime | None:
    """Since when the scores are frozen, as far as the viewer may know."""
    freeze = marking.frozen(exam)
    return freeze.at if freeze else None


def vote_waits(*, viewer: Actor, exam: Exam) -> bool:
    """Whether the latest proposal waits for this member's vote."""
    if not viewer.may("results:line:decide") or decision(exam):
        return False
    latest = latest_proposal(exam)
    return latest is not None and not Vote.objects.filter(proposal=latest, by=viewer.ref).exists()


def sees_distribution(viewer: Actor) -> bool:
    """Whether the viewer may see numbers before they are out: who proposes and decides the line, who scores."""
    return any(viewer.may(permission) for permission in SEES_TOTALS)


def distribution(*, viewer: Actor, exam: Exam) -> rules.Totals:
    """{category: {total: candidates}}, without names. `NotPermitted` for everybody else before the release."""
    if not sees_distribution(viewer):
        raise NotPermitted("results:line:propose", hidden=True)
    return totals(exam)


def highest(exam: Exam) -> dict[str, int]:
    """Points that can be reached in each category."""
    programme = exams.programme(exam)
    return {c.code: sum(s.questions for s in programme.subjects_of(c.code)) for c in programme.categories}


def proposals(*, viewer: Actor, exam: Exam) -> QuerySet[Proposal]:
    """Every proposal of the line, the latest first."""
    return Proposal.objects.filter(exam=exam).order_by("-pk").prefetch_related("votes")


def latest_proposal(exam: Exam) -> Proposal | None:
    return Proposal.objects.filter(exam=exam).order_by("-pk").first()


def votes(proposal: Proposal) -> tuple[int, int]:
    """(approvals, refusals) by members who saw exactly this proposal."""
    counted = Vote.objects.filter(proposal=proposal, digest=proposal.digest).aggregate(
        yes=Count("pk", filter=Q(approve=True)), no=Count("pk", filter=Q(approve=False))
    )
    return counted["yes"], counted["no"]


def decision(exam: Exam) -> Decision | None:
    """The decided line; before the release the national bodies alone see it."""
    return Decision.objects.filter(exam=exam).first()


def release(exam: Exam) -> Release | None:
    """The release, a public fact."""
    return Release.objects.filter(exam=exam).first()


def why_not_decide(*, viewer: Actor, exam: Exam, proposal: Proposal) -> list[Refusal]:
    """What still stands against deciding this proposal; empty when it may be decided."""
    return list(
        rules.check_quorum(
            *votes(proposal),
            exams.params(exam, Params).quorum,
            superseded=latest_proposal(exam) != proposal,
            proposer_decides=proposal.proposed_by == viewer.ref,
        )
    )


def why_not_release(exam: Exam) -> list[Refusal]:
    """What stands against the release, as far as a page asks; the service also recomputes the scores' hash."""
    freeze, line = marking.frozen(exam), decision(exam)
    same = bool(freeze and line and freeze.scores_digest == line.scores_digest)
    return list(
        rules.check_release(frozen=bool(freeze), decided=bool(line), same_scores=same, untouched=True)
    )


def own_result(*, viewer: Actor, exam: Exam) -> Result | None:
    """The candidate's own result, one keyed row; None before the release or without a card."""
    return Result.objects.filter(exam=exam, candidate_id=viewer.candidate_id).first()


def lookup(*, exam: Exam, ticket_number: str, identity: str) -> Result | None:
    """The result of whoever holds this ticket and this identity number: both, or nothing. One keyed look-up."""
    with acting(LOOKUP):
        person = Candidate.objects.filter(identity_index=identity_index(identity)).values("pk")
        return Result.objects.filter(
            exam=exam, ticket_number=ticket_number.strip(), candidate_id__in=person
        ).first()


def name_of(*, exam: Exam, result: Result) -> str:
    """The name on the registration behind a result that the caller was allowed to find."""
    with acting(LOOKUP):
        return registration.row(viewer=LOOKUP, exam=exam, registration_id=result.registration_id).name


def verify(text: str) -> Verified:
    """What the code on a transcript says, asked by anybody who holds the paper: the figures it must show."""
    found = codes.verify_code(text)
    if found is None or found[0] != CODE or found[1].count("|") != 1:
        return Verified("unknown")
    slug, number = found[1].split("|")
    with acting(LOOKUP):
        result = Result.objects.select_related("exam").filter(exam__slug=slug, ticket_number=number).first()
        if result is None:
            return Verified("unknown")
        name = name_of(exam=result.exam, result=result)
    return Verified("genuine", result.exam, name, number, result)


def passed(*, viewer: Actor, exam: Exam, region_code: str = "") -> Iterator[Pass]:
    """Everybody who passed, by ticket number, in constant memory."""
    found = Result.objects.filter(exam=exam, **_under(viewer)).exclude(level="").order_by("ticket_number")
    if region_code:
        found = found.filter(region_code=region_code)
    fields = (
        "registration_id",
        "candidate_id",
        "office_path",
        "region_code",
        "ticket_number",
        "category",
        "level",
    )
    for row in found.values_list(*fields).iterator(chunk_size=5000):
        yield Pass(*row)


def pass_rows(
    *, viewer: Actor, exam: Exam, filters: Filters, after: str = "", size: int = PAGE
) -> list[PassRow]:
    """The next `size` passes after the ticket number `after`, as the register shows them."""
    found = _passes(viewer, exam, filters).filter(ticket_number__gt=after)[:size]
    return _pass_rows(viewer, exam, list(found))


def stream_passes(*, viewer: Actor, exam: Exam, filters: Filters) -> Iterator[PassRow]:
    """Every pass of the viewer's offices that matches, by ticket number, a page of people at a time."""
    after = ""
    while rows := pass_rows(viewer=viewer, exam=exam, filters=filters, after=after, size=2000):
        yield from rows
        after = rows[-1].ticket_number


def pass_counts(*, viewer: Actor, exam: Exam) -> dict[str, dict[str, int]]:
    """{region: {level: passes}} in the viewer's scope, once released."""
    found: dict[str, dict[str, int]] = {}
    rows = Result.objects.filter(exam=exam, **_under(viewer)).exclude(level="")
    for region, level, n in rows.values_list("region_code", "level").annotate(n=Count("pk")):
        found.setdefault(region, {})[level] = n
    return found


def registers(*, viewer: Actor, exam: Exam) -> list[Register]:
    """The registers sent, as far as the viewer's offices got them."""
    return list(Register.objects.filter(exam=exam, **_under(viewer)).order_by("region_code"))


def register(*, viewer: Actor, exam: Exam, region_code: str) -> Register | None:
    return Register.objects.filter(exam=exam, region_code=region_code, **_under(viewer)).first()


def altered(exam: Exam) -> list[str]:
    """What of the released results is not as released; empty when sound. Reads every row, as the nation.

    "rows": a result was changed, added or removed since; "release": the release itself no longer says what the audit
    log recorded; "scores": a result does not follow from the frozen scores and the decided line.
    """
    out, freeze, line = release(exam), marking.frozen(exam), decision(exam)
    if out is None:
        return []
    problems = []
    if rules.results_digest(result_lines(exam)) != out.digest:
        problems.append("rows")
    said = {e.data.get("digest") for e in audit.events(kind=events.RELEASED, exam=exam.slug)}
    if said != {out.digest}:
        problems.append("release")
    if freeze is None or line is None or not _follows(exam, line, marking.scores(freeze.run)):
        problems.append("scores")
    return problems


def _follows(exam: Exam, line: Decision, scores: Iterable[tuple[int, str, int]]) -> bool:
    levels = [level.code for level in exams.programme(exam).levels]
    lines = rules.lines_of(line.lines)
    points: dict[int, dict[str, int]] = {}
    for pk, subject, value in scores:
        points.setdefault(pk, {})[subject] = value
    for pk, _, category, total, subjects, level, _ in result_lines(exam):
        mine = points.pop(pk, None)
        if mine != subjects or sum(mine.values()) != total or _level(category, total, lines, levels) != level:
            return False
    return not points


def _level(category: str, total: int, lines: rules.Lines, levels: Sequence[str]) -> str:
    return rules.level_of(total, category, lines, levels) if (category, levels[0]) in lines else "?"


def result_lines(exam: Exam) -> Iterator[rules.ResultLine]:
    """Every result by registration, as its digest counts it."""
    fields = ("registration_id", "ticket_number", "category", "total", "subjects", "level", "absent")
    rows = Result.objects.filter(exam=exam).order_by("registration_id").values_list(*fields)
    yield from rows.iterator(chunk_size=5000)


@dataclass(frozen=True)
class Figures:
    """What the office home shows; None where it is not out or not the viewer's to see."""

    released: bool
    decided: bool
    results: int | None
    passed: int | None


def figures(exam: Exam, *, viewer: Actor) -> Figures:
    out = release(exam)
    if out is None:
        return Figures(False, decision(exam) is not None, None, None)
    if viewer.office_path == "/":
        return Figures(True, True, out.count, out.passed)
    counts = pass_counts(viewer=viewer, exam=exam)
    return Figures(True, True, None, sum(n for levels in counts.values() for n in levels.values()))


def _passes(viewer: Actor, exam: Exam, filters: Filters) -> QuerySet[Result]:
    found = Result.objects.filter(exam=exam, **_under(viewer)).exclude(level="").order_by("ticket_number")
    for field in ("category", "level", "region_code"):
        if value := getattr(filters, field):
            found = found.filter(**{field: value})
    if filters.text:
        found = found.filter(ticket_number__gte=filters.text, ticket_number__lt=filters.text + "~")
    return found


def _pass_rows(viewer: Actor, exam: Exam, found: list[Result]) -> list[PassRow]:
    people = registration.rows_of(viewer=viewer, exam=exam, ids=[r.registration_id for r in found])
    return [
        PassRow(
            r.registration_id,
            r.ticket_number,
            p.name,
            p.sex,
            p.identity_masked,
            p.employer,
            p.point_code,
            r.category,
            r.level,
            r.total,
        )
        for r in found
        if (p := people.get(r.registration_id))
    ]


def _under(viewer: Actor) -> dict[str, str]:
    if viewer.office_path in ("/", ""):
        return {}
    return {"office_path__gte": viewer.office_path, "office_path__lt": viewer.office_path + "~"}
