"""The workplace's door: which exam, which posting."""

from django.http import Http404, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from keju.kernel.accounts.permissions import ROLES
from keju.kernel.accounts.queries import Holding
from keju.kernel.audit import NotPermitted
from keju.kernel.exams.access import POSTING, Request, office_page
from keju.web.context import office_exam_of
from keju.web.site.current import by_nearness


@office_page("duties:board:read")
def office(request: Request) -> HttpResponse:
    """On to the current exam's office home; where there is none, the exams and what one holds."""
    exam = office_exam_of(request)
    if exam is not None:
        try:
            return redirect(reverse("office-home", kwargs={"exam": exam.slug}))
        except NoReverseMatch:
            pass
    return render(request, "site/office.html", {"found": by_nearness()})


@office_page("duties:board:read")
def act_for(request: Request) -> HttpResponse:
    """From now on in another posting of one's own; back to the same page if that posting may see it."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    wanted = request.POST.get("posting", "")
    holding = next((h for h in request.holdings if str(h.posting_id) == wanted), None)
    if holding is None:
        raise NotPermitted("office")
    request.session[POSTING] = holding.posting_id
    path = request.POST.get("next", "")
    return HttpResponseRedirect(path if _may_see(request, path, holding) else reverse("office"))


def _may_see(request: Request, path: str, holding: Holding) -> bool:
    if not url_has_allowed_host_and_scheme(path, {request.get_host()}):
        return False
    try:
        view = resolve(path.partition("?")[0]).func
    except (Resolver404, Http404):
        return False
    needed = getattr(view, "permission", None)
    return needed is not None and needed in {str(p) for p in ROLES[holding.role].permissions}
