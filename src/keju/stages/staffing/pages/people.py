"""The registry of staff: list, one person over the years, entering and correcting, spreadsheets."""

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page, seen_version
from keju.kernel.exams.paging import after_of, cut
from keju.kernel.exams.refusing import explain
from keju.kernel.files.responses import answer, response
from keju.kernel.sheets import XLSX, write_table
from keju.rulebook import RuleRefused, load_programme
from keju.rulebook.words import t
from keju.stages.staffing import queries, rules, services
from keju.stages.staffing.forms import ImportForm, LeaveForm, MemberFilter, MemberForm, ReasonForm
from keju.stages.staffing.forms.posting import STATES
from keju.stages.staffing.pages.shared import kept
from keju.stages.staffing.queries import MemberFilters

SIZE = 50


@require_GET
@office_page("staffing:people:read")
def listing(request: Request) -> HttpResponse:
    """The people of the viewer's offices and whoever serves there."""
    exam, by = request.exam, actor(request)
    form, filters = _asked(request)
    after = after_of(request)
    found = queries.member_rows(viewer=by, exam=exam, filters=filters, after=after, size=SIZE + 1)
    total = queries.member_total(viewer=by, exam=exam, filters=filters)
    found, page = cut(found, SIZE, after, key="id", total=total)
    names = {p.code: p.name for p in exams.programme(exam).posts}
    return render(
        request,
        "staffing/members.html",
        {
            "filters": form,
            "rows": [
                (row, rules.SEXES[row.sex], [(h, names.get(h.post, h.post)) for h in row.held])
                for row in found
            ],
            "filtered": any(form.asked().values()),
            "page": page,
            "may_edit": by.may("staffing:people:edit"),
        },
    )


@require_POST
@office_page("staffing:people:edit")
def export(request: Request) -> HttpResponse:
    """What the list shows, own people's numbers in clear, in the form in which it is imported; with place and post (P5.2)."""
    exam, by = request.exam, actor(request)
    _, filters = _asked(request)
    names = {p.code: str(p.name) for p in exams.programme(exam).posts}
    rows = [
        _sheet_row(member, held, names, by)
        for member, held in queries.exported_members(viewer=by, exam=exam, filters=filters)
    ]
    services.exported(count=len(rows), by=by, at=now(exam))
    book = write_table(services.EXPORTED, rows, sheet=str(t("工作人员", "Staff")))
    return answer(book, XLSX, f"{exam.slug}-staff.xlsx")


def _sheet_row(member, held, names, by):  # type: ignore[no-untyped-def]
    facts = queries.facts_for(member, viewer=by)
    return {
        **vars(facts),
        "sex": str(rules.SEXES[facts.sex]),
        "in_sector": str(services.sector_words(facts)),
        "permanent": str(services.yes_no(facts.permanent)),
        "home": services.code_of(member.office_path),
        "place": "、".join(h.office_code for h in held),
        "post": "、".join(names.get(h.post, h.post) for h in held),
    }


@require_GET
@office_page("staffing:people:read")
def detail(request: Request, member: int) -> HttpResponse:
    """One person: facts, masked, and every post of every year."""
    return _detail(request, member)


def _detail(
    request: Request, member: int, *, wrong: ReasonForm | None = None, clear: object = None
) -> HttpResponse:
    exam, by = request.exam, actor(request)
    row = queries.member_row(member, viewer=by, exam=exam)
    facts = queries.member(member, viewer=by)
    years = []
    for year in queries.years_of(member, viewer=by):
        post = load_programme(year.programme).post(year.post)
        years.append((year, post.name if post else year.post, STATES[year.state]))
    at_home = row.office_path.startswith(by.office_path or "-")
    return render(
        request,
        "staffing/member.html",
        {
            "row": row,
            "sex": rules.SEXES[row.sex],
            "languages": facts.languages,
            "certificates": facts.certificates,
            "home": services.code_of(row.office_path),
            "years": years,
            "clear": clear,
            "may_edit": by.may("staffing:people:edit") and at_home,
            "unmask_form": wrong or ReasonForm(auto_id="unmask_%s"),
            "leave_form": LeaveForm(auto_id="leave_%s", initial={"on": now(exam).date()}),
        },
        status=409 if wrong else 200,
    )


