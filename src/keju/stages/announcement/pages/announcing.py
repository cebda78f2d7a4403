"""The announcement on the public site and in the offices."""

from dataclasses import asdict

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page, public_page
from keju.kernel.notices import queries as post
from keju.rulebook.words import t
from keju.stages.announcement import queries, services
from keju.stages.announcement.forms import DecisionForm, NoticeForm, RegionPageForm, WindowsForm

LATEST = 5  # notices shown with their receipts


@public_page
def public(request: Request) -> HttpResponse:
    """What this exam is, when what happens, and what was announced."""
    exam = request.exam
    return render(
        request,
        "announcement/public.html",
        {
            "notices": queries.published(exam),
            "windows": queries.public_windows(exam),
            "regional": exams.periods_differ(exam),
            "regions": exams.openings(exam, "region"),
            "sessions": exams.sessions(exam),
            "subjects": exams.subjects(exam),
            "milestones": exams.milestones(exam),
        },
    )


@public_page
def public_notice(request: Request, notice_id: int) -> HttpResponse:
    return render(request, "announcement/notice.html", {"notice": queries.notice(request.exam, notice_id)})


@public_page
def public_region(request: Request, region: str) -> HttpResponse:
    """One region: its periods, requirements and confirmation places."""
    opening = exams.opening(request.exam, region)
    if opening is None:
        raise NotPermitted(hidden=True)
    return render(
        request,
        "announcement/region.html",
        {
            "opening": opening,
            "publications": queries.publications(request.exam, region).filter(struck_at=None),
            "answers": queries.answers(request.exam, region),
            "page": queries.region_page(request.exam, region),
            "windows": queries.windows(request.exam, opening.office_path),
            "points": [
                o
                for o in exams.openings(request.exam, "point")
                if o.office_path.startswith(opening.office_path)
            ],
        },
    )


@office_page("announcement:notice:read")
def home(request: Request) -> HttpResponse:
    exam, by = request.exam, actor(request)
    return render(
        request,
        "announcement/home.html",
        {
            "notices": queries.notices(exam, viewer=by),
            "windows": queries.windows(exam, by.office_path),
            "due": queries.publishing_due(exam),
            "openings": exams.openings(exam, "region"),
            "page": queries.region_page(exam, by.region_code),
            "lacking": queries.unpublished(exam, by.region_code) if by.region_code else [],
            "sent": post.outbox(viewer=by, exam=exam).rows[:LATEST],
        },
    )


@office_page("announcement:notice:draft")
def draft(request: Request) -> HttpResponse:
    form = NoticeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.draft(exam=request.exam, **form.cleaned_data, by=actor(request), at=now(request.exam))
        messages.success(request, str(t("草稿已提交委员会决定。", "The draft is with the committee.")))
        return redirect("announcement-home", exam=request.exam.slug)
    return render(request, "announcement/draft.html", {"form": form})


@office_page("announcement:notice:read")
def notice(request: Request, notice_id: int) -> HttpResponse:
    """One announcement with what may be done to it now."""
    return render(
        request,
        "announcement/detail.html",
        {
            "notice": queries.notice(request.exam, notice_id),
            "form": DecisionForm(),
            "due": queries.publishing_due(request.exam),
        },
    )


@office_page("announcement:notice:decide")
def decide(request: Request, notice_id: int) -> HttpResponse:
    form = DecisionForm(request.POST)
    if request.method == "POST" and form.is_valid():
        services.decide(
            notice_id=notice_id,
            approve=request.POST.get("answer") == "approve",
            exception_reason=form.cleaned_data["exception_reason"],
            by=actor(request),
            at=now(request.exam),
        )
        messages.success(request, str(t("决定已记录。", "The decision is recorded.")))
    return redirect("announcement-detail", exam=request.exam.slug, notice_id=notice_id)


@office_page("announcement:notice:draft")
def publish(request: Request, notice_id: int) -> HttpResponse:
    if request.method == "POST":
        services.publish(notice_id=notice_id, by=actor(request), at=now(request.exam))
        messages.success(
            request, str(t("公告已发布，任何人都能看到。", "Published: anybody can read it now."))
        )
    return redirect("announcement-detail", exam=request.exam.slug, notice_id=notice_id)


@office_page("exams:opening:set")
def windows(request: Request) -> HttpResponse:
    """The registration periods of the nation (centre) or of one's own region."""
    by = actor(request)
    current = queries.windows(request.exam, by.office_path)
    form = WindowsForm(request.POST or None, initial=asdict(current))
    if request.method == "POST" and form.is_valid():
        services.set_windows(
            exam=request.exam, region_code=by.region_code, **form.cleaned_data, by=by, at=now(request.exam)
        )
        messages.success(
            request, str(t("时间安排已保存，相关任务的期限随之更新。", "Saved; dependent due dates follow."))
        )
        return redirect("announcement-home", exam=request.exam.slug)
    return render(request, "announcement/windows.html", {"form": form})


@office_page("announcement:region:publish")
def region_page(request: Request) -> HttpResponse:
    by = actor(request)
    page = queries.region_page(request.exam, by.region_code)
    initial = (
        {
            "requirements_zh": page.requirements_zh,
            "requirements_en": page.requirements_en,
            "other_media": page.other_media,
        }
        if page
        else None
    )
    form = RegionPageForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        services.publish_region(
            exam=request.exam, region_code=by.region_code, **form.cleaned_data, by=by, at=now(request.exam)
        )
        messages.success(request, str(t("考区公告页已更新。", "The region's page is updated.")))
        return redirect("announcement-home", exam=request.exam.slug)
    return render(request, "announcement/region_form.html", {"form": form})
