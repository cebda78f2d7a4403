"""Handbooks and question pools (V4.2, V4.4)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page, seen_version
from keju.kernel.exams.refusing import explain
from keju.kernel.files.responses import response
from keju.kernel.offices import acting
from keju.rulebook import RuleRefused
from keju.rulebook.teaching import Module
from keju.rulebook.words import t
from keju.stages.staffing.forms.training import HandbookForm, QuestionForm
from keju.stages.staffing.pages.training.own import OWN
from keju.stages.staffing.queries import training as queries
from keju.stages.staffing.queries.handbooks import NATION, Reach
from keju.stages.staffing.services import training
from keju.stages.staffing.services.handbooks import MOST_BYTES

DRAFT, SEND = "staffing:handbook:draft", "notices:notice:send"


@require_GET
@office_page(OWN)
def handbooks(request: Request) -> HttpResponse:
    return _handbooks(request)


def _handbooks(request: Request, wrong: str = "", form: HandbookForm | None = None) -> HttpResponse:
    """Every handbook: its current version, a draft on its way, how far it got. `form`: refused, of the handbook `wrong`."""
    exam, by = request.exam, actor(request)
    rows = []
    for shelf in queries.shelves(exam):
        code = shelf.handbook.code
        mine = form if form and code == wrong else HandbookForm(auto_id=f"{code}-%s")
        reach = queries.reach(exam, shelf.current, by.office_path) if shelf.current else None
        is_sent = bool(shelf.current and shelf.current.notice_id)
        rows.append((shelf, reach, mine, _own_part(reach if is_sent else None, by.office_code)))
    modules = exams.programme(exam).teaching.modules
    facts = {"rows": rows, "modules": modules, "is_nation": by.office_path == "/", "tab": "handbooks"}
    return render(request, "staffing/training/handbooks.html", facts, status=422 if form else 200)


def _own_part(reach: Reach | None, code: str) -> dict[str, bool]:
    """Whether the viewer's own office has still to acknowledge what it was handed, and to hand it on to those below."""
    waiting = reach.waiting if reach else []
    return {
        "waits": any(other == code and given for other, _, given in waiting),
        "may_hand_on": any(other != code and not given for other, _, given in waiting),
    }


@require_POST
@office_page(DRAFT)
def draft(request: Request, handbook: str) -> HttpResponse:
    exam, by = request.exam, actor(request)
    form = HandbookForm(request.POST, request.FILES, auto_id=f"{handbook}-%s")
    if not form.is_valid():
        return _handbooks(request, handbook, form)
    file = form.cleaned_data["file"]
    try:
        training.draft_handbook(
            exam=exam, code=handbook, data=file.read(MOST_BYTES + 1), file_name=file.name,
            note=form.cleaned_data["note"], by=by, at=now(exam),
        )  # fmt: skip
    except ValidationError as unfit:
        form.add_error("file", unfit)
        return _handbooks(request, handbook, form)
    messages.success(request, str(t("已提交，等待办公室批准。", "It waits for the office's approval.")))
    return redirect("training-handbooks", exam=exam.slug)


@require_POST
@office_page(SEND)
def distribute(request: Request, version_id: int) -> HttpResponse:
    """The nation sends the handbook to the regions; a region hands it on to its points."""
    exam, by = request.exam, actor(request)
    send = training.distribute_handbook if by.office_path == "/" else training.hand_on_handbook
    send(exam=exam, version_id=version_id, by=by, at=now(exam))
    messages.success(
        request, str(t("已下发。收到的单位须确认。", "It has gone out. Who gets it acknowledges it."))
    )
    return redirect("training-handbooks", exam=exam.slug)


@require_GET
@office_page(OWN)
def handbook_file(request: Request, version_id: int) -> HttpResponseBase:
    row = queries.handbook(request.exam, version_id)
    with acting(NATION):  # the file is the centre's; who sees the version may read it
        return response(row.sha, NATION, row.file_name, inline=True)


@require_GET
@office_page(DRAFT)
def pool(request: Request, module: str) -> HttpResponse:
    """The questions of a module as they stand, and who edited them when."""
    exam = request.exam
    found = _module(exam, module)
    version, questions = queries.raw_pool(exam, found)
    facts = {
        "module": found,
        "version": version,
        "questions": questions,
        "versions": queries.pool_versions(exam, found),
        "tab": "handbooks",
    }
    return render(request, "staffing/training/pool.html", facts)


@require_http_methods(["GET", "POST"])
@office_page(DRAFT)
def question(request: Request, module: str) -> HttpResponse:
    """A question of the pool is changed (`?code=`), added, or taken out; the pool has a further version."""
    exam, by = request.exam, actor(request)
    found = _module(exam, module)
    version, questions = queries.raw_pool(exam, found)
    code = request.GET.get("code", "")
    old = next((q for q in questions if q.code == code), None)
    form = QuestionForm(request.POST or None, initial=QuestionForm.facts(old) if old else None)
    is_removed = "remove" in request.POST and old is not None
    if request.method == "POST" and (is_removed or form.is_valid()):
        rest = [q for q in questions if q is not old]
        if not is_removed:
            made = form.question()
            rest = [made if q is old else q for q in questions] if old else [*questions, made]
            if exams.programme(exam).clause(made.rule) is None:
                form.add_error("rule", str(t("本项目没有这一条款。", "This programme has no such clause.")))
        if not form.errors or is_removed:
            try:
                training.edit_pool(
                    exam=exam,
                    module_code=module,
                    questions=rest,
                    seen=seen_version(request),
                    by=by,
                    at=now(exam),
                )
            except RuleRefused as refused:
                explain(form, refused, exam)
            else:
                messages.success(request, str(t("题库已更新。", "The pool has a new version.")))
                return redirect("training-pool", exam=exam.slug, module=module)
    facts = {"module": found, "form": form, "old": old, "version": version, "tab": "handbooks"}
    return render(request, "staffing/training/question.html", facts, status=422 if form.errors else 200)


def _module(exam: object, code: str) -> Module:
    found = exams.programme(exam).teaching.module(code)  # type: ignore[arg-type]
    if found is None:
        raise NotPermitted(hidden=True)
    return found
