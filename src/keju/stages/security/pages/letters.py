"""Letters of responsibility: where they stand down the tree, making and signing them, one letter, the matrix."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.models import Exam
from keju.kernel.exams.paging import after_of, cut, number_of
from keju.kernel.files.responses import answer
from keju.kernel.files.responses import response as stored
from keju.kernel.notices.attaching import keep
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.rulebook.words import Words, t
from keju.stages.security.forms.letters import WRONG, BelowForm, LetterFilter, PaperForm, SignAllForm
from keju.stages.security.pages import parts
from keju.stages.security.queries import letters as queries
from keju.stages.security.queries.letters import Letter
from keju.stages.security.services import letters as services

READ, MAKE, SIGN = "security:record:read", "security:plan:make", "security:letter:sign"
PDF = "application/pdf"
STATE = {
    "above": ("soon", t("待上级签", "To be signed above")),
    "below": ("open", t("待本人签", "To be signed by the holder")),
    "signed": ("done", t("已签齐", "Signed by both")),
    "ended": ("none", t("已换人作废", "Ended")),
}


@require_GET
@office_page(READ)
def listing(request: Request) -> HttpResponse:
    """How far each office below is, what the viewer has to sign, and the letters themselves."""
    return _list(request)


def _list(request: Request, papers: PaperForm | None = None) -> HttpResponse:
    """The list; `papers`: the form of a scan of several, if it was refused."""
    exam, by = request.exam, actor(request)
    filters = LetterFilter(request.GET)
    facts, after = filters.facts(), after_of(request)
    path = _within(by, facts["office"])
    found = queries.letters(exam, path, state=facts["state"], after=after, size=parts.PAGE + 1)
    rows, page = cut(found, parts.PAGE, after)
    posts = _posts(exam)
    context = {
        "filters": filters,
        "rows": [(r, posts.get(r.post, r.post), STATE[_state(r)]) for r in rows],
        "page": page,
        "tallies": queries.tallies(exam, path),
        "missing": len(queries.missing(exam, path)),
        "mine": len(_mine(exam, by)),
        "may_make": by.may(MAKE),
        "papers": (papers or PaperForm(auto_id="papers-%s")) if by.may(MAKE) else None,
        "query": request.GET.urlencode(),
    }
    return render(request, "security/letters.html", context, status=422 if papers else 200)


@require_POST
@office_page(MAKE)
def make(request: Request) -> HttpResponse:
    exam, by = request.exam, actor(request)
    done = services.make_letters(exam=exam, path=by.office_path, by=by, at=now(exam))
    words = t(
        "新生成{made}份责任书，{ended}份因换人作废。",
        "{made} letters made; {ended} ended because the holder changed.",
    )
    messages.success(request, str(words.format(made=done.made, ended=done.ended)))
    return redirect("security-letters", exam=exam.slug)


@require_GET
@office_page(SIGN)
def mine(request: Request) -> HttpResponse:
    """Everything that the leader of this office has to sign towards those below, as one list."""
    return _mine_page(request)


@require_POST
@office_page(SIGN)
def sign_mine(request: Request) -> HttpResponse:
    exam, by = request.exam, actor(request)
    form = SignAllForm(request.POST)
    if not form.is_valid():
        return _mine_page(request, form)
    rows = _mine(exam, by)
    done: list[int | None] = []
    tried = parts.tried(
        form,
        exam,
        lambda: done.append(
            services.sign_above(
                exam=exam, letter_ids=[r.pk for r in rows], **form.cleaned_data, by=by, at=now(exam)
            )
        ),
    )
    if not tried:
        return _mine_page(request, form)
    if done[0] is None:
        form.add_error("code", str(WRONG))
        return _mine_page(request, form)
    words = t("已签{n}份，现在由责任人签。", "{n:letter is|letters are} signed; the holders sign next.")
    messages.success(request, str(words.format(n=done[0])))
    return redirect("security-letters", exam=exam.slug)


@require_GET
@office_page(READ)
def letter(request: Request, letter_id: int) -> HttpResponse:
    return _letter(request, letter_id)


@require_POST
@office_page(READ)
def below(request: Request, letter_id: int) -> HttpResponse:
    """The holder signs, on the screen of whoever is signed in."""
    exam, by = request.exam, actor(request)
    row, form = queries.letter(exam, letter_id, viewer=by), BelowForm(request.POST)
    proved: list[bool] = []
    if not form.is_valid() or not parts.tried(
        form,
        exam,
        lambda: proved.append(
            services.sign_below(exam=exam, letter_id=row.pk, **form.cleaned_data, by=by, at=now(exam))
        ),
    ):
        return _letter(request, letter_id, below_form=form)
    if not proved[0]:
        form.add_error("code", str(WRONG))
        return _letter(request, letter_id, below_form=form)
    messages.success(request, str(t("责任人已签，责任书生效。", "The holder has signed; the letter holds.")))
    return redirect("security-letter", exam.slug, letter_id)


@require_POST
@office_page(MAKE)
def paper(request: Request, letter_id: int) -> HttpResponse:
    """The scan of the paper that both signed."""
    exam, by = request.exam, actor(request)
    row, form = queries.letter(exam, letter_id, viewer=by), PaperForm(request.POST, request.FILES)

    def act() -> None:
        sha = keep(form.cleaned_data["scan"], office_path=row.office_path, by=by, at=now(exam)) or ""
        services.sign_on_paper(exam=exam, letter_ids=[row.pk], scan=sha, by=by, at=now(exam))

    if not form.is_valid() or not parts.tried(form, exam, act):
        return _letter(request, letter_id, paper_form=form)
    messages.success(request, str(t("纸质责任书已登记。", "The signed paper is kept.")))
    return redirect("security-letter", exam.slug, letter_id)


@require_POST
@office_page(MAKE)
def papers(request: Request) -> HttpResponse:
    """One scan of several letters that both sides signed, ticked in the list; each is then signed on paper."""
    exam, by = request.exam, actor(request)
    form = PaperForm(request.POST, request.FILES, auto_id="papers-%s")
    ids = [pk for one in dict.fromkeys(request.POST.getlist("letter")) if (pk := number_of(one))]
    rows = [queries.letter(exam, pk, viewer=by) for pk in ids[: services.MOST_PRINTED]]

    def act() -> None:
        sha = keep(form.cleaned_data["scan"], office_path=by.office_path, by=by, at=now(exam)) or ""
        services.sign_on_paper(exam=exam, letter_ids=[row.pk for row in rows], scan=sha, by=by, at=now(exam))

    if form.is_valid() and not rows:
        form.add_error(None, str(t("没有勾选责任书。", "No letter is ticked.")))
    if not form.is_valid() or not parts.tried(form, exam, act):
        return _list(request, form)
    words = t("{n}份纸质责任书已登记。", "{n:signed letter is|signed letters are} on record.")
    messages.success(request, str(words.format(n=len(rows))))
    return redirect("security-letters", exam=exam.slug)


@require_GET
@office_page(READ)
def scan(request: Request, letter_id: int) -> HttpResponse:
    row = queries.letter(request.exam, letter_id, viewer=actor(request))
    if not row.below_scan:
        raise NotPermitted(hidden=True)
    return stored(row.below_scan, Actor.system("security", row.office_path))


@require_POST
@office_page(READ)
def print_one(request: Request, letter_id: int) -> HttpResponse:
    return _printed(request, [queries.letter(request.exam, letter_id, viewer=actor(request)).pk])


@require_POST
@office_page(READ)
def print_all(request: Request) -> HttpResponse:
    """Those that the list shows, in one file."""
    exam, by = request.exam, actor(request)
    facts = LetterFilter(request.POST).facts()
    found = queries.letters(
        exam, _within(by, facts["office"]), state=facts["state"], size=services.MOST_PRINTED
    )
    if not found:
        messages.info(request, str(t("没有可打印的责任书。", "There is no letter to print.")))
        return redirect("security-letters", exam=exam.slug)
    return _printed(request, [row.pk for row in found])


@require_GET
@office_page(READ)
def matrix(request: Request) -> HttpResponse:
    """Who answers for what, at the viewer's office and, one level down, at those below."""
    exam, by = request.exam, actor(request)
    shown = queries.matrices(exam, by.office_path, _bodies(exam, by))
    lacking = sum(1 for one in shown for line in one.lines if not line.names)
    lacking += sum(1 for one in shown if one.responsible and not one.responsible.is_complete)
    return render(request, "security/matrix.html", {"shown": shown, "lacking": lacking})


