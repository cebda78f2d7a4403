"""Appointments that there are: the list with what is done to many, and one with all that may become of it."""

from collections.abc import Sequence

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.audit import NotPermitted, Stale
from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page, seen_version
from keju.kernel.exams.models import Exam
from keju.kernel.exams.paging import after_of, cut, number_of
from keju.kernel.files.responses import answer, response
from keju.kernel.files.scans import received
from keju.kernel.offices import Actor
from keju.rulebook.words import t
from keju.stages.staffing import queries, services
from keju.stages.staffing.forms import AppointedFilter, PaperForm, ReasonForm, ReplaceForm
from keju.stages.staffing.forms.posting import STATES
from keju.stages.staffing.pages import shared
from keju.stages.staffing.pages.shared import link_base

SIZE = 50
NOBODY = t("没有选择任何人。请返回勾选后再点。", "Nobody was chosen. Go back and tick some first.")
MAKE = "staffing:appointment:make"


@require_GET
@office_page("staffing:people:read")
def listing(request: Request) -> HttpResponse:
    """Living appointments of the viewer's offices; those who may appoint choose some and ask, print or accept them."""
    exam, by = request.exam, actor(request)
    programme = exams.programme(exam)
    form = AppointedFilter(request.GET, programme=programme)
    asked, after = form.asked(), after_of(request)
    matching = {"post": asked["post"], "state": asked["state"], "name": asked["q"]}
    found = queries.appointed(exam, by.office_path, **matching, after=after, size=SIZE + 1)
    codes = asked["state"] == "accepted"
    every = len(queries.unanswered(exam, by.office_path, **matching)) if by.may(MAKE) and not codes else 0
    found, page = cut(found, SIZE, after, key="id")
    barred = set(queries.barred_members(exam))
    names = {p.code: p.name for p in programme.posts}
    return render(
        request,
        "staffing/appointments.html",
        {
            "filters": form,
            "rows": [(a, names.get(a.post, a.post), STATES[a.state], a.member_id in barred) for a in found],
            "filtered": any(asked.values()),
            "page": page,
            "every": every,
            "codes": codes,
            "may": by.may(MAKE),
            "paper_form": PaperForm(auto_id="paper_%s"),
        },
    )


@require_POST
@office_page(MAKE)
def invite(request: Request) -> HttpResponse:
    exam, by = request.exam, actor(request)
    ids = _chosen(request, exam, by)
    links = services.invite(
        exam=exam, appointment_ids=ids, base=link_base(request, exam), by=by, at=now(exam)
    )
    words = t(
        "已邀请{n}人。有手机号码的已发短信；没有的请打印通知单。",
        "{n:person is|people are} asked, by text message where there is a telephone; print slips for the others.",
    )
    messages.success(request, str(words.format(n=len(links))))
    return redirect("staffing-appointments", exam=exam.slug)


@require_POST
@office_page(MAKE)
def slips(request: Request) -> HttpResponse:
    """One file with a slip and a fresh link for each of the chosen."""
    exam, by = request.exam, actor(request)
    ids = _chosen(request, exam, by)
    pdf = services.print_slips(
        exam=exam, appointment_ids=ids, base=link_base(request, exam), by=by, at=now(exam)
    )
    return answer(pdf, "application/pdf", f"{exam.slug}-slips.pdf", inline=True)


@require_POST
@office_page(MAKE)
def accept(request: Request) -> HttpResponse:
    """The chosen have accepted on the paper that is uploaded."""
    exam, by = request.exam, actor(request)
    ids, files = _chosen(request, exam, by), received(request.FILES.getlist("scan"), 1)
    services.accept_on_paper(
        exam=exam, appointment_ids=ids, scan=files[0] if files else b"", by=by, at=now(exam)
    )
    messages.success(
        request, str(t("已记录{n}人接受。", "{n:acceptance is|acceptances are} recorded.").format(n=len(ids)))
    )
    return _back(exam, ids)


@require_GET
@office_page("staffing:people:read")
def detail(request: Request, appointment: int) -> HttpResponse:
    return _detail(request, appointment)


def _detail(request: Request, appointment: int, **wrong: object) -> HttpResponse:
    exam, by = request.exam, actor(request)
    row = queries.appointment(exam, appointment, viewer=by)
    post = shared.known_post(exam, row.post)
    asked = request.GET.get("q", "")
    offered = shared.offered(exam, by, post, asked) if asked.strip() else []
    facts = {
        "row": row,
        "post": post,
        "state": STATES[row.state],
        "living": row.state in ("proposed", "invited", "accepted"),
        "vacated": services.is_vacated(row, now(exam)),
        "may": by.may(MAKE),
        "may_search": by.may(MAKE),
        "barred": row.member_id in queries.barred_members(exam),
        "reports": services.reporter(row),
        "end_form": ReasonForm(auto_id="end_%s"),
        "decline_form": ReasonForm(auto_id="decline_%s"),
        "paper_form": PaperForm(auto_id="paper_%s"),
        "replace_form": ReplaceForm(members=offered, auto_id="replace_%s"),
        "offered": offered,
        "asked": asked,
        "signing": queries.signing(row) if row.state == "accepted" else None,
        "short_notice": services.short_notice(exam, row.office_path, now(exam)),
    }
    return render(request, "staffing/appointment.html", {**facts, **wrong}, status=409 if wrong else 200)


