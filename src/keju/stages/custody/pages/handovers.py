"""Handovers: the list, one with its page, counting on a telephone, signing."""

import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.models import Exam
from keju.kernel.exams.paging import after_of, cut
from keju.kernel.exams.refusing import explain
from keju.kernel.files.responses import answer
from keju.kernel.files.scans import received
from keju.kernel.offices import Actor
from keju.rulebook import RuleRefused
from keju.rulebook.words import Words, current_language, t
from keju.stages.custody.forms import handovers as typed
from keju.stages.custody.queries import escorting, packing
from keju.stages.custody.queries import handovers as reads
from keju.stages.custody.queries.handover_sheets import sheet, stays_as_signed
from keju.stages.custody.queries.naming import FLAWS, HANDOVER_STATES, ROLES, SEEN, SIDES, VERDICTS
from keju.stages.custody.services import handovers as services

READ, MAKE = "custody:chain:read", "custody:handover:make"
OPENING = t("拆箱（包）清点、重新装箱", "Open, count, and pack anew")
PAGE = 50
CHIPS = {
    "prepared": "open", "announced": "open", "counting": "soon", "signing": "soon", "closed": "done", "broken_off": "none",
}  # fmt: skip
ITEM_CHIPS = {"": "open", "intact": "done", "broken": "late", "other_seal": "late", "missing": "late"}


@require_GET
@office_page(READ)
def listing(request: Request) -> HttpResponse:
    """Those of the viewer's offices, newest first."""
    exam, by = request.exam, actor(request)
    filters, after = typed.HandoverFilter(request.GET), after_of(request)
    found = reads.listed(exam, viewer=by, **filters.chosen())
    if after:
        found = found.filter(pk__lt=after)
    rows, page = cut(found[: PAGE + 1], PAGE, after)
    facts = {
        "rows": [
            (r, reads.kind_of(exam, r.kind).name, CHIPS[r.state], HANDOVER_STATES[r.state]) for r in rows
        ],
        "filters": filters,
        "page": page,
    }
    return render(request, "custody/handovers/list.html", facts)


@require_GET
@office_page(READ)
def handover(request: Request, handover_id: int) -> HttpResponse:
    """One handover: what is expected, who is named, how far it is, and what may be done next."""
    return _handover(request, handover_id)


def _handover(
    request: Request, handover_id: int, act: str = "", form: forms.Form | None = None
) -> HttpResponse:
    exam, by = request.exam, actor(request)
    row = reads.handover(exam, handover_id, viewer=by)
    seen = sheet(exam, row)
    of = reads.kind_of(exam, row.kind)
    waiting = [p for p in seen.people if p.person_id not in seen.signed]
    may = by.may(MAKE) and row.is_living
    own = [p for p in seen.people if reads.side_code(row, p.side) == by.office_code]
    comes: dict[int, str] = {}
    if may and own:
        named = {p.person_id for p in seen.people}
        able = reads.qualified(exam, of, row.sender_code, row.receiver_code)
        sides = {p.side for p in own}
        comes = {
            c.person_id: c.name for (side, _, pk), c in able.items() if side in sides and pk not in named
        }
    blank: dict[str, forms.Form] = {
        "announce": typed.AnnounceForm(auto_id="announce-%s", initial=_advice(row) if of.announced else None),
        "scan": typed.ScanForm(auto_id="scan-%s", initial={"key": uuid.uuid4()}),
        "sign": typed.SignForm(
            [(p.person_id, f"{p.name} · {ROLES[p.role]}") for p in waiting],
            auto_id="sign-%s",
            initial={"content": row.proposal.content_hash if row.proposal else ""},
        ),
        "change": typed.ChangeForm(
            [(p.pk, f"{p.name} · {ROLES[p.role]}") for p in own], sorted(comes.items(), key=lambda c: c[1]), auto_id="change-%s"
        ),
        "stop": typed.ReasonForm(auto_id="stop-%s"),
        "reopen": typed.ReasonForm(auto_id="reopen-%s"),
    }  # fmt: skip
    if form is not None:
        blank[act] = form
    scanning = row.state in ("prepared", "announced", "counting") and not (
        of.announced and row.state == "prepared"
    )
    facts = {
        "row": row,
        "seen": seen,
        "chip": (CHIPS[row.state], HANDOVER_STATES[row.state]),
        "items": [(i, ITEM_CHIPS[i.seen], SEEN[i.seen]) for i in seen.items],
        "people": [(p, ROLES[p.role], SIDES[p.side], seen.signed.get(p.person_id)) for p in seen.people],
        "strays": [(code, VERDICTS[verdict]) for code, verdict in seen.progress.strays],
        "stale": row.proposal is not None and {s.code for s in seen.stays} != stays_as_signed(row.proposal),
        "nothing_left": len(seen.stays) == seen.progress.found,
        "exceptions": [(e, FLAWS.get(e.kind, e.kind)) for e in seen.exceptions],
        "forms": blank,
        "tried": act,
        "may_announce": may and row.state in ("prepared", "announced"),
        "may_scan": may and scanning,
        "may_finish": may and row.state == "counting",
        "may_sign": may and row.state == "signing",
        "may_change": may and bool(own) and bool(comes),
        "may_stop": may,
        "escorts": [p.name for p in seen.people if p.role == "escort"],
        "after": _after(exam, row, by),
        "must_announce": of.announced and row.state == "prepared",
    }
    return render(request, "custody/handovers/one.html", facts, status=422 if form else 200)