@require_POST
@office_page(READ)
def print_matrix(request: Request) -> HttpResponse:
    exam, by = request.exam, actor(request)
    pdf = services.print_matrix(exam=exam, office_codes=_bodies(exam, by), by=by, at=now(exam))
    return answer(pdf, PDF, str(t("责任分工表.pdf", "matrix.pdf")))


def _bodies(exam: Exam, by: Actor) -> list[str]:
    """The region with its hosts, the point itself; the regions for the nation."""
    if by.office_path == "/":
        return [o.office_id for o in exams.openings(exam, "region")]
    own = by.office_code.partition("-")[0]
    points = [o.office_id for o in exams.openings(exam, "point") if o.office.path.startswith(by.office_path)]
    return list(dict.fromkeys([own, *points]))


def _printed(request: Request, ids: list[int]) -> HttpResponse:
    exam, by = request.exam, actor(request)
    pdf = services.print_letters(exam=exam, letter_ids=ids, by=by, at=now(exam))
    return answer(pdf, PDF, str(t("责任书.pdf", "letters.pdf")))


def _mine(exam: Exam, by: Actor) -> list[Letter]:
    return list(queries.for_me(exam, by)[: services.MOST_PRINTED]) if by.may(SIGN) else []


def _mine_page(request: Request, form: SignAllForm | None = None) -> HttpResponse:
    exam, by = request.exam, actor(request)
    rows = _mine(exam, by)
    posts = _posts(exam)
    wordings = {r.wording_id: queries.text_of(r) for r in rows}
    context = {
        "rows": [(r, posts.get(r.post, r.post)) for r in rows],
        "wordings": wordings.values(),
        "form": form or SignAllForm(initial={"seen": queries.bound(rows)}),
        "own_open": by.office_path != "/" and not queries.own_is_signed(exam, by.office_code),
    }
    return render(request, "security/letters_mine.html", context, status=422 if form and form.errors else 200)


