"""One's own training: courses, checks, pledge. In the office by sign-in, elsewhere by a personal link."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page, public_page
from keju.kernel.exams.models import Exam
from keju.kernel.exams.refusing import explain
from keju.kernel.offices import Actor
from keju.rulebook import RuleRefused
from keju.rulebook.words import t
from keju.stages.staffing.forms.training import CheckAnswers, CodeForm, PledgeForm
from keju.stages.staffing.queries import training as queries
from keju.stages.staffing.services import training

OWN = "notices:notice:read"
"""What every office role may do: everybody may learn."""
SESSION = "keju_training"
WRONG_LINKS, WRONG_CODES, HOUR = 60, 10, 3600
"""Wrong links of one address, and wrong codes of one person at one course, within an hour."""
SLOW_DOWN = t(
    "签到码输错的次数太多，请由培训负责人按名单登记。",
    "Too many wrong codes. Ask the trainer to enter you from the list.",
)
PASSED = t("通过了，答对{right}题，共{all}题。", "Passed: {right} of {all} right.")
FAILED = t(
    "没有通过：答对{right}题，共{all}题。看看手册，再考一次。",
    "Not passed: {right} of {all} right. Look into the handbook and try again.",
)


@dataclass(frozen=True)
class Door:
    """Through which somebody came to their training: who they are, and how addresses are made."""

    exam: Exam
    person_id: int
    name: str
    office_path: str
    by: Actor
    way: str
    layout: str
    token: str = ""

    def url(self, name: str, **kwargs: object) -> str:
        """The address of the page behind this door."""
        if self.token:
            return reverse(f"training-link{name}", kwargs={"token": self.token, **kwargs})
        return reverse(f"training-own{name}", kwargs={"exam": self.exam.slug, **kwargs})


def by_office(request: Request) -> Door:
    """The door of somebody signed in to the office."""
    by = actor(request)
    if by.person_id is None:
        raise NotPermitted
    return Door(
        request.exam,
        by.person_id,
        by.name,
        by.office_path,
        by,
        "office",
        "web/office.html",
    )


def by_link(request: Request, token: str) -> Door:
    """The door of a personal link; what does not work (any more) does not exist."""
    key = f"training-link-{request.META.get('REMOTE_ADDR', '')}"
    found = queries.link(token) if cache.get(key, 0) < WRONG_LINKS else None
    if found is None or now(found.exam) >= found.expires_at:
        _count(key)
        raise NotPermitted(hidden=True)
    request.exam = found.exam
    person = found.person
    by = Actor(ref=f"person:{person.pk}", name=person.name, role="trainee", person_id=person.pk)
    return Door(
        found.exam, person.pk, person.name, found.office_path, by, "link", "web/candidate.html", token
    )


@require_GET
@office_page(OWN)
def own(request: Request) -> HttpResponse:
    return _own(request, by_office(request))


@require_GET
@never_cache
@public_page
def link(request: Request, token: str) -> HttpResponse:
    door = by_link(request, token)
    request.session[SESSION] = token  # so that the code on the wall finds whose telephone this is
    return _own(request, door)


@require_POST
@office_page(OWN)
def own_begin(request: Request, module: str) -> HttpResponse:
    return _begin(request, by_office(request), module)


@require_POST
@never_cache
@public_page
def link_begin(request: Request, token: str, module: str) -> HttpResponse:
    return _begin(request, by_link(request, token), module)


@require_http_methods(["GET", "POST"])
@office_page(OWN)
def own_try(request: Request, module: str) -> HttpResponse:
    return _try(request, by_office(request), module)


@require_http_methods(["GET", "POST"])
@never_cache
@public_page
def link_try(request: Request, token: str, module: str) -> HttpResponse:
    return _try(request, by_link(request, token), module)


@require_http_methods(["GET", "POST"])
@office_page(OWN)
def own_pledge(request: Request, module: str) -> HttpResponse:
    return _pledge(request, by_office(request), module)


@require_http_methods(["GET", "POST"])
@never_cache
@public_page
def link_pledge(request: Request, token: str, module: str) -> HttpResponse:
    return _pledge(request, by_link(request, token), module)


@require_POST
@office_page(OWN)
def own_attend(request: Request, course_id: int) -> HttpResponse:
    return _attend(request, by_office(request), course_id)


@require_POST
@never_cache
@public_page
def link_attend(request: Request, token: str, course_id: int) -> HttpResponse:
    return _attend(request, by_link(request, token), course_id)


@require_GET
@public_page
def scan(request: Request, course_id: int) -> HttpResponse:
    """Where the code on the wall leads: to one's own page, if this telephone has opened it before."""
    token = request.session.get(SESSION, "")
    code = request.GET.get("code", "")[:12]
    if token and queries.link(token):
        return redirect(
            reverse("training-link", kwargs={"token": token}) + f"?course={course_id}&code={code}"
        )
    return render(request, "staffing/training/scan.html", {"code": code}, status=404)