@require_POST
@office_page(MAKE)
def end(request: Request, appointment: int) -> HttpResponse:
    return _reasoned(
        request, appointment, "end_form", services.end, t("已结束任用。", "The appointment is ended.")
    )


@require_POST
@office_page(MAKE)
def decline(request: Request, appointment: int) -> HttpResponse:
    return _reasoned(
        request,
        appointment,
        "decline_form",
        services.decline_on_paper,
        t("已记录谢绝。", "It is recorded that they declined."),
    )


def _reasoned(request: Request, appointment: int, name: str, service, words) -> HttpResponse:  # type: ignore[no-untyped-def]
    exam, by = request.exam, actor(request)
    form = ReasonForm(request.POST, auto_id=f"{name.removesuffix('_form')}_%s")
    if not form.is_valid():
        return _detail(request, appointment, **{name: form})
    version = {"version": seen_version(request)} if service is services.end else {}
    service(
        exam=exam,
        appointment_id=appointment,
        reason=form.cleaned_data["reason"],
        by=by,
        at=now(exam),
        **version,
    )
    messages.success(request, str(words))
    return redirect("staffing-appointment", exam=exam.slug, appointment=appointment)


@require_POST
@office_page(MAKE)
def replace(request: Request, appointment: int) -> HttpResponse:
    """Somebody else takes the post, at once or when the leader has consented."""
    exam, by = request.exam, actor(request)
    row = queries.appointment(exam, appointment, viewer=by)
    typed = request.POST.get("member", "")
    known = [(member, "")] if (member := number_of(typed)) else []
    form = ReplaceForm(request.POST, members=known, auto_id="replace_%s")
    if not form.is_valid():
        return _detail(request, appointment, replace_form=form)
    done = services.replace(
        exam=exam, appointment_id=row.pk, version=seen_version(request), member_id=form.cleaned_data["member"],
        reason=form.cleaned_data["reason"], by=by, at=now(exam),
    )  # fmt: skip
    if done.appointment_id is None:
        words = t(
            "已报领导签署。签署之前原任不变。",
            "It waits for the leader's signature; until then nothing changes.",
        )
        messages.success(request, str(words))
        return redirect("staffing-appointment", exam=exam.slug, appointment=appointment)
    messages.success(request, str(t("已更换。", "Replaced.")))
    return redirect("staffing-appointment", exam=exam.slug, appointment=done.appointment_id)


@require_GET
@office_page("staffing:people:read")
def replacement(request: Request, appointment: int, member: int) -> HttpResponse:
    """What a leader who is asked to consent looks at: the post, who holds it, who is to take it."""
    exam, by = request.exam, actor(request)
    row = queries.appointment(exam, appointment, viewer=by)
    successor = queries.member_row(member, viewer=by, exam=exam)
    facts = {
        "row": row,
        "post": shared.known_post(exam, row.post),
        "state": STATES[row.state],
        "successor": successor,
    }
    return render(request, "staffing/replacement.html", facts)


@require_GET
@office_page("staffing:people:read")
def scan(request: Request, appointment: int) -> HttpResponseBase:
    """The signed paper on which the person accepted."""
    exam, by = request.exam, actor(request)
    row = queries.appointment(exam, appointment, viewer=by)
    if not row.scan:
        raise NotPermitted(hidden=True)
    return response(row.scan, by, inline=True)


def _chosen(request: Request, exam: Exam, by: Actor) -> list[int]:
    """Those ticked; or everybody on all pages of the list, if they are still as many as the box said.

    ValidationError if it is nobody.
    """
    if said := request.POST.get("every", ""):
        asked = AppointedFilter(request.GET, programme=exams.programme(exam)).asked()
        found = queries.unanswered(
            exam, by.office_path, post=asked["post"], state=asked["state"], name=asked["q"]
        )
        if said != str(len(found)):
            raise Stale
        return found
    typed = request.POST.getlist("id")
    found = [pk for one in dict.fromkeys(typed) if (pk := number_of(one))]
    if not found:
        raise ValidationError(str(NOBODY))
    return found


def _back(exam: Exam, ids: Sequence[int]) -> HttpResponse:
    if len(ids) == 1:
        return redirect("staffing-appointment", exam=exam.slug, appointment=ids[0])
    return redirect("staffing-appointments", exam=exam.slug)
