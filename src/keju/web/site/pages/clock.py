"""The clock of a rehearsal: where it stands, and moving it on to what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import CHINA, now
from keju.kernel.exams import queries, services
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.models import Exam
from keju.rulebook.words import t
from keju.web.site.forms import ClockTo

STEPS = (
    (t("一小时后", "One hour on"), timedelta(hours=1)),
    (t("一天后", "One day on"), timedelta(days=1)),
    (t("一周后", "One week on"), timedelta(days=7)),
)


@dataclass(frozen=True)
class Target:
    """Somewhere to move the clock, `paths` whose milestone it is; `to` as the form posts it."""

    name: object
    at: datetime
    paths: Sequence[str] = ()

    @property
    def to(self) -> str:
        return self.at.astimezone(CHINA).strftime("%Y-%m-%dT%H:%M:%S")


@office_page("exams:clock:shift")
def clock(request: Request) -> HttpResponse:
    """Shows the rehearsal's now; POST moves it forward, never back."""
    exam: Exam = request.exam
    if not exam.is_rehearsal:
        raise NotPermitted(hidden=True)
    form = ClockTo(request.POST or None)
    if request.method == "POST" and form.is_valid():
        to = form.cleaned_data["to"]
        try:
            services.shift_clock(exam=exam, to=to, real_now=now(), by=actor(request), at=now(exam))
        except ValidationError as refused:
            form.add_error("to", refused)
        else:
            messages.success(request, t("演练时钟已拨动。", "The rehearsal clock has moved."))
            return redirect("exam-clock", exam=exam.slug)
    facts = {"form": form, "next": _coming(exam), "steps": [Target(n, now(exam) + d) for n, d in STEPS]}
    return render(request, "site/clock.html", facts, status=422 if form.errors else 200)


def _coming(exam: Exam) -> list[Target]:
    """What comes next in the nation and in the regions, which may run on calendars of their own."""
    names = {m.key: m.name for m in queries.programme(exam).milestones}
    here = now(exam)
    known = queries.moments(exam).items()
    return [Target(names[key], at, paths) for (key, at), paths in known if at > here and key in names]
