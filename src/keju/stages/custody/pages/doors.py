"""At the door of a store: who goes in before both keyholders, who comes out, and the log of it, printed if need be."""

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.paging import after_of, cut, number_of
from keju.kernel.files.responses import answer
from keju.rulebook.words import current_language, t
from keju.stages.custody.forms.stores import InForm, OutForm
from keju.stages.custody.pages.stores import READ, attempted
from keju.stages.custody.queries import entries as queries
from keju.stages.custody.queries import guards, stores
from keju.stages.custody.queries.store_names import KEY_ACTS, LOCKS, PURPOSES
from keju.stages.custody.services import entries, printing

PAGE = 50
PRINTS = {
    "sheet": t("保密室情况表.pdf", "store.pdf"),
    "entries": t("进出登记.pdf", "entries.pdf"),
    "keys": t("钥匙登记.pdf", "keys.pdf"),
}


@require_GET
@office_page("custody:store:enter")
def door(request: Request, store_id: int) -> HttpResponse:
    """For a phone at the door: who is inside, who goes in, who comes out."""
    return _door(request, store_id)


def _door(
    request: Request, store_id: int, form: InForm | None = None, out: OutForm | None = None
) -> HttpResponse:
    exam, by, at = request.exam, actor(request), now(request.exam)
    row = stores.store(exam, store_id, viewer=by)
    facts = {
        "store": row,
        "inside": queries.inside(row),
        "guards": [
            g for g in guards.guards_of(exam, [row], at, at + stores.AHEAD)[row.pk] if g.starts_at <= at
        ],
        "form": form or _form(request, store_id),
        "out": out or OutForm(),
        "holders": len(queries.doorkeepers(row)),
    }
    return render(request, "custody/stores/door.html", facts, status=409 if form or out else 200)


def _form(request: Request, store_id: int) -> InForm:
    exam, posted = request.exam, request.method == "POST"
    row = stores.store(exam, store_id, viewer=actor(request))
    there = {entry.person_id for entry in queries.inside(row)}
    return InForm(
        request.POST if posted else None,
        initial={"key": uuid4()},
        may=[one for one in queries.enterable(exam, row) if posted or one[0] not in there],
        holders=list(dict.fromkeys((h.person_id, h.name) for h in queries.doorkeepers(row))),
    )


@require_POST
@office_page("custody:store:enter")
def go_in(request: Request, store_id: int) -> HttpResponse:
    """They are in, or the page says why not; either stands in the log."""
    exam, by = request.exam, actor(request)
    form = _form(request, store_id)
    if not form.is_valid():
        return _door(request, store_id, form)
    facts = form.cleaned_data
    made = entries.enter(
        exam=exam,
        key=facts["key"],
        store_id=store_id,
        person_ids=facts["people"],
        purpose=facts["purpose"],
        codes=form.codes(),
        subject=f"handover:{facts['subject']}" if facts["subject"].isdecimal() else facts["subject"],
        note=facts["note"],
        by=by,
        at=now(exam),
    )
    refused = queries.refusals(made[0])
    if refused:
        for one in refused:
            form.add_error(None, f"{one.words(queries.programme(exam))} ({one.rule})")
        form.data = form.data.copy()
        form.data["key"] = str(uuid4())  # another attempt is another entry
        return _door(request, store_id, form)
    messages.success(request, str(t("已登记进入，出来时请登记。", "Entered. Register when they come out.")))
    return redirect("custody-store-door", exam=exam.slug, store_id=store_id)


@require_POST
@office_page("custody:store:enter")
def come_out(request: Request, store_id: int) -> HttpResponse:
    exam, by = request.exam, actor(request)
    form = OutForm(request.POST)
    ids = [n for text in request.POST.getlist("entries") if (n := number_of(text)) is not None]

    def act() -> None:
        taken = form.cleaned_data["taken"]
        entries.come_out(
            exam=exam, store_id=store_id, entry_ids=ids, taken=f"handover:{taken}" if taken.isdecimal() else taken,
            note=form.cleaned_data["note"], by=by, at=now(exam),
        )  # fmt: skip

    if not ids:
        form.add_error(None, str(t("请选择离开的人。", "Choose who comes out.")))
    if not ids or not attempted(form, exam, act):
        return _door(request, store_id, out=form)
    messages.success(request, str(t("已登记离开。", "They are out.")))
    return redirect("custody-store-door", exam=exam.slug, store_id=store_id)


@require_GET
@office_page(READ)
def log(request: Request, store_id: int) -> HttpResponse:
    """Entries and refused attempts, newest first, and the register of keys."""
    exam, by, after = request.exam, actor(request), after_of(request)
    row = stores.store(exam, store_id, viewer=by)
    rows, page = cut(queries.log(row, before=after or None, size=PAGE + 1), PAGE, after)
    law = queries.programme(exam)
    facts = {
        "store": row,
        "rows": [(e, PURPOSES[e.purpose], [r.words(law) for r in queries.refusals(e)]) for e in rows],
        "page": page,
        "keys": [(s, LOCKS[s.lock], KEY_ACTS[s.act]) for s in queries.register(row)],
        "may_manage": by.may("custody:store:manage"),
    }
    return render(request, "custody/stores/log.html", facts)


@require_POST
@office_page("custody:store:manage")
def print_out(request: Request, store_id: int) -> HttpResponse:
    """The store's sheet, its entries or its keys as PDF; a copy more in the print ledger."""
    exam, by = request.exam, actor(request)
    what = request.POST.get("what", "")
    what = what if what in PRINTS else "sheet"
    made = printing.print_store(
        exam=exam, store_id=store_id, what=what, language=current_language(), by=by, at=now(exam)
    )
    return answer(made.pdf, "application/pdf", str(PRINTS[what]), inline=True)