def _advice(row: reads.Handover) -> dict[str, Any]:
    """What the advice said last, or the times of the journey on which everything is."""
    if row.announced_at is not None:
        more = row.escorts.partition("；")[2]
        return {
            "departs_at": row.departs_at,
            "arrives_at": row.arrives_at,
            "escorts": more,
            "contact": row.contact,
        }
    found = escorting.carried(row)
    if found is None:
        return {}
    plates = "、".join(v["plate"] for v in found.vehicles)
    return {
        "departs_at": found.departed_at or found.depart_at,
        "arrives_at": found.arrive_at,
        "escorts": plates,
    }


def _after(exam: Exam, row: reads.Handover, by: Actor) -> tuple[Words, str] | None:
    """(what comes next, its address), while what was signed for still is where it came."""
    if row.state != "closed" or by.office_code != row.receiver_code or not reads.still_there(row):
        return None
    kind = reads.told_after(exam, row.kind)
    if kind is not None and by.may(MAKE):
        way = {
            "kind": kind.code,
            "sender": row.receiver_code,
            "receiver": row.receiver_code,
            "begins": row.place,
        }
        return kind.name, f"{reverse('custody-handover-new', kwargs={'exam': exam.slug})}?{urlencode(way)}"
    coming = {h.container_id for h in packing.unopened(exam, viewer=by, at=now(exam))}
    if by.may("custody:containers:pack") and row.items.filter(container_id__in=coming).exists():
        return OPENING, reverse("custody-packing", kwargs={"exam": exam.slug})
    return None


@require_POST
@office_page(MAKE)
def announce(request: Request, handover_id: int) -> HttpResponse:
    form = typed.AnnounceForm(request.POST, auto_id="announce-%s")
    said = t("已预告，接收方收到通知。", "Announced; the receiver has the advice.")
    return _act(
        request,
        handover_id,
        "announce",
        form,
        said,
        lambda f: services.announce(**f, **_common(request, handover_id)),
    )


@require_POST
@office_page(MAKE)
def scan(request: Request, handover_id: int) -> HttpResponse:
    """A batch typed or read into the page's field, or one that the page's script sent (answered as JSON)."""
    if "scans" in request.POST:
        return _batch(request, handover_id)
    form = typed.ScanForm(request.POST, request.FILES, auto_id="scan-%s")
    said = t("已记录。", "Recorded.")

    def act(_: object) -> None:
        if form.cleaned_data["photo"]:
            received([form.cleaned_data["photo"]], 1)
            form.cleaned_data["photo"].seek(0)
        services.scan(key=form.cleaned_data["key"], found=form.scans(), **_common(request, handover_id))

    return _act(request, handover_id, "scan", form, said, act)


def _batch(request: Request, handover_id: int) -> HttpResponse:
    exam = request.exam
    form = typed.BatchForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"refused": [str(e) for e in form.errors.values()]}, status=422)
    facts = form.cleaned_data
    try:
        found = services.scan(key=facts["key"], found=facts["scans"], **_common(request, handover_id))
    except RuleRefused as refused:
        programme = exams.programme(exam)
        return JsonResponse(
            {"refused": [f"{r.words(programme)} ({r.rule})" for r in refused.refusals]}, status=422
        )
    return JsonResponse({"found": [[o.code, o.verdict, str(VERDICTS[o.verdict])] for o in found]})


