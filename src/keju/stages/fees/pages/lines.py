"""Lines of the bank's statements: what each was, said by a person, and undone by another (V8.1)."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.paging import after_of, cut
from keju.kernel.files.responses import answer
from keju.kernel.sheets import XLSX, Column, write_table
from keju.rulebook import RuleRefused
from keju.rulebook.words import Words, t
from keju.stages.fees import queries, services
from keju.stages.fees.forms import LineFilter, LineForm, UndoForm
from keju.stages.fees.pages.bank import BOOK
from keju.stages.fees.pages.money import READ
from keju.stages.fees.pages.tariffs import status
from keju.stages.fees.services import Part
from keju.stages.registration import queries as registration

LINES = (
    Column("day", t("日期", "Day"), kind="date"),
    Column("serial", t("流水号", "Serial")),
    Column("payer", t("对方", "Counterparty")),
    Column("remark", t("附言", "Remark")),
    Column("amount", t("金额（元）", "Amount (yuan)"), kind="decimal"),
    Column("open", t("待查（元）", "Not explained (yuan)"), kind="decimal"),
    Column("what", t("查明为", "It was")),
    Column("grounds", t("依据", "On what grounds")),
)


@require_GET
@office_page(READ)
def lines(request: Request) -> HttpResponse:
    """Lines of the statements, the unexplained ones first to be seen by their count."""
    exam = request.exam
    form, state, text = _narrowed(request)
    after = after_of(request)
    found = queries.statement_lines(exam, state=state, text=text, after=after, size=queries.PAGE + 1)
    counts = queries.line_counts(exam)
    known = {"": counts["all"][0], "open": counts["in"][0] + counts["out"][0]}
    rows, page = cut(found, queries.PAGE, after, total=None if text else known.get(state))
    context = {
        "filters": form,
        "rows": [(x, [(queries.WHAT[m.what], queries.grounds(m)) for m in x.matches.all()]) for x in rows],
        "nation": actor(request).office_path == "/",
        "counts": counts,
        "page": page,
    }
    return render(request, "fees/lines.html", context)


def _narrowed(request: Request) -> tuple[LineFilter, str, str]:
    form = LineFilter(request.GET)
    if not form.is_valid():
        return form, "", ""
    return form, form.cleaned_data["state"], form.cleaned_data["q"].strip()


@require_GET
@office_page(READ)
def lines_sheet(request: Request) -> HttpResponse:
    """Exactly the list shown, as a spreadsheet: the unexplained too."""
    exam = request.exam
    _, state, text = _narrowed(request)
    rows = (
        {
            "day": x.booked_on,
            "serial": x.serial,
            "payer": x.payer,
            "remark": x.remark,
            "amount": x.amount,
            "open": x.open,
            "what": "；".join(dict.fromkeys(str(queries.WHAT[m.what]) for m in x.matches.all())),
            "grounds": "；".join(dict.fromkeys(str(queries.grounds(m)) for m in x.matches.all())),
        }
        for x in queries.all_lines(exam, state=state, text=text)
    )
    return answer(write_table(LINES, rows), XLSX, f"lines-{exam.slug}.xlsx")


@require_http_methods(["GET", "POST"])
@office_page(BOOK)
def line(request: Request, line_id: int) -> HttpResponse:
    """One line: what it may be, and what a person says that it is."""
    exam, by, at = request.exam, actor(request), now(request.exam)
    found = queries.statement_line(exam, line_id)
    form = _form(request, found, request.POST or None, request.FILES or None)
    refusals = ()
    if request.method == "POST" and form.is_valid():
        try:
            parts = _parts(request, found, form)
            services.match_line(
                exam=exam, line_id=line_id, parts=parts, reason=form.cleaned_data["reason"], by=by, at=at
            )
        except RuleRefused as refused:
            refusals = refused.refusals
        except ValidationError as error:
            form.add_error("people", error)
        else:
            messages.success(request, str(t("这一行已查明。", "The line is explained.")))
            following = queries.statement_lines(exam, state="open", after=line_id, size=1)
            if following:
                return redirect("fees-line", exam=exam.slug, line_id=following[0].pk)
            return redirect("fees-lines", exam=exam.slug)
    context = {**_shown(request, found), "form": form, "refusals": refusals}
    return render(request, "fees/line.html", context, status=status(request, refusals))


@require_POST
@office_page(BOOK)
def undo(request: Request, line_id: int) -> HttpResponse:
    """Parts of a line that were explained wrongly are open again: by another person, with a reason."""
    exam = request.exam
    found = queries.statement_line(exam, line_id)
    form = UndoForm(request.POST, choices=[m.pk for m in queries.matches_of(found) if m.undone_at is None])
    refusals = ()
    if form.is_valid():
        try:
            services.undo_matches(
                exam=exam,
                line_id=line_id,
                match_ids=form.cleaned_data["match"],
                reason=form.cleaned_data["reason"],
                by=actor(request),
                at=now(exam),
            )
        except RuleRefused as refused:
            refusals = refused.refusals
        else:
            messages.success(
                request, str(t("已撤销，这笔款重新待查。", "Undone: the money waits to be explained anew."))
            )
            return redirect("fees-line", exam=exam.slug, line_id=line_id)
    context = {
        **_shown(request, found),
        "form": _form(request, found),
        "undoing": form,
        "undo_refusals": refusals,
        "ticked": request.POST.getlist("match"),
    }
    return render(request, "fees/line.html", context, status=409 if refusals else 422)


@dataclass(frozen=True)
class Explained:
    """A part of a line as the page shows it; `own`: the reader said it, so somebody else undoes it."""

    match: Any
    what: Words
    grounds: Words | str
    person: registration.Row | None
    own: bool


def _form(request: Request, found: queries.Line, *given: object) -> LineForm:
    choices = _choices(found.amount > 0, queries.suggestions(request.exam, found, actor(request)))
    return LineForm(*given, choices=choices, initial={"what": choices[0][0]})


def _shown(request: Request, found: queries.Line) -> dict[str, object]:
    """The line with what it was found to be: whose, by whom, and whether the reader may undo it."""
    by, rows = actor(request), queries.matches_of(found)
    ids = [m.registration_id for m in rows if m.registration_id is not None]
    people = registration.rows_of(viewer=by, exam=request.exam, ids=ids)
    shown = [
        Explained(
            m, queries.WHAT[m.what], queries.grounds(m), people.get(m.registration_id), m.matched_by == by.ref
        )
        for m in rows
    ]
    return {
        "line": found,
        "matches": [x for x in shown if x.match.undone_at is None],
        "undone": [x for x in shown if x.match.undone_at is not None],
        "others": any(m.undone_at is None and m.matched_by != by.ref for m in rows),
    }


def _choices(incoming: bool, offers: list[tuple[str, str, str]]) -> list[tuple[str, Words | str]]:
    """What a line may be: the things that fit it, then the kinds in general."""
    found: list[tuple[str, Words | str]] = [
        (
            f"{what}|{target}",
            t("{what}：{words}", "{what}: {words}").format(what=queries.WHAT[what], words=words),
        )
        for what, target, words in offers
    ]
    general = ("fee", "deposit", "settlement", "stray", "other") if incoming else ("settlement", "other")
    return found + [(what, queries.WHAT[what]) for what in general]


def _parts(request: Request, found: queries.Line, form: LineForm) -> list[Part]:
    amount = found.open
    what, _, target = form.cleaned_data["what"].partition("|")
    if what != "fee":
        return [Part(what, amount, None, target)]
    amounts = form.amounts() or ([(target, None)] if target else [])
    back = form.cleaned_data["back"] or 0
    if len(amounts) == 1 and amounts[0][1] is None:
        amounts = [(amounts[0][0], amount - back)]  # one candidate: the whole line is theirs
    parts = services.fee_parts(
        exam=request.exam, amounts=amounts, viewer=actor(request), at=now(request.exam)
    )
    return [*parts, Part("stray", back)] if back else parts
