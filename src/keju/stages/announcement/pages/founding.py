"""The centre sets up an exam."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.rulebook.words import t
from keju.stages.announcement import queries, services
from keju.stages.announcement.forms import ExamForm


@office_page("exams:exam:manage")
def new(request: Request) -> HttpResponse:
    """Which examination, on which day, under the law of which day."""
    at = now()
    form = ExamForm(request.POST or None, today=at.date())
    if request.method == "POST" and form.is_valid():
        try:
            exam = services.found_exam(**form.facts(at), by=actor(request), at=form.moment(at))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            said = t(
                "“{exam}”已建立。最迟应在{due}前发布公告。",
                "“{exam}” is set up. It is to be announced by {due}.",
            )
            due = queries.publishing_due(exam)
            messages.success(request, str(said.format(exam=exam.name, due=due.date() if due else "")))
            return redirect("announcement-offices", exam=exam.slug)
    return render(request, "announcement/exam_new.html", {"form": form}, status=422 if form.errors else 200)
