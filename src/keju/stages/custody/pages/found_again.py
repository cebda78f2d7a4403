"""Sheets that were missing are found again: one page, from the case and from the bag."""

from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.rulebook.words import t
from keju.stages.custody.forms.found_again import FoundForm
from keju.stages.custody.pages.seal_room import only_choice
from keju.stages.custody.pages.together import signed
from keju.stages.custody.queries import cases as queries
from keju.stages.custody.queries import containers, naming, people
from keju.stages.custody.services import found_again
from keju.stages.custody.services.together import Signatures

REPORT = "custody:case:report"


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(REPORT)
def found(request: Request, case_id: int, container: str) -> HttpResponse:
    """What was found, where, which seal was cut and which put on; the confidential officer and two more sign."""
    exam, by = request.exam, actor(request)
    case = queries.one(exam, case_id, viewer=by)
    bag = containers.container(exam, container, viewer=by)
    team = people.team(exam, bag.site_code)
    form = FoundForm(
        request.POST or None, team=team, initial={"key": uuid4(), "officer": only_choice(team).get("officer")}
    )
    if request.method == "POST" and form.is_valid():

        def go() -> Signatures:
            return found_again.put_back(
                exam=exam, key=form.cleaned_data["key"], case_id=case_id, container=container, said=form.said(),
                codes=form.codes(), by=by, at=now(exam),
            )  # fmt: skip

        if signed(
            request,
            form,
            go,
            t("已入袋重新封口，账目已改。", "It is in its bag, closed again; the account follows."),
        ):
            return redirect("custody-case", exam=exam.slug, case_id=case_id)
    facts = {"row": case, "bag": bag, "kind": naming.KINDS[bag.kind], "held": bag.holding, "form": form}
    return render(request, "custody/cases/found.html", facts, status=409 if form.errors else 200)
