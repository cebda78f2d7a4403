"""Stores: the list, one with everything about it, and what is entered of it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.models import Exam
from keju.kernel.exams.paging import number_of
from keju.kernel.exams.refusing import explain
from keju.kernel.files.responses import response
from keju.kernel.files.scans import received
from keju.kernel.offices.models import Office
from keju.rulebook import RuleRefused
from keju.rulebook.words import Words, t
from keju.stages.custody.forms.stores import (
    AcceptForm,
    ChangeForm,
    EnterForm,
    KeyForm,
    LeaveForm,
    NameForm,
)
from keju.stages.custody.queries import daily, entries, guards, naming
from keju.stages.custody.queries import stores as queries
from keju.stages.custody.queries.store_names import HOSTS, KEY_ACTS, LOCKS, ROLES
from keju.stages.custody.services import keys, store_leave, store_people, stores
from keju.stages.custody.services.keys import KeyMove
from keju.stages.custody.services.store_people import Naming
from keju.stages.custody.services.stores import NewAcceptance

READ, MANAGE = "custody:chain:read", "custody:store:manage"
NO_OFFICE = t("没有这个考区或考点，或不属于本单位。", "There is no such region or point, or it is not yours.")


def attempted(form: forms.Form, exam: Exam, act: Callable[[], object]) -> bool:
    """Whether the form was right and `act` went through; else the form says at its fields what stands against it."""
    if not form.is_valid():
        return False
    try:
        act()
    except RuleRefused as refused:
        explain(form, refused, exam)
        return False
    except ValidationError as unfit:
        form.add_error(None, unfit)
        return False
    return True


@require_GET
@office_page(READ)
def listing(request: Request) -> HttpResponse:
    """The stores of the viewer's offices, what lies in each, and what it lacks."""
    return _listing(request)


def _listing(request: Request, form: EnterForm | None = None) -> HttpResponse:
    exam, by = request.exam, actor(request)
    rows = list(queries.stores(exam, viewer=by))
    found = queries.standings(exam, [row.pk for row in rows], now(exam))
    lying = daily.lying(exam, [row.place for row in rows], by.office_path)
    first = by.office_code if by.office_path != "/" else ""
    facts = {
        "rows": [
            (found[row.pk], HOSTS[row.host_kind], sum(lot.containers for lot in lying.get(row.place, ())))
            for row in rows
        ],
        "unfit": sum(bool(one.against) for one in found.values()),
        "may_manage": by.may(MANAGE),
        "form": form or EnterForm(initial={"office": first}),
    }
    return render(request, "custody/stores/list.html", facts, status=409 if form else 200)


@require_POST
@office_page(MANAGE)
def enter(request: Request) -> HttpResponse:
    exam, by = request.exam, actor(request)
    form = EnterForm(request.POST)
    made: list[int] = []

    def act() -> None:
        try:
            new = [(form.cleaned_data["office"].strip(), form.new())]
            made.extend(row.pk for row in stores.enter_stores(exam=exam, stores=new, by=by, at=now(exam)))
        except (NotPermitted, Office.DoesNotExist):
            form.add_error("office", str(NO_OFFICE))
            raise ValidationError([]) from None

    if not attempted(form, exam, act):
        return _listing(request, form)
    messages.success(
        request,
        str(
            t(
                "已登记。接着上传验收证明、查看、指定人员。",
                "Entered. Now its acceptance, the checklist, its people.",
            )
        ),
    )
    return redirect("custody-store", exam=exam.slug, store_id=made[0])


@require_GET
@office_page(READ)
def store(request: Request, store_id: int) -> HttpResponse:
    """What lies in it, who has keys, who is inside, who guards now and next, and what is due."""
    return _store(request, store_id)


def _store(request: Request, store_id: int, wrong: str = "", form: forms.Form | None = None) -> HttpResponse:
    exam, by, at = request.exam, actor(request), now(request.exam)
    row = queries.store(exam, store_id, viewer=by)
    one = queries.standings(exam, [row.pk], at)[row.pk]
    people, posts = queries.candidates(exam, row.office_code), post_names(exam)
    standing = guards.guards_of(exam, [row], at, at + 2 * queries.AHEAD)[row.pk]
    open_forms: dict[str, forms.Form] = {
        "change": ChangeForm(initial={**_initial(row), "version": row.version}),
        "accept": AcceptForm(),
        "name": NameForm(people=people, posts=posts),
        "key": KeyForm(people=people, posts=posts),
        "leave": LeaveForm(),
    } | ({wrong: form} if form else {})
    for name, one_form in open_forms.items():
        one_form.auto_id = f"{name}-%s"  # several forms of one page have fields of the same name
    facts = {
        "one": one,
        "store": row,
        "host": HOSTS[row.host_kind],
        "lying": [
            (lot, naming.KINDS[lot.kind])
            for lot in daily.lying(exam, [row.place], by.office_path).get(row.place, ())
        ],
        "named": [(p, ROLES[p.role]) for p in queries.named(row) if p.ended_at is None],
        "acceptances": queries.acceptances(row),
        "keys": [(s, LOCKS[s.lock], KEY_ACTS[s.act]) for s in entries.register_now(row)],
        "inside": entries.inside(row),
        "guards_now": [g for g in standing if g.starts_at <= at],
        "guards_next": [g for g in standing if g.starts_at > at][:3],
        "earliest": queries.earliest(exam, [row])[row.pk],
        "checked": sum(bool(found and found[0].settled) for found in one.entries.values()),
        "items": len(one.entries),
        "forms": open_forms,
        "wrong": wrong,
        "may_manage": by.may(MANAGE),
        "may_enter": by.may("custody:store:enter"),
    }
    return render(request, "custody/stores/store.html", facts, status=409 if form else 200)


