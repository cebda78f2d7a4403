"""The end of a half-day: spare papers, and papers and cards back to the store."""

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.refusing import explain
from keju.kernel.files.responses import answer
from keju.rulebook import RuleRefused
from keju.rulebook.words import current_language, t
from keju.stages.custody.forms.seal_room import BackForm, ReasonForm, SealForm, SpareForm
from keju.stages.custody.pages.seal_room import READ, RUN, WHAT, head_of, only_choice, to_board
from keju.stages.custody.pages.together import said, signed
from keju.stages.custody.queries import people, stores
from keju.stages.custody.queries import seal_room as queries
from keju.stages.custody.queries.quantities import names_of
from keju.stages.custody.services import counting, day_sheets, half_day
from keju.stages.custody.services import spares as services
from keju.stages.custody.services.spares import DEFECTS
from keju.stages.custody.services.together import Signatures

MOST = 200


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(RUN)
def back(request: Request, site: str, session: int) -> HttpResponse:
    """At once after the session, under escort, into the store (V16.1.1)."""
    exam, by = request.exam, actor(request)
    found = queries.board(exam, site, session, viewer=by)
    team = people.team(exam, site)
    choices = [(s.place, s.name) for s in stores.of_office(exam, site.partition("-")[0])]
    form = BackForm(
        request.POST or None, team=team, stores=choices, initial={"key": uuid4()} | only_choice(team)
    )
    if request.method == "POST" and form.is_valid():

        def go() -> Signatures:
            return half_day.bring_back(
                exam=exam, key=form.cleaned_data["key"], site_code=site, session=session,
                store=form.cleaned_data["store"], escort=form.escort(), by=by, at=now(exam),
            )  # fmt: skip

        if signed(request, form, go, t("试卷、答题卡已送回保密室。", "Papers and cards are in the store.")):
            return to_board(request, site, session)
    going = [p for p in found.held.values() if p.place == str(found.place)]
    facts = {**head_of(request, found), "form": form, "going": going}
    return render(request, "custody/day/back.html", facts, status=409 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(READ)
def spares(request: Request, site: str, session: int) -> HttpResponse:
    """The book of spares of a site in a session, and a further use. Offices above look on."""
    exam, by = request.exam, actor(request)
    found = queries.board(exam, site, session, viewer=by)
    rooms = [line.room for line in found.rooms if by.may(RUN) and line.issue and not line.count]
    form = SpareForm(
        request.POST or None, team=people.team(exam, site), rooms=rooms, initial={"key": uuid4()}
    )
    if request.method == "POST" and by.may(RUN) and form.is_valid():
        typed = form.cleaned_data

        def go() -> Signatures:
            return services.use_spare(
                exam=exam, key=typed["key"], site_code=site, session=session, use=form.use(), head=typed["head"],
                code=typed["head_code"], by=by, at=now(exam),
            )  # fmt: skip

        if signed(request, form, go, t("已登记，并已报告考区。", "It is in the book; the region was told.")):
            return redirect("custody-spares", exam=exam.slug, site=site, session=session)
    _, categories = names_of(exam)
    uses = queries.spare_uses(exam, viewer=by).filter(seal_room__site_code=site, seal_room__session=session)
    facts = {
        **head_of(request, found),
        "form": form,
        "bags": [(s, categories.get(s.container.category, "")) for s in found.spares],
        "rooms_out": bool(rooms),
        "may_run": by.may(RUN),
        "uses": [(u, DEFECTS[u.defect]) for u in uses[:MOST]],
        "seal_form": SealForm(initial={"key": uuid4()}, auto_id="seal-%s"),
    }
    return render(request, "custody/day/spares.html", facts, status=409 if form.errors else 200)


@require_POST
@office_page(RUN)
def seal_spares(request: Request, site: str, session: int, container: str) -> HttpResponse:
    """An opened spare bag gets its new seal."""
    exam, by = request.exam, actor(request)
    found = queries.board(exam, site, session, viewer=by)
    form = SealForm(request.POST)
    pk = next((s.container_id for s in found.spares if s.container.code == container), None)
    if pk is not None and form.is_valid():
        try:
            services.seal_spares(
                exam=exam, key=form.cleaned_data["key"], site_code=site, session=session,
                seals={pk: form.cleaned_data["seal"]}, by=by, at=now(exam),
            )  # fmt: skip
        except RuleRefused as refused:
            for words in said(request, refused):
                messages.error(request, words)
        else:
            messages.success(request, str(t("备用卷袋已加封。", "The spare bag is sealed.")))
    elif pk is not None:
        messages.error(request, str(t("请填写新封条号。", "Give the new seal's number.")))
    return redirect("custody-spares", exam=exam.slug, site=site, session=session)


@require_GET
@office_page(READ)
def book(request: Request) -> HttpResponse:
    """Every use of a spare in the viewer's scope; a region passes on what the centre does not have yet."""
    exam, by = request.exam, actor(request)
    names = {s.number: s.name for s in exams.sessions(exam)}
    found = list(queries.spare_uses(exam, viewer=by)[:MOST])
    facts = {
        "rows": [
            (u, DEFECTS[u.defect], names.get(u.seal_room.session, ""), hasattr(u, "report")) for u in found
        ],
        "waiting": sum(not hasattr(u, "report") for u in found),
        "may_report": by.may("custody:handover:make") and by.office_code == by.region_code != "",
    }
    return render(request, "custody/day/book.html", facts)


@require_POST
@office_page("custody:handover:make")
def report(request: Request) -> HttpResponse:
    """What the centre does not have yet goes to it in writing."""
    exam, by = request.exam, actor(request)
    waiting = queries.spare_uses(exam, viewer=by).filter(report=None)
    done = services.report_spares(
        exam=exam, uses=list(waiting.values_list("pk", flat=True)), by=by, at=now(exam)
    )
    messages.success(request, str(t("已报中心 {n} 份。", "{n} reported to the centre.").format(n=done)))
    return redirect("custody-spare-book", exam=exam.slug)


@require_POST
@office_page(READ)
def print_spares(request: Request) -> HttpResponse:
    """The report of the viewer's spare papers as PDF; a copy more in the print ledger, hence a POST."""
    exam = request.exam
    made = day_sheets.print_spare_report(
        exam=exam, language=current_language(), by=actor(request), at=now(exam)
    )
    return answer(made.pdf, "application/pdf", str(t("备用卷报告.pdf", "spare-papers.pdf")), inline=True)


@require_POST
@office_page(READ)
def print_way(request: Request, site: str, session: int, proposal_id: int) -> HttpResponse:
    """The sheet of a withdrawal or of a way back as PDF; a copy more in the print ledger, hence a POST."""
    exam = request.exam
    made = day_sheets.print_way(
        exam=exam, site_code=site, session=session, proposal_id=proposal_id, language=current_language(),
        by=actor(request), at=now(exam),
    )  # fmt: skip
    return answer(made.pdf, "application/pdf", str(t("交接单.pdf", "handover.pdf")), inline=True)


@require_http_methods(["GET", "HEAD", "POST"])
@office_page("custody:case:instruct")
def difference(request: Request, count_id: int) -> HttpResponse:
    """What a difference of a joint count turned out to be."""
    exam, by = request.exam, actor(request)
    row = queries.joint_count(exam, count_id, viewer=by)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            counting.explain(
                exam=exam, joint_count_id=count_id, text=form.cleaned_data["finding"], by=by, at=now(exam)
            )
        except RuleRefused as refused:
            explain(form, refused, exam)
        else:
            messages.success(request, str(t("已登记。", "It is on record.")))
            return to_board(request, row.seal_room.site_code, row.seal_room.session)
    facts = {"row": row, "rows": [(WHAT[what], e, c) for what, e, c in row.differences], "form": form}
    return render(request, "custody/day/difference.html", facts, status=409 if form.errors else 200)