def _letter(
    request: Request,
    letter_id: int,
    *,
    below_form: BelowForm | None = None,
    paper_form: PaperForm | None = None,
) -> HttpResponse:
    exam, by = request.exam, actor(request)
    row = queries.letter(exam, letter_id, viewer=by)
    title, undertakes = queries.text_of(row)
    state = _state(row)
    bad = bool((below_form and below_form.errors) or (paper_form and paper_form.errors))
    context = {
        "row": row,
        "title": title,
        "undertakes": undertakes,
        "post": _posts(exam).get(row.post, row.post),
        "state": STATE[state],
        "below_form": (below_form or BelowForm(initial={"content_hash": row.content_hash}))
        if state == "below"
        else None,
        "paper_form": (paper_form or PaperForm()) if state in ("above", "below") and by.may(MAKE) else None,
    }
    return render(request, "security/letter.html", context, status=422 if bad else 200)


def _posts(exam: Exam) -> dict[str, Words]:
    return {post.code: post.name for post in exams.programme(exam).posts}


def _state(row: Letter) -> str:
    if row.ended_at is not None:
        return "ended"
    return "above" if row.above_at is None else "below" if row.below_at is None else "signed"


def _within(by: Actor, code: str) -> str:
    """The path to look at: that of the office asked for if it is one of the viewer's, else the viewer's."""
    path = path_of(code) if code else by.office_path
    return path if path.startswith(by.office_path) else by.office_path
