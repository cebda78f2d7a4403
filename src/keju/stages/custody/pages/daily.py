"""The day's report: prefilled, sent with one click, and whose is missing."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.calendar import CHINA, now
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.offices.queries import office
from keju.rulebook.words import t
from keju.stages.custody.forms.stores import DailyForm
from keju.stages.custody.pages.stores import MANAGE, READ, attempted
from keju.stages.custody.queries import daily as queries
from keju.stages.custody.services import daily


@require_GET
@office_page(READ)
def today(request: Request) -> HttpResponse:
    return _today(request)


def _today(request: Request, form: DailyForm | None = None) -> HttpResponse:
    exam, by, at = request.exam, actor(request), now(request.exam)
    day = at.astimezone(CHINA).date()
    keeps = by.office_path != "/" and str(office(by.office_code).kind) in daily.AT
    mine = queries.prefilled(exam, [by.office_code], day, at)[by.office_code] if keeps else None
    sent = queries.last_sent(exam, day, by.office_path)
    owing = queries.owed_below(exam, [by.office_code], day).get(by.office_code, [])
    below = [(code, sent.get(code)) for code in sorted({*owing, *(c for c in sent if c != by.office_code)})]
    facts = {
        "day": day,
        "due": queries.day_span(day)[0].replace(hour=queries.DUE.hour),
        "late": at.astimezone(CHINA).time() >= queries.DUE,
        "mine": mine,
        "sent": sent.get(by.office_code),
        "below": below,
        "missing": [code for code, one in below if one is None],
        "former": queries.reports(exam, by.office_code, viewer=by) if keeps else [],
        "form": form or DailyForm(),
        "may_send": keeps and by.may(MANAGE),
    }
    return render(request, "custody/stores/daily.html", facts, status=409 if form else 200)


@require_POST
@office_page(MANAGE)
def send(request: Request) -> HttpResponse:
    exam, by = request.exam, actor(request)
    form = DailyForm(request.POST)

    def act() -> None:
        said = {by.office_code: form.cleaned_data["progress"]}
        daily.send_daily(exam=exam, office_codes=[by.office_code], progress=said, by=by, at=now(exam))

    if not attempted(form, exam, act):
        return _today(request, form)
    messages.success(request, str(t("已报上级，今天的任务完成。", "Sent up; today's duty is done.")))
    return redirect("custody-daily", exam=exam.slug)
