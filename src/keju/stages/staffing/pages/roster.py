"""One roster on one page: the hours, who stands, what is missing, and everything that is done with it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page, seen_version
from keju.kernel.exams.models import Exam
from keju.kernel.exams.refusing import explain
from keju.rulebook import RuleRefused
from keju.rulebook.words import t
from keju.stages.staffing.forms.rosters import HoursForm, ProposeForm, PublishForm, SheetForm, ShiftForm
from keju.stages.staffing.queries import rosters as queries
from keju.stages.staffing.queries.rosters import Made
from keju.stages.staffing.services import rosters as services
from keju.stages.staffing.services.rosters import Change, NewShift

WHY = {
    "busy": t("另有值守", "on duty elsewhere"),
    "rest": t("休息不足", "no time to rest"),
    "long": t("连续太久", "too long at a stretch"),
    "untrained": t("未培训", "not trained"),
    "blocked": t("回避中", "barred"),
    "keys": t("保管钥匙", "keeps a key"),
}


TAKEN = t("已按建议排班，请核对后发布。", "The roster stands as proposed. Look at it and publish it.")


@require_GET
@office_page("staffing:people:read")
def roster(request: Request, roster_id: int) -> HttpResponse:
    return page(request, roster_id)


def page(
    request: Request, roster_id: int, *, wrong: str = "", form: Form | None = None, **more: Any
) -> HttpResponse:
    """The roster. `wrong`: which form came back, as `form`; `more`: refusals, clear telephones, links just given."""
    exam, by = request.exam, actor(request)
    made = queries.detail(exam, roster_id, viewer=by)
    people = queries.eligible(exam, [made.roster])[roster_id]
    posts = {p.post: queries.post_name(exam, p.post) for p in people}
    posts |= {line.post: queries.post_name(exam, line.post) for line in made.lines}
    first = made.gaps[0] if made.gaps else None
    initial = {"starts_at": first.starts_at, "ends_at": first.ends_at, "place": first.place} if first else {}
    own = made.kind.span.of == "milestones"
    hours = made.hours[0] if made.hours else (None, None)
    forms = {
        "shift": ShiftForm(made=made, people=people, posts=posts, initial=initial, auto_id="shift-%s"),
        "hours": HoursForm(initial={"starts_at": hours[0], "ends_at": hours[1]}, auto_id="hours-%s"),
        "sheet": SheetForm(auto_id="sheet-%s"),
        "publish": PublishForm(auto_id="publish-%s"),
    }
    if form is not None:
        forms[wrong] = form
    clear = more.pop("clear", {})
    facts = {
        "made": made,
        "lines": [
            (line, posts.get(line.post, line.post), clear.get(str(line.row.uid), "")) for line in made.lines
        ],
        "people": people,
        "forms": forms,
        "wrong": wrong,
        "own_hours": own,
        "enforced": queries.enforced(exam, made.kind),
        "against": services.refusals(exam, made, "—"),
        "versions": queries.versions(made.roster),
        "may_make": by.may("staffing:roster:make"),
        "may_show": by.may("staffing:phone:unmask"),
        "clear": bool(clear),
        **more,
    }
    answer = render(request, "staffing/rosters/roster.html", facts, status=409 if wrong else 200)
    if clear or more:
        answer.headers["Cache-Control"] = "private, no-store"
    return answer


@require_POST
@office_page("staffing:roster:make")
def add_shift(request: Request, roster_id: int) -> HttpResponse:
    return _put(request, roster_id, None)


@require_http_methods(["GET", "POST"])
@office_page("staffing:roster:make")
def edit_shift(request: Request, roster_id: int, shift: UUID) -> HttpResponse:
    """One shift to change or to strike out."""
    if request.method == "POST":
        return _put(request, roster_id, shift)
    exam, by = request.exam, actor(request)
    made = queries.detail(exam, roster_id, viewer=by)
    row = next((line.row for line in made.lines if line.row.uid == shift), None)
    if row is None:
        raise NotPermitted(hidden=True)
    return _shift_page(request, made, row.uid, initial={
        "member": row.member_id, "starts_at": row.starts_at, "ends_at": row.ends_at, "place": row.place, "phone": row.phone,
    })  # fmt: skip


def _shift_page(
    request: Request, made: Made, shift: UUID, form: ShiftForm | None = None, initial: Any = None
) -> HttpResponse:
    exam = request.exam
    facts = {"made": made, "shift": shift, "form": form or _form(exam, made, initial=initial)}
    return render(request, "staffing/rosters/shift.html", facts, status=409 if form else 200)


def _form(exam: Exam, made: Made, data: Any = None, initial: Any = None) -> ShiftForm:
    people = queries.eligible(exam, [made.roster])[made.roster.pk]
    posts = {p.post: queries.post_name(exam, p.post) for p in people}
    return ShiftForm(data, made=made, people=people, posts=posts, initial=initial, auto_id="shift-%s")


def _put(request: Request, roster_id: int, shift: UUID | None) -> HttpResponse:
    exam, by = request.exam, actor(request)
    made = queries.detail(exam, roster_id, viewer=by)
    form = _form(exam, made, data=request.POST)
    if form.is_valid():
        new = NewShift(
            form.cleaned_data["member"], form.cleaned_data["starts_at"], form.cleaned_data["ends_at"],
            form.cleaned_data["place"], form.cleaned_data["phone"], shift,
        )  # fmt: skip
        try:
            _change(request, roster_id, put=[new])
        except RuleRefused as refused:
            explain(form, refused, exam)
        else:
            messages.success(request, str(t("已排班。", "The shift is entered.")))
            return redirect("staffing-roster", exam=exam.slug, roster_id=roster_id)
    if shift is not None:
        return _shift_page(request, made, shift, form)
    return page(request, roster_id, wrong="shift", form=form)


def _change(request: Request, roster_id: int, **what: Any) -> int:
    exam, by = request.exam, actor(request)
    change = Change(roster_id, expected=seen_version(request), **what)
    return services.change_rosters(exam=exam, changes=[change], by=by, at=now(exam))


@require_POST
@office_page("staffing:roster:make")
def strike(request: Request, roster_id: int, shift: UUID) -> HttpResponse:
    _change(request, roster_id, strike=[shift])
    messages.success(request, str(t("班次已删去。", "The shift is struck out.")))
    return redirect("staffing-roster", exam=request.exam.slug, roster_id=roster_id)


@require_POST
@office_page("staffing:roster:make")
def hours(request: Request, roster_id: int) -> HttpResponse:
    exam, by = request.exam, actor(request)
    form = HoursForm(request.POST, auto_id="hours-%s")
    if form.is_valid():
        try:
            services.set_hours(
                exam=exam,
                roster_id=roster_id,
                **form.cleaned_data,
                expected=seen_version(request),
                by=by,
                at=now(exam),
            )
        except RuleRefused as refused:
            explain(form, refused, exam)
        else:
            messages.success(request, str(t("时段已设定。", "The hours are set.")))
            return redirect("staffing-roster", exam=exam.slug, roster_id=roster_id)
    return page(request, roster_id, wrong="hours", form=form)


@require_http_methods(["GET", "POST"])
@office_page("staffing:roster:make")
def propose(request: Request, roster_id: int) -> HttpResponse:
    """What the program proposes, to look at; POST takes just that."""
    exam, by = request.exam, actor(request)
    made = queries.detail(exam, roster_id, viewer=by)
    seed, afresh = ProposeForm(request.POST if request.method == "POST" else request.GET).asked()
    if request.method == "POST":
        services.take_proposals(
            exam=exam, roster_ids=[roster_id], seed=seed, afresh=afresh, expected={roster_id: seen_version(request)},
            by=by, at=now(exam),
        )  # fmt: skip
        messages.success(request, str(TAKEN))
        return redirect("staffing-roster", exam=exam.slug, roster_id=roster_id)
    one = services.proposals(exam, [made], seed=seed, afresh=afresh)[0]
    facts = {
        "made": made,
        "one": one,
        "lines": [(new, one.people[new.member_id]) for new in one.put],
        "holes": [(hole, [(WHY[why], n) for why, n in hole.why.items()]) for hole in one.holes],
        "unfit": [(WHY.get(why, why), n) for why, n in one.unfit.items()],
        "shares": sorted(
            ((one.people[m].name, minutes / 60) for m, minutes in one.minutes.items()), key=lambda x: -x[1]
        ),
        "hours_apart": one.difference / 60,
        "form": ProposeForm(initial={"seed": seed, "afresh": afresh}),
        "seed": seed,
        "next_seed": seed % 999 + 1,
        "afresh": afresh,
    }
    return render(request, "staffing/rosters/propose.html", facts)


@require_POST
@office_page("staffing:roster:make")
def publish(request: Request, roster_id: int) -> HttpResponse:
    """The roster is in force as it stands, and those concerned are told; or the page says what stands against it."""
    exam, by = request.exam, actor(request)
    form = PublishForm(request.POST, auto_id="publish-%s")
    if form.is_valid():
        try:
            (version,) = services.publish_rosters(
                exam=exam, roster_ids=[roster_id], reason=form.cleaned_data["reason"],
                expected={roster_id: seen_version(request)}, by=by, at=now(exam),
            )  # fmt: skip
        except RuleRefused as refused:
            explain(form, refused, exam)
        else:
            words = t(
                "第{n}版已发布，有关人员已收到通知。", "Version {n} is in force and those concerned are told."
            )
            messages.success(request, str(words.format(n=version.number)))
            return redirect("staffing-roster", exam=exam.slug, roster_id=roster_id)
    return page(request, roster_id, wrong="publish", form=form)


@require_POST
@office_page("staffing:roster:make")
def bring_in(request: Request, roster_id: int) -> HttpResponse:
    """The sheet is the roster, or the page tells every wrong row."""
    exam, by = request.exam, actor(request)
    form = SheetForm(request.POST, request.FILES, auto_id="sheet-%s")
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            done = services.import_roster(
                exam=exam, roster_id=roster_id, data=file.read(), filename=file.name, expected=seen_version(request),
                by=by, at=now(exam),
            )  # fmt: skip
        except ValidationError as unreadable:
            form.add_error("file", unreadable)
        else:
            if not done.errors:
                messages.success(
                    request,
                    str(t("已导入 {n} 个班次。", "{n:shift is|shifts are} imported.").format(n=done.put)),
                )
                return redirect("staffing-roster", exam=exam.slug, roster_id=roster_id)
            for error in done.errors[:50]:
                form.add_error(None, str(ROW.format(n=error.number, words=error.words)))
    return page(request, roster_id, wrong="sheet", form=form)


ROW = t("第{n}行：{words}", "Row {n}: {words}")
