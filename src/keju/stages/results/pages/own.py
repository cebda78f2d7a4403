"""A candidate's own result, the look-up without sign-in, and the public check of a transcript."""

from typing import Any

from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, candidate_page, public_page
from keju.kernel.exams.models import Exam
from keju.kernel.files.responses import answer
from keju.rulebook.words import t
from keju.stages.results import documents, queries, rules, services
from keju.stages.results.forms import CodeForm, LookupForm
from keju.stages.results.params import Params

LANGUAGES = ("zh", "en")
TRIES, WINDOW = 20, 600


@require_safe
@candidate_page
def mine(request: Request) -> HttpResponse:
    """Points, line, level, and the transcript to print; before the release only when it is expected."""
    exam, by = request.exam, actor(request)
    result = queries.own_result(viewer=by, exam=exam)
    facts = {"release": queries.release(exam), "result": result}
    if result is not None:
        facts |= shown(exam, result) | {"name": by.name}
    return render(request, "results/mine.html", facts)


@require_safe
@candidate_page
def step(request: Request) -> HttpResponse:
    """The result's step of the candidate's page."""
    exam, by = request.exam, actor(request)
    result = queries.own_result(viewer=by, exam=exam)
    facts = {"release": queries.release(exam), "result": result}
    if result is not None:
        facts["level"] = documents.level_name(exams.programme(exam), result.level)
    return render(request, "results/step.html", facts)


@require_POST
@candidate_page
def transcript(request: Request) -> HttpResponse:
    """The transcript as PDF; a copy more in the print ledger, hence a POST."""
    exam = request.exam
    asked = request.POST.get("language", "zh")
    language = asked if asked in LANGUAGES else "zh"
    pdf = services.print_transcript(exam=exam, language=language, by=actor(request), at=now(exam))
    return answer(pdf, "application/pdf", str(t("成绩单.pdf", "transcript.pdf")), inline=True)


@require_http_methods(["GET", "POST"])
@public_page
def lookup(request: Request) -> HttpResponse:
    """One's result by ticket number and identity number together. By POST: the numbers stand in no address."""
    exam = request.exam
    form = LookupForm(request.POST or None)
    out = queries.release(exam)
    facts: dict[str, Any] = {"form": form, "release": out, "result": None}
    if request.method == "POST" and out and form.is_valid():
        if too_often(request, "results-lookup"):
            return render(request, "results/lookup.html", {**facts, "slow": True}, status=429)
        given = form.cleaned_data
        result = queries.lookup(exam=exam, ticket_number=given["ticket"], identity=given["identity"])
        facts |= {"result": result, "asked": True}
        if result is not None:
            facts |= shown(exam, result) | {"name": queries.name_of(exam=exam, result=result)}
    return render(request, "results/lookup.html", facts)


@require_http_methods(["GET", "POST"])
@public_page
def verify(request: Request) -> HttpResponse:
    """Whether a transcript is genuine, and which points it must show. Nothing is written."""
    code = (request.POST or request.GET).get("code", "").strip()
    facts: dict[str, Any] = {"form": CodeForm({"code": code} if code else None)}
    if code:
        found = queries.verify(code)
        facts["found"] = found
        if found.result is not None and found.exam is not None:
            facts |= shown(found.exam, found.result) | {"name": found.name, "exam": found.exam}
    return render(request, "results/verify.html", facts)


def shown(exam: Exam, result: Any) -> dict[str, Any]:
    """What a page shows of a result: subjects with points, lines, level, and V17.4's words."""
    programme, line = exams.programme(exam), queries.decision(exam)
    lines = line.lines.get(result.category, {}) if line else {}
    subjects = [
        {
            "name": s.name,
            "points": result.subjects.get(s.code),
            "of": s.questions,
            "absent": s.session in result.absent,
        }
        for s in programme.subjects_of(result.category)
    ]
    return {
        "result": result,
        "subjects": subjects,
        "of": sum(s["of"] for s in subjects),
        "category": documents.category_name(programme, result.category),
        "level": documents.level_name(programme, result.level),
        "lines": [
            {"name": known.name, "points": lines[known.code]}
            for known in programme.levels
            if known.code in lines
        ],
        "rechecks": list(rules.check_recheck(exams.params(exam, Params).rechecks_accepted)),
    }


def too_often(request: Request, what: str) -> bool:
    """True from the 21st try of one address within ten minutes. Counted in the process: a guard against scripts."""
    name = f"{what}:{request.META.get('REMOTE_ADDR', '')}"
    cache.add(name, 0, WINDOW)
    try:
        return cache.incr(name) > TRIES
    except ValueError:  # it ran out between the two
        return False