@require_POST
@office_page("staffing:people:edit")
def unmask(request: Request, member: int) -> HttpResponse:
    """The page with the numbers in clear, once; who looked and why is on record."""
    exam, by = request.exam, actor(request)
    form = ReasonForm(request.POST, auto_id="unmask_%s")
    if not form.is_valid():
        return _detail(request, member, wrong=form)
    clear = services.unmask(member_id=member, reason=form.cleaned_data["reason"], by=by, at=now(exam))
    return _detail(request, member, clear=clear)


@require_http_methods(["GET", "POST"])
@office_page("staffing:people:edit")
def add(request: Request) -> HttpResponse:
    exam, by = request.exam, actor(request)
    form = MemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            [member] = services.add_members(members=[form.member()], by=by, at=now(exam))
        except RuleRefused as refused:
            explain(form, refused, exam)
        else:
            messages.success(request, str(t("已登记。", "Registered.")))
            return redirect("staffing-member", exam=exam.slug, member=member)
    facts = {"form": form, "title": t("登记人员", "Register somebody")}
    return render(request, "staffing/form.html", facts, status=409 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@office_page("staffing:people:edit")
def edit(request: Request, member: int) -> HttpResponse:
    exam, by = request.exam, actor(request)
    row = queries.member(member, viewer=by)
    form = MemberForm(request.POST or None, known=queries.facts(row))
    if request.method == "POST" and form.is_valid():
        try:
            services.edit_member(
                member_id=member, version=seen_version(request), facts=form.member(), by=by, at=now(exam)
            )
        except RuleRefused as refused:
            explain(form, refused, exam)
        else:
            messages.success(request, str(t("已保存。", "Saved.")))
            return redirect("staffing-member", exam=exam.slug, member=member)
    facts = {"form": form, "title": row.person.name, "version": row.version, "member": member}
    return render(request, "staffing/form.html", facts, status=409 if form.errors else 200)


@require_POST
@office_page("staffing:people:edit")
def leave(request: Request, member: int) -> HttpResponse:
    exam, by = request.exam, actor(request)
    form = LeaveForm(request.POST)
    on = form.cleaned_data["on"] if form.is_valid() else now(exam).date()
    services.leave(member_id=member, version=seen_version(request), on=on, by=by, at=now(exam))
    messages.success(request, str(t("已记录离开。", "It is recorded that they left.")))
    return redirect("staffing-member", exam=exam.slug, member=member)


@require_http_methods(["GET", "POST"])
@office_page("staffing:people:edit")
def bring_in(request: Request) -> HttpResponse:
    """Many people from a spreadsheet, or the page that tells every wrong row, with a workbook to mend."""
    exam, by = request.exam, actor(request)
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        facts = {
            "form": form,
            "title": t("导入人员", "Import people"),
            "template": "staffing-members-template",
        }
        return render(request, "staffing/import.html", facts, status=409 if form.errors else 200)
    file, partly = form.cleaned_data["file"], form.cleaned_data["partly"]
    done = services.import_members(
        data=file.read(), filename=file.name, whole=not partly, by=by, at=now(exam)
    )
    if not done.errors:
        words = t("新登记{n}人，更新{m}人，{k}人没有变化。", "{n} registered, {m} updated, {k} as they were.")
        messages.success(request, str(words.format(n=done.added, m=done.changed, k=done.same)))
        return redirect("staffing-members", exam=exam.slug)
    facts = {"result": done, "sha": kept(done.workbook, by, now(exam)), "again": "staffing-members-import"}
    return render(request, "staffing/wrong_rows.html", facts, status=409)


@require_GET
@office_page("staffing:people:edit")
def template(request: Request) -> HttpResponse:
    return answer(services.template_workbook(), XLSX, str(t("人员模板.xlsx", "staff-template.xlsx")))


@require_GET
@office_page("staffing:people:edit")
def errors(request: Request, sha: str) -> HttpResponseBase:
    return response(sha, actor(request))


def _asked(request: Request) -> tuple[MemberFilter, MemberFilters]:
    exam = request.exam
    form = MemberFilter(
        request.POST if request.method == "POST" else request.GET, programme=exams.programme(exam)
    )
    asked = form.asked()
    return form, MemberFilters(asked["q"], asked["post"], asked["state"])