def _own(request: Request, door: Door, *, refused: int = 0, form: CodeForm | None = None) -> HttpResponse:
    exam, at = door.exam, now(door.exam)
    needed = queries.needed(exam, door.person_id, at)
    invited = queries.invitations(exam, door.person_id)
    modules = [*needed, *(code for one in invited for code in one.course.modules)]
    found = queries.standings(exam, door.person_id, modules)
    asked = request.GET.get("course", "")
    facts = {
        "door": door,
        "layout": door.layout,
        "needed": needed,
        "rows": [
            (s, s.module.code in needed, door.url("-begin", module=s.module.code),
             door.url("-try", module=s.module.code), door.url("-pledge", module=s.module.code))
            for s in found
        ],
        "courses": [
            (
                one,
                queries.wall(one.course, exam).opens_at <= at <= one.course.ends_at,
                door.url("-attend", course_id=one.course_id),
                form if one.course_id == refused and form else CodeForm(
                    initial={"code": request.GET.get("code", "")[:12] if asked == str(one.course_id) else ""},
                    auto_id=f"c{one.course_id}-%s",
                ),
            )
            for one in invited
        ],
        "done": bool(needed) and all(s.passed for s in found if s.module.code in needed),
        "shelves": queries.shelves(exam),
        "tab": "own",
    }  # fmt: skip
    return render(request, "staffing/training/own.html", facts, status=409 if refused else 200)


def _begin(request: Request, door: Door, module: str) -> HttpResponse:
    """A try is open; a refusal is told by the error page with its clause."""
    taker = training.Taker(door.person_id, door.office_path)
    training.begin_checks(
        exam=door.exam, wanted=[(taker, module)], way=door.way, by=door.by, at=now(door.exam)
    )
    return redirect(door.url("-try", module=module))


def _try(request: Request, door: Door, module: str) -> HttpResponse:
    """The questions of the open try; once handed in, the result stands on one's own page."""
    found = queries.standings(door.exam, door.person_id, [module])
    standing = found[0] if found else None
    row = standing.open_try if standing else None
    if standing is None or row is None:
        return redirect(door.url(""))
    paper = queries.paper(door.exam, row)
    form = CheckAnswers(request.POST or None, paper=paper)
    if request.method == "POST" and form.is_valid():
        passed = training.hand_in_checks(
            exam=door.exam, answers={row.pk: form.answers()}, by=door.by, at=now(door.exam)
        )[row.pk]
        right = sum(given == asked.right for given, asked in zip(form.answers(), paper, strict=True))
        said = (PASSED if passed else FAILED).format(right=right, all=len(paper))
        (messages.success if passed else messages.warning)(request, str(said))
        return redirect(door.url(""))
    facts = {
        "door": door,
        "layout": door.layout,
        "standing": standing,
        "form": form,
        "row": row,
        "back": door.url(""),
    }
    return render(request, "staffing/training/try.html", facts, status=409 if form.errors else 200)


def _pledge(request: Request, door: Door, code: str) -> HttpResponse:
    """The pledge as it reads, and one's name under it."""
    module = exams.programme(door.exam).teaching.module(code)
    if module is None or module.pledge is None:
        raise NotPermitted(hidden=True)
    form = PledgeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            training.sign_pledge(
                exam=door.exam, module_code=code, office_path=door.office_path, way=door.way,
                **form.cleaned_data, by=door.by, at=now(door.exam),
            )  # fmt: skip
        except RuleRefused as refused:
            explain(form, refused, door.exam)
        else:
            messages.success(request, str(t("承诺书已签。", "The pledge is signed.")))
            return redirect(door.url(""))
    facts = {"door": door, "layout": door.layout, "module": module, "form": form, "back": door.url("")}
    return render(request, "staffing/training/pledge.html", facts, status=409 if form.errors else 200)


def _attend(request: Request, door: Door, course_id: int) -> HttpResponse:
    """Attendance by the code on the wall, or the page with what stands against it at that course."""
    form = CodeForm(request.POST, auto_id=f"c{course_id}-%s")
    key = f"training-code-{course_id}-{door.person_id}"
    if form.is_valid() and cache.get(key, 0) >= WRONG_CODES:
        form.add_error("code", str(SLOW_DOWN))
    elif form.is_valid():
        try:
            training.attend(
                exam=door.exam,
                course_id=course_id,
                code=form.cleaned_data["code"],
                by=door.by,
                at=now(door.exam),
            )
        except RuleRefused as refused:
            for r in refused.refusals:
                form.add_error("code", f"{r.words(exams.programme(door.exam))} ({r.rule})")
            _count(key)
        else:
            messages.success(request, str(t("签到成功。", "Your attendance is entered.")))
            return redirect(door.url(""))
    return _own(request, door, refused=course_id, form=form)


def _count(key: str) -> None:
    """One more within the hour."""
    cache.add(key, 0, HOUR)
    cache.incr(key)