@require_POST
@office_page(MAKE)
def finish(request: Request, handover_id: int) -> HttpResponse:
    """The count is finished; `missing` declares what was not scanned."""
    missing = request.POST.get("missing") == "yes"
    said = t("清点完毕，请双方逐一签字。", "Counted. Now everybody signs.")
    return _act(
        request, handover_id, "finish", forms.Form(request.POST), said,
        lambda _: services.finish_count(declare_missing=missing, **_common(request, handover_id)),
    )  # fmt: skip


@require_POST
@office_page(MAKE)
def reopen(request: Request, handover_id: int) -> HttpResponse:
    form = typed.ReasonForm(request.POST, auto_id="reopen-%s")
    said = t("继续清点，已签的字不再有效。", "Counting goes on; signatures given so far count no more.")
    return _act(
        request,
        handover_id,
        "reopen",
        form,
        said,
        lambda f: services.reopen(**f, **_common(request, handover_id)),
    )


@require_POST
@office_page(MAKE)
def stop(request: Request, handover_id: int) -> HttpResponse:
    form = typed.ReasonForm(request.POST, auto_id="stop-%s")
    said = t("交接已中止，箱袋仍由移交方保管。", "Broken off; everything stays with the sender.")
    return _act(
        request,
        handover_id,
        "stop",
        form,
        said,
        lambda f: services.break_off(**f, **_common(request, handover_id)),
    )


@require_POST
@office_page(MAKE)
def sign(request: Request, handover_id: int) -> HttpResponse:
    """One person's signature; several sign on one telephone, each by their own code."""
    exam, by = request.exam, actor(request)
    named = [(p.person_id, p.name) for p in reads.people(reads.handover(exam, handover_id, viewer=by))]
    form = typed.SignForm(named, request.POST, auto_id="sign-%s")
    said = t("已签字。", "Signed.")

    def act(f: dict[str, Any]) -> None:
        done = services.sign(
            person_id=f["person"], code=f["code"], content_hash=f["content"], **_common(request, handover_id)
        )  # fmt: skip
        if not done.stands:
            programme = exams.programme(exam)
            for r in done.refusals:
                form.add_error("code" if r.field == "code" else None, f"{r.words(programme)} ({r.rule})")

    return _act(request, handover_id, "sign", form, said, act)


@require_POST
@office_page(MAKE)
def change(request: Request, handover_id: int) -> HttpResponse:
    exam, by = request.exam, actor(request)
    row = reads.handover(exam, handover_id, viewer=by)
    able = reads.qualified(exam, reads.kind_of(exam, row.kind), row.sender_code, row.receiver_code)
    comes = sorted({(c.person_id, c.name) for c in able.values()})
    leaves = [(p.pk, p.name) for p in reads.people(row)]
    form = typed.ChangeForm(leaves, comes, request.POST, auto_id="change-%s")
    said = t("已报本单位领导签字；签字后生效。", "It waits for the leader's signature.")
    return _act(
        request, handover_id, "change", form, said,
        lambda f: services.ask_change(
            leaves_id=f["leaves"], person_id=f["person"], reason=f["reason"], **_common(request, handover_id)
        ),
    )  # fmt: skip


@require_POST
@office_page(READ)
def printed(request: Request, handover_id: int) -> HttpResponse:
    """The sheet as PDF; a copy more in the print ledger, hence a POST."""
    made = services.print_sheet(language=current_language(), **_common(request, handover_id))
    return answer(made.pdf, "application/pdf", str(t("交接单.pdf", "handover.pdf")), inline=True)


def _common(request: Request, handover_id: int) -> dict[str, Any]:
    return {"exam": request.exam, "handover_id": handover_id, "by": actor(request), "at": now(request.exam)}


def _act(
    request: Request,
    handover_id: int,
    name: str,
    form: forms.Form,
    said: Words,
    act: Callable[[dict[str, Any]], object],
) -> HttpResponse:
    if form.is_valid():
        try:
            act(form.cleaned_data)
        except RuleRefused as refused:
            explain(form, refused, request.exam)
        except forms.ValidationError as unfit:
            form.add_error(None, unfit)
    if form.errors:
        return _handover(request, handover_id, name, form)
    messages.success(request, str(said))
    return redirect("custody-handover", exam=request.exam.slug, handover_id=handover_id)
