"""The notices of an office, a candidate's messages, and those that did not arrive."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, candidate_page, office_page
from keju.kernel.files import responses
from keju.kernel.files.responses import answer
from keju.kernel.notices import queries, services
from keju.kernel.notices.attaching import keep
from keju.kernel.notices.forms import NoticeForm, RecipientsForm
from keju.kernel.sheets import XLSX, Column, write_table
from keju.rulebook.words import t

READ, SEND = "notices:notice:read", "notices:notice:send"
UNDELIVERED = (
    Column("name", t("考生姓名", "Candidate")),
    Column("kind", t("消息", "Message")),
    Column("channel", t("渠道", "Channel")),
    Column("fault", t("原因", "Reason")),
    Column("attempts", t("已试次数", "Attempts"), kind="int"),
    Column("made_at", t("产生时间", "Since")),
)


@require_GET
@office_page(READ)
def inbox(request: Request) -> HttpResponse:
    found = queries.inbox(
        viewer=actor(request), exam=request.exam, at=now(request.exam), after=request.GET.get("after", "")
    )
    return render(request, "notices/inbox.html", {"inbox": found, "tab": "inbox"})


@require_GET
@office_page(READ)
def sent(request: Request) -> HttpResponse:
    found = queries.outbox(viewer=actor(request), exam=request.exam, after=request.GET.get("after", ""))
    return render(request, "notices/sent.html", {"outbox": found, "tab": "sent"})


@require_http_methods(["GET", "POST"])
@office_page(SEND)
def send(request: Request) -> HttpResponse:
    form = NoticeForm(request.POST or None, request.FILES or None, viewer=actor(request))
    if request.method == "POST" and form.is_valid():
        at = now(request.exam)
        file = keep(
            form.cleaned_data["file"], office_path=actor(request).office_path, by=actor(request), at=at
        )
        notice = services.send(
            exam=request.exam,
            title=form.title(),
            body=form.body(),
            to=form.to(),
            by=actor(request),
            at=at,
            file=file,
            answer_by=form.answer_by(),
        )
        messages.success(request, str(t("通知已发出。", "The notice is sent.")))
        return redirect("notices-notice", exam=request.exam.slug, notice=notice.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "notices/send.html", {"form": form}, status=status)


@require_GET
@office_page(READ)
def notice(request: Request, notice: int) -> HttpResponse:
    found = queries.notice(viewer=actor(request), exam=request.exam, notice=notice, at=now(request.exam))
    return render(request, "notices/notice.html", {"opened": found})


@require_POST
@office_page(READ)
def open_notice(request: Request, notice: int) -> HttpResponse:
    services.open_notice(notice=notice, by=actor(request), at=now(request.exam))
    return redirect("notices-notice", exam=request.exam.slug, notice=notice)


@require_POST
@office_page(READ)
def acknowledge(request: Request, notice: int) -> HttpResponse:
    services.acknowledge(notice=notice, by=actor(request), at=now(request.exam))
    messages.success(request, str(t("已向发文单位确认。", "The sender sees that you have acknowledged it.")))
    return redirect("notices-notice", exam=request.exam.slug, notice=notice)


@require_http_methods(["GET", "POST"])
@office_page(SEND)
def forward(request: Request, notice: int) -> HttpResponse:
    found = queries.notice(viewer=actor(request), exam=request.exam, notice=notice, at=now(request.exam))
    form = RecipientsForm(request.POST or None, viewer=actor(request))
    if request.method == "POST" and form.is_valid():
        added = services.forward(notice=notice, to=form.to(), by=actor(request), at=now(request.exam))
        words = t(
            "已转发给{n}个单位，此前已收到的不重复发送。",
            "Forwarded to {n:office|offices}; those that had it were left alone.",
        )
        messages.success(request, str(words.format(n=added)))
        return redirect("notices-notice", exam=request.exam.slug, notice=notice)
    status = 422 if request.method == "POST" else 200
    return render(request, "notices/forward.html", {"opened": found, "form": form}, status=status)


@require_GET
@office_page(READ)
def file(request: Request, notice: int) -> HttpResponse:
    found = queries.notice(viewer=actor(request), exam=request.exam, notice=notice, at=now(request.exam))
    if not found.notice.file or not found.readable:
        raise NotPermitted(hidden=True)
    # Who may read the notice may read what is attached to it, wherever that is stored.
    return responses.response(found.notice.file, services.POST)


@require_GET
@office_page(READ)
def badge(request: Request) -> HttpResponse:
    unread = queries.unread(viewer=actor(request), exam=request.exam)
    return render(request, "notices/badge.html", {"unread": unread})


@require_GET
@candidate_page
def own_messages(request: Request) -> HttpResponse:
    viewer = actor(request)
    found = queries.messages_page(viewer=viewer, exam=request.exam, after=request.GET.get("after", ""))
    silent = queries.wants_silence(viewer=viewer)
    return render(request, "notices/messages.html", {"inbox": found, "silent": silent})


@require_POST
@candidate_page
def read_messages(request: Request) -> HttpResponse:
    """One message is marked as read, or all of them; back to the same place of the list."""
    one = request.POST.get("message", "")
    services.read_messages(
        exam=request.exam,
        by=actor(request),
        at=now(request.exam),
        message=int(one) if one.isdecimal() and len(one) < 19 else None,
    )
    after = request.POST.get("after", "")
    query = "?" + urlencode({"after": after}) if after else ""
    return redirect(reverse("notices-messages", kwargs={"exam": request.exam.slug}) + query)


@require_POST
@candidate_page
def mail(request: Request) -> HttpResponse:
    """Whether the candidate gets e-mail that is not essential."""
    silent = request.POST.get("mail") == "essential"
    services.silence(wanted=silent, by=actor(request), at=now(request.exam))
    less = t(
        "今后只给您发重要邮件。全部消息仍在这里。",
        "From now on only essential e-mail. All messages still stand here.",
    )
    more = t("今后全部消息都发邮件。", "From now on all messages come by e-mail too.")
    messages.success(request, str(less if silent else more))
    return redirect("notices-messages", exam=request.exam.slug)


@require_GET
@office_page(READ)
def undelivered(request: Request) -> HttpResponse:
    found = queries.undelivered(viewer=actor(request), exam=request.exam, at=now())
    return render(request, "notices/undelivered.html", {"found": found, "tab": "undelivered"})


@require_POST
@office_page(SEND)
def ask_again(request: Request) -> HttpResponse:
    again = services.ask_again(
        exam=request.exam,
        kind=request.POST.get("kind", ""),
        channel=request.POST.get("channel", ""),
        by=actor(request),
        at=now(request.exam),
    )
    messages.success(
        request, str(t("{n}条消息重新等待发送。", "To be sent again: {n:message|messages}.").format(n=again))
    )
    return redirect("notices-undelivered", exam=request.exam.slug)


@require_GET
@office_page(READ)
def undelivered_list(request: Request) -> HttpResponse:
    """A workbook of whom the messages did not reach: names and reasons, no numbers and no addresses."""
    found = queries.undelivered_rows(viewer=actor(request), exam=request.exam)
    lines = (dict(zip((column.key for column in UNDELIVERED), row)) for row in found)
    return answer(write_table(UNDELIVERED, lines), XLSX, f"undelivered-{request.exam.slug}.xlsx")
