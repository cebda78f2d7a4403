"""A lost password at the counter: a clerk who has seen the document prints a code; somebody else looks at it later."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render

from keju.kernel.accounts import queries, services
from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.offices.queries import office
from keju.rulebook.words import t
from keju.stages.registration import queries as registration
from keju.stages.registration.queries import Filters
from keju.web.site.forms import IssueCode
from keju.web.site.recovering import tell_owner

SHOWN_DAYS = 60
NOBODY = t(
    "本单位没有这样的报名。请核对号码；在别处报名的，请到其报名确认点办理。",
    "No such registration here. Check the number; who registered elsewhere goes to that confirmation place.",
)
SEVERAL = t("有几个人符合，请输入报名号。", "Several people fit. Type the registration number.")
ISSUED = t(
    "{office}核对您的证件后，为您打印了重设密码的一次性代码。如果您没有去过，请立即联系该考点。",
    "After seeing your identity document, {office} printed a code to reset your password. If you were not there, tell"
    " that point at once.",
)


@office_page("accounts:recovery:issue")
def issue(request: Request) -> HttpResponse:
    """Finds the registration and prints a code. It is shown in this answer alone, so there is no going back to it."""
    form = IssueCode(request.POST or None)
    exam, by, at = request.exam, actor(request), now()
    if request.method == "POST" and form.is_valid():
        filters = Filters(text=form.cleaned_data["text"].strip())
        rows = registration.rows(viewer=by, exam=exam, filters=filters, size=2)
        found = {row.candidate_id: row.name for row in rows}
        if len(found) == 1:
            ((person, name),) = found.items()
            with transaction.atomic():
                code = services.issue_counter_code(candidate_id=person, exam_slug=exam.slug, by=by, at=at)
                words = ISSUED.format(office=_office(request))
                tell_owner(person, "accounts.recovery.issued", words, by, at)
            return render(request, "site/recovery_slip.html", {"code": code, "name": name, "at": at})
        form.add_error("text", str(SEVERAL if found else NOBODY))
    facts = {"form": form, "rows": queries.counter_codes(viewer=by, days=SHOWN_DAYS, at=at, most=20)}
    return render(request, "site/recovery_issue.html", facts, status=422 if form.errors else 200)


@office_page("accounts:recovery:review")
def review(request: Request) -> HttpResponse:
    """The codes issued at the counters below, those that nobody has looked at first."""
    rows = queries.counter_codes(viewer=actor(request), days=SHOWN_DAYS, at=now())
    return render(request, "site/recovery_review.html", {"rows": rows, "me": actor(request).ref})


@office_page("accounts:recovery:review")
def reviewed(request: Request, recovery_id: int) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        services.review_recovery(recovery_id=recovery_id, by=actor(request), at=now())
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        messages.success(request, t("已记为核查过。", "It is recorded as looked at."))
    return redirect("recovery-review", exam=request.exam.slug)


def _office(request: Request) -> object:
    return office(actor(request).office_code).name
