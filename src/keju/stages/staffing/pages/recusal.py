"""Recusal: what was found and what is decided, a member's declarations, who was held to account."""

from collections.abc import Callable, Sequence

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page, seen_version
from keju.kernel.exams.models import Exam
from keju.kernel.exams.paging import after_of, cut
from keju.kernel.files.scans import received
from keju.kernel.offices import Actor
from keju.rulebook import RuleRefused
from keju.rulebook.words import Words, t
from keju.stages.staffing import queries as staffing
from keju.stages.staffing.forms.recusal import UPHELD, AccountForm, DecisionForm, DeclarationForm, StateForm
from keju.stages.staffing.queries import hints
from keju.stages.staffing.queries import recusal as queries
from keju.stages.staffing.rules.recusal import CAUSES, STATEMENT
from keju.stages.staffing.services import recusal as services

STATES: dict[str, tuple[str, Words]] = {
    "open": ("late", t("待决定", "To be decided")),
    "upheld": ("soon", t("应当回避", "Barred")),
    "released": ("done", t("已解除", "Released")),
}


@require_GET
@office_page("staffing:people:read")
def hits(request: Request) -> HttpResponse:
    """Every hit of the office's staff, those to be decided first asked for."""
    exam, by = request.exam, actor(request)
    filters = StateForm(request.GET or {"state": "open"})
    after = after_of(request)
    rows = queries.hits(viewer=by, exam=exam, state=filters.asked(), after=after, size=queries.PAGE + 1)
    shown, page = cut(rows, queries.PAGE, after, key="id")
    counts = queries.hit_counts(viewer=by, exam=exam)
    return render(
        request,
        "staffing/recusal.html",
        {
            "rows": [(row, *STATES[row.state], _posts(exam, row.posts)) for row in shown],
            "filters": filters,
            "page": page,
            "counts": [(STATES[state], counts.get(state, 0)) for state in STATES],
            "may_recheck": by.may("staffing:people:edit"),
            "hints": hints.open_count(viewer=by, exam=exam),
            "undeclared": queries.undeclared(exam, by.office_path).values("member_id").distinct().count(),
        },
    )


@require_POST
@office_page("staffing:people:edit")
def recheck(request: Request) -> HttpResponse:
    """Everybody is compared with everybody once more."""
    exam, by = request.exam, actor(request)
    found = services.recheck(exam=exam, by=by, at=now(exam))
    words = t("全国重新核对完毕，新发现{n}项。", "Everybody was compared anew nationwide: {n} new.").format(
        n=found
    )
    messages.success(request, str(words))
    return redirect("staffing-recusal", exam=exam.slug)


@require_http_methods(["GET", "POST"])
@office_page("staffing:people:read")
def hit(request: Request, hit_id: int) -> HttpResponse:
    """One hit, how it stands now, and the decision; where it cannot be decided here, who can."""
    exam, by = request.exam, actor(request)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        outcome = form.cleaned_data["outcome"]
        uphold = outcome == UPHELD
        done = _tried(
            exam,
            lambda: services.decide_hit(
                exam=exam,
                hit_id=hit_id,
                version=seen_version(request),
                uphold=uphold,
                cause="" if uphold else outcome,
                reason=form.cleaned_data["reason"],
                by=by,
                at=now(exam),
            ),
            lambda field, words: form.add_error(
                "outcome" if field == "cause" else field if field in form.fields else None, words
            ),
        )
        if done:
            messages.success(request, str(t("决定已记录。", "The decision is on record.")))
            return redirect("staffing-recusal", exam=exam.slug)
    row = queries.hit(viewer=by, exam=exam, hit_id=hit_id)
    facts = {
        "row": row,
        "state": STATES[row.state],
        "posts": _posts(exam, row.posts),
        "form": form,
        "causes": CAUSES,
        "may_decide": row.state != "released"
        and by.may("staffing:recusal:decide")
        and _is_above(by, row.office_path),
        "decider": services.above(row.office_path),
    }
    return render(request, "staffing/recusal_hit.html", facts, status=409 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@office_page("staffing:people:read")
def member(request: Request, member_id: int) -> HttpResponse:
    """What a member has declared, what was found, and a form to enter a declaration signed on paper."""
    exam, by = request.exam, actor(request)
    form = DeclarationForm(request.POST if request.method == "POST" and "rows" in request.POST else None)
    account = AccountForm(request.POST if request.method == "POST" and "measure" in request.POST else None)
    person = staffing.member(member_id, viewer=by)
    at_home = person.office_path.startswith(by.office_path or "-")
    if form.is_bound and "more" not in request.POST and form.is_valid():
        said, places = form.declaration(member_id)
        scans = received(request.FILES.getlist("scan"), 1)
        done = _tried(
            exam,
            lambda: services.declare(
                exam=exam, declarations=[said], scan=scans[0] if scans else b"", by=by, at=now(exam)
            ),
            lambda field, words: form.say(field, words, places),
        )
        if done:
            messages.success(
                request,
                str(t("申报已记录，并已与全国考生核对。", "Declared, and compared with every candidate.")),
            )
            return redirect("staffing-declaration", exam=exam.slug, member_id=member_id)
    if account.is_bound and account.is_valid():
        given = account.cleaned_data
        done = _tried(
            exam,
            lambda: services.hold_to_account(exam=exam, member_id=member_id, by=by, at=now(exam), **given),
            lambda field, words: account.add_error(field if field in account.fields else None, words),
        )
        if done:
            messages.success(request, str(t("责任追究已记录。", "It is on record.")))
            return redirect("staffing-accountability", exam=exam.slug)
    if form.is_bound and "more" in request.POST:
        form = form.grown()
    facts = {
        "person": person,
        "declared": queries.declarations(exam, member_id),
        "found": [
            (row, *STATES[row.state])
            for row in queries.hits(viewer=by, exam=exam, state="", member_id=member_id)
        ],
        "form": form,
        "account": account,
        "statement": STATEMENT,
        "may_declare": at_home and by.may("staffing:people:edit"),
        "may_account": at_home and by.may("staffing:appointment:consent"),
    }
    wrong = bool(form.errors or account.errors)
    return render(request, "staffing/recusal_member.html", facts, status=409 if wrong else 200)


@require_GET
@office_page("staffing:people:read")
def accountability(request: Request) -> HttpResponse:
    """Who was held to account (P3.1, P6.2)."""
    exam, by = request.exam, actor(request)
    return render(
        request, "staffing/accountability.html", {"rows": queries.accountabilities(exam, viewer=by)}
    )


def _tried(exam: Exam, act: Callable[[], object], say: Callable[[str | None, str], None]) -> bool:
    """Whether it was done; else each reason stands where it belongs."""
    try:
        act()
    except RuleRefused as refused:
        for r in refused.refusals:
            say(r.field, f"{r.words(exams.programme(exam))} ({r.rule})")
        return False
    except ValidationError as unreadable:
        say(None, " ".join(unreadable.messages))
        return False
    return True


def _posts(exam: Exam, posts: Sequence[tuple[str, str]]) -> list[tuple[Words | str, str]]:
    """(name of the post, office code)."""
    names = {post.code: post.name for post in exams.programme(exam).posts}
    return [(names.get(post, post), code) for post, code in posts]


def _is_above(by: Actor, office_path: str) -> bool:
    return by.office_path == "/" or (office_path.startswith(by.office_path) and office_path != by.office_path)