def post_names(exam: Exam) -> dict[str, Words]:
    return {post.code: post.name for post in exams.programme(exam).posts}


def _initial(row: Any) -> dict[str, object]:
    return {
        name: getattr(row, name) for name in ("name", "address", "host_kind", "host_name", "reason", "remote")
    }


def _done(request: Request, store_id: int, words: Words) -> HttpResponse:
    messages.success(request, str(words))
    return redirect("custody-store", exam=request.exam.slug, store_id=store_id)


def _choosing(request: Request, store_id: int, kind: type[Any]) -> Any:
    row = queries.store(request.exam, store_id, viewer=actor(request))
    people = queries.candidates(request.exam, row.office_code)
    return kind(request.POST, people=people, posts=post_names(request.exam))


def _upload(request: Request, name: str) -> bytes:
    files = request.FILES.getlist(name)
    return received(files[:1], 1)[0] if files else b""


@require_POST
@office_page(MANAGE)
def change(request: Request, store_id: int) -> HttpResponse:
    exam, by = request.exam, actor(request)
    form = ChangeForm(request.POST, request.FILES)

    def act() -> None:
        stores.change_store(
            exam=exam, store_id=store_id, new=form.new(), expected=form.cleaned_data["version"],
            lease=_upload(request, "lease"), agreement=_upload(request, "agreement"), by=by, at=now(exam),
        )  # fmt: skip

    if not attempted(form, exam, act):
        return _store(request, store_id, "change", form)
    return _done(request, store_id, t("已更改。", "Changed."))


@require_POST
@office_page(MANAGE)
def accept(request: Request, store_id: int) -> HttpResponse:
    exam, by = request.exam, actor(request)
    form = AcceptForm(request.POST, request.FILES)

    def act() -> None:
        facts = form.cleaned_data
        new = [NewAcceptance(store_id, facts["authority"], facts["accepted_on"])]
        stores.accept_stores(exam=exam, accepted=new, scan=_upload(request, "scan"), by=by, at=now(exam))

    if not attempted(form, exam, act):
        return _store(request, store_id, "accept", form)
    return _done(request, store_id, t("验收证明已报中心。", "The proof is with the centre."))


@require_POST
@office_page(MANAGE)
def name(request: Request, store_id: int) -> HttpResponse:
    """Somebody is named for the store; `end` in the posting ends a naming."""
    exam, by = request.exam, actor(request)
    ends = number_of(request.POST.get("end", ""))
    if ends is not None:
        store_people.end_naming(exam=exam, store_id=store_id, naming_id=ends, by=by, at=now(exam))
        return _done(request, store_id, t("已解除。", "No longer named."))
    form = _choosing(request, store_id, NameForm)

    def act() -> None:
        one = Naming(store_id, form.cleaned_data["role"], form.cleaned_data["person"])
        store_people.name_people(exam=exam, named=[one], by=by, at=now(exam))

    if not attempted(form, exam, act):
        return _store(request, store_id, "name", form)
    return _done(request, store_id, t("已指定。", "Named."))


@require_POST
@office_page(MANAGE)
def key(request: Request, store_id: int) -> HttpResponse:
    exam, by = request.exam, actor(request)
    form = _choosing(request, store_id, KeyForm)

    def act() -> None:
        facts = form.cleaned_data
        move = KeyMove(store_id, facts["lock"], facts["label"], facts["act"], facts["person"], facts["note"])
        keys.move_keys(exam=exam, moves=[move], by=by, at=now(exam))

    if not attempted(form, exam, act):
        return _store(request, store_id, "key", form)
    return _done(request, store_id, t("已记入钥匙登记。", "It is in the key register."))


@require_POST
@office_page(MANAGE)
def leave(request: Request, store_id: int) -> HttpResponse:
    exam, by = request.exam, actor(request)
    form = LeaveForm(request.POST)

    def act() -> None:
        store_leave.ask_leave(exam=exam, store_id=store_id, **form.cleaned_data, by=by, at=now(exam))

    if not attempted(form, exam, act):
        return _store(request, store_id, "leave", form)
    return _done(request, store_id, t("已报考区批准。", "The region is asked."))


@require_GET
@office_page(READ)
def file(request: Request, store_id: int, sha: str) -> HttpResponseBase:
    exam, by = request.exam, actor(request)
    queries.file_of(queries.store(exam, store_id, viewer=by), sha)
    return response(sha, by, inline=True)
