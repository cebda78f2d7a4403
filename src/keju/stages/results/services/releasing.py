"""The release: every candidate's result at once, from the frozen scores and the decided line."""

from datetime import datetime

from django.db import IntegrityError, connection, transaction

from keju.kernel.audit import record, write
from keju.kernel.duties import services as duties
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.notices import services as notices
from keju.kernel.offices import Actor
from keju.rulebook import Refusal, RuleRefused, enforce
from keju.rulebook.words import t
from keju.stages.marking import queries as marking
from keju.stages.results import events, queries, rules
from keju.stages.results.models import Release, Result

OUT = t(
    "成绩已经公布。请登录查询成绩，可以打印带核验码的成绩单。",
    "Results are out. Sign in to see yours and to print a transcript with a code that anybody can verify.",
)
INSERT = """
INSERT INTO results_result (exam_id, registration_id, candidate_id, office_path, region_code, ticket_number, category,
  total, subjects, level, absent)
SELECT r.exam_id, r.id, r.candidate_id, r.office_path, split_part(r.office_path, '/', 2), t.number, r.category,
  s.total, s.subjects, CASE {levels} ELSE '' END, to_jsonb(array_remove(ARRAY[{absent}]::int[], NULL))
FROM (SELECT registration_id, sum(points)::int AS total, jsonb_object_agg(subject, points) AS subjects
      FROM marking_score WHERE run_id = %s GROUP BY registration_id) s
JOIN registration_registration r ON r.id = s.registration_id AND r.exam_id = %s
JOIN tickets_ticket t ON t.registration_id = r.id AND t.exam_id = r.exam_id
ORDER BY t.number
"""


@write("results:release:publish")
def release(*, exam: Exam, by: Actor, at: datetime) -> Release:
    """Every candidate with scores has one result, for ever, and has been told. One set operation, one event."""
    if queries.release(exam):
        raise RuleRefused([Refusal("V17.3", "results_released_already")])
    freeze, line = marking.frozen(exam), queries.decision(exam)
    untouched = freeze is not None and marking.untouched(freeze)
    same = bool(freeze and line and freeze.scores_digest == line.scores_digest)
    enforce(
        rules.check_release(frozen=bool(freeze), decided=bool(line), same_scores=same, untouched=untouched)
    )
    if freeze is None or line is None:  # for the type checker: enforce has refused
        raise RuleRefused([])
    try:
        with transaction.atomic():
            made = _insert(exam, freeze.run_id, rules.lines_of(line.lines))
            if made != freeze.run.candidates:
                facts = {"scored": freeze.run.candidates, "found": made}
                raise RuleRefused([Refusal("V17.2.2", "results_incomplete", facts)])
            out = Release.objects.create(
                exam=exam,
                count=made,
                passed=Result.objects.filter(exam=exam).exclude(level="").count(),
                scores_digest=freeze.scores_digest,
                digest=rules.results_digest(queries.result_lines(exam)),
                released_by=by.ref,
                released_at=at,
            )
    except IntegrityError as error:  # somebody released at the same moment
        raise RuleRefused([Refusal("V17.3", "results_released_already")]) from error
    duties.reach(exam=exam, key="results_released", when=at, by=by, at=at)
    told = list(Result.objects.filter(exam=exam).order_by("pk").values_list("candidate_id", flat=True))
    notices.tell_candidates(
        exam=exam, candidate_ids=told, office_path="/", kind="results", words=OUT, by=by, at=at
    )
    record(
        events.RELEASED,
        by=by,
        at=at,
        subject=f"exam:{exam.slug}",
        exam=exam.slug,
        office_path="/",
        rules=["V17.1.3", "V17.2.2", "V17.3"],
        data={
            "count": out.count,
            "passed": out.passed,
            "digest": out.digest,
            "scores": out.scores_digest,
            "line": line.digest,
        },
    )
    return out


def _insert(exam: Exam, run_id: int, lines: rules.Lines) -> int:
    levels, params = [], []
    for level in exams.programme(exam).levels:  # the highest first
        for (category, code), points in lines.items():
            if code == level.code:
                levels.append("WHEN r.category = %s AND s.total >= %s THEN %s")
                params += [category, points, code]
    absent = []
    for session in exams.sessions(exam):
        codes = [s.code for s in exams.subjects(exam, session.number)]
        absent.append("CASE WHEN jsonb_exists_any(s.subjects, %s) THEN NULL ELSE %s END")
        params += [codes, session.number]
    with connection.cursor() as cursor:
        # Tables filled a moment ago have no statistics, and the planner then joins row by row: hours instead of seconds.
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(
            INSERT.format(levels=" ".join(levels), absent=", ".join(absent)), [*params, run_id, exam.pk]
        )
        made = int(cursor.rowcount)
        cursor.execute("SET LOCAL enable_nestloop = on")
    return made
