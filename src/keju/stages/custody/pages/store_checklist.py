"""The standard that a store must meet: how each item stands, and what somebody saw of it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.accounts.queries import staff_names
from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.files.scans import received
from keju.rulebook.words import t
from keju.stages.custody.forms.stores import (
    LookForm,
)
from keju.stages.custody.pages.stores import MANAGE, READ, attempted
from keju.stages.custody.queries import stores as queries
from keju.stages.custody.rules.stores import MOST_PHOTOS
from keju.stages.custody.services import stores
from keju.stages.custody.services.stores import Look


@require_GET
@office_page(READ)
def checklist(request: Request, store_id: int) -> HttpResponse:
    """The standard, item by item: how each stands, with photos, and a form for each."""
    return _checklist(request, store_id)


def _checklist(request: Request, store_id: int, item: str = "", form: LookForm | None = None) -> HttpResponse:
    exam, by = request.exam, actor(request)
    row = queries.store(exam, store_id, viewer=by)
    one = queries.standings(exam, [row.pk], now(exam))[row.pk]
    facts = {
        "store": row,
        "checks": [
            (
                i,
                one.entries[i.code],
                form if i.code == item and form else LookForm(auto_id=f"{i.code}-%s"),
            )
            for i in queries.items(exam)
        ],
        "names": staff_names({e.by for found in one.entries.values() for e in found}),
        "may_manage": by.may(MANAGE),
        "wrong": item,
    }
    return render(request, "custody/stores/checklist.html", facts, status=409 if form else 200)


@require_POST
@office_page(MANAGE)
def look(request: Request, store_id: int, item: str) -> HttpResponse:
    exam, by = request.exam, actor(request)
    form = LookForm(request.POST, auto_id=f"{item}-%s")

    def act() -> None:
        facts = form.cleaned_data
        photos = received(request.FILES.getlist("photos"), MOST_PHOTOS)
        looks = [Look(store_id, item, facts["settled"], facts["note"])]
        stores.check_stores(exam=exam, looks=looks, photos=photos, by=by, at=now(exam))

    if not attempted(form, exam, act):
        return _checklist(request, store_id, item, form)
    messages.success(request, str(t("已记入检查单。", "It is on the checklist.")))
    return redirect("custody-store-check", exam=exam.slug, store_id=store_id)
