"""Keys by two, runs, and the freeze by two."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.rulebook import RuleRefused
from keju.rulebook.words import t
from keju.stages.marking import queries, services
from keju.stages.marking.forms import CountersignForm, KeyForm, ScoresForm

KEY, READ, RUN = "marking:key:set", "marking:score:read", "marking:score:run"
FREEZE, SIGN = "marking:score:freeze", "marking:score:countersign"


@require_GET
@office_page(KEY)
def keys(request: Request) -> HttpResponse:
    """Each session's key: versions, who entered them, what is to be done. The answers are never shown."""
    exam, by = request.exam, actor(request)
    history = queries.key_history(viewer=by, exam=exam)
    sessions = [(s, [k for k in history if k.session_number == s.number]) for s in exams.sessions(exam)]
    return render(request, "marking/keys.html", {"sessions": sessions, "frozen": queries.frozen(exam)})


@office_page(KEY)
def key(request: Request, session: int) -> HttpResponse:
    """Enter a key, or enter it again as the second person."""
    exam, by = request.exam, actor(request)
    held = next(s for s in exams.sessions(exam) if s.number == session)
    versions = [k for k in queries.key_history(viewer=by, exam=exam) if k.session_number == session]
    open_key = versions[0] if versions and not hasattr(versions[0], "confirmation") else None
    second = open_key is not None and open_key.proposed_by != by.ref and request.GET.get("new") is None
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answers = form.cleaned_data["answers"]
        try:
            if second and open_key is not None:
                services.confirm_key(exam=exam, key_id=open_key.pk, answers=answers, by=by, at=now(exam))
                said = t("两次录入一致，标准答案生效。", "Both entries agree; the key counts.")
            else:
                services.set_key(exam=exam, session_number=session, answers=answers, by=by, at=now(exam))
                said = t("已录入，请另一人独立再录一次。", "Entered. Another person must enter it again.")
        except RuleRefused as refused:
            programme = exams.programme(exam)
            for r in refused.refusals:
                form.add_error("answers", str(r.words(programme)))
        else:
            messages.success(request, str(said))
            return redirect("marking-keys", exam=exam.slug)
    places = queries.places(exam, session)
    context = {
        "session": held,
        "form": form,
        "second": second,
        "own_open": open_key is not None and not second,
        "places": [
            (p, next(s.name for s in exams.subjects(exam, session) if s.code == p.code)) for p in places
        ],
        "practice": _grouped(services.practice_answers(exam, session)) if exam.is_rehearsal else [],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "marking/key.html", context, status=status)


def _grouped(answers: list[str]) -> list[str]:
    """Lines of five groups of five."""
    groups = ["".join(answers[i : i + 5]) for i in range(0, len(answers), 5)]
    return [" ".join(groups[i : i + 5]) for i in range(0, len(groups), 5)]


@require_GET
@office_page(READ)
def runs(request: Request) -> HttpResponse:
    """Every run with its digests; running again, proposing the freeze, looking at single scores."""
    return _runs(request, ScoresForm())


def _runs(request: Request, form: ScoresForm, found: object = None) -> HttpResponse:
    exam, by = request.exam, actor(request)
    context = {
        "runs": queries.runs(viewer=by, exam=exam),
        "blocking": queries.blocking(exam),
        "frozen": queries.frozen(exam),
        "form": form,
        "found": found,
        "subjects": exams.subjects(exam),
        "checked": queries.altered(exam) if "check" in request.GET else None,
    }
    return render(request, "marking/runs.html", context)


@require_POST
@office_page(RUN)
def run(request: Request) -> HttpResponse:
    exam = request.exam
    made = services.run_scores(exam=exam, by=actor(request), at=now(exam))
    words = t("计分完成，共 {n} 人。", "Scores are computed for {n:candidate|candidates}.")
    messages.success(request, str(words.format(n=made.candidates)))
    return redirect("marking-runs", exam=exam.slug)


@require_POST
@office_page(FREEZE)
def propose(request: Request, run_id: int) -> HttpResponse:
    exam = request.exam
    services.propose_freeze(exam=exam, run_id=run_id, by=actor(request), at=now(exam))
    said = t("已提请封存，等待系统管理员会签。", "Proposed. The system administrator countersigns.")
    messages.success(request, str(said))
    return redirect("marking-runs", exam=exam.slug)


@require_POST
@office_page(READ)
def view(request: Request, run_id: int) -> HttpResponse:
    """Single candidates' points; that somebody looked is recorded, hence a POST."""
    exam = request.exam
    form = ScoresForm(request.POST)
    found = None
    if form.is_valid():
        points = services.view_scores(
            exam=exam,
            run_id=run_id,
            ticket_numbers=form.cleaned_data["tickets"],
            by=actor(request),
            at=now(exam),
        )
        subjects = exams.subjects(exam)
        found = [(ticket, [of.get(s.code) for s in subjects]) for ticket, of in points.items()]
    return _runs(request, form, found)


@office_page(SIGN)
def countersign(request: Request) -> HttpResponse:
    """The system administrator sees the proposed run's digest, types its beginning, and freezes for ever."""
    exam, by = request.exam, actor(request)
    proposed = next((r for r in queries.runs(viewer=by, exam=exam) if hasattr(r, "proposal")), None)
    frozen = queries.frozen(exam)
    form = CountersignForm(request.POST or None, initial={"seen": proposed.scores_digest if proposed else ""})
    if request.method == "POST" and proposed is not None and form.is_valid():
        services.freeze(
            exam=exam, run_id=proposed.pk, seen_digest=form.cleaned_data["seen"], by=by, at=now(exam)
        )
        messages.success(request, str(t("成绩已封存。", "The scores are frozen.")))
        return redirect("marking-countersign", exam=exam.slug)
    context = {"run": proposed, "frozen": frozen, "form": form}
    return render(
        request, "marking/countersign.html", context, status=422 if request.method == "POST" else 200
    )
