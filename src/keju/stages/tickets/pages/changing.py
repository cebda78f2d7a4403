"""Changing seats after freezing; who has no seat yet; what must be printed again; the list of void tickets."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.calendar import now
from keju.kernel.documents.kinds import name_of
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page, seen_version
from keju.kernel.files.responses import answer
from keju.kernel.sheets import XLSX, Column, write_table
from keju.rulebook import Words
from keju.rulebook.words import t
from keju.stages.registration import queries as registration
from keju.stages.seating import queries as seating
from keju.stages.seating.services import Move
from keju.stages.tickets import queries, services
from keju.stages.tickets.forms import PeopleForm, SeatForm

SHOWN = 200
"""People without a seat on a page; more are shown once these have one."""
STATES = {"added": t("补排", "added"), "reissued": t("换发", "reissued"), "revoked": t("作废", "revoked")}
WHOLE = t("整个考试地点", "the whole site")
COLUMNS = (
    Column("what", t("需重印或通知", "To print again or to tell")),
    Column("rooms", t("考场", "Room")),
    Column("seat", t("座位", "Seat"), kind="int"),
    Column("number", t("准考证号", "Ticket number")),
    Column("registration", t("报名号", "Registration number")),
    Column("state", t("状态", "State")),
    Column("printed", t("已重印", "Printed again")),
    Column("reason", t("理由", "Reason")),
)


@require_POST
@office_page("seating:plan:change")
def seat(request: Request, site: str, room_id: int) -> HttpResponse:
    """Somebody of the room goes to another seat; whoever has that seat comes here."""
    exam, by = request.exam, actor(request)
    form = SeatForm(request.POST)
    back = redirect("seating-room", exam=exam.slug, site=site, room_id=room_id)
    if not form.is_valid():
        messages.error(request, str(t("请填写两个座位和理由。", "Give both seats and the reason.")))
        return back
    asked = form.cleaned_data
    plan = seating.plan(exam, site, viewer=by)
    here = next((p for p in seating.seats(plan, room_id) if p.serial == asked["seat"]), None)
    there = seating.at_seat(plan, asked["to_room"], asked["to_seat"])
    if here is None or there is None:
        wrong = t(
            "{seat}号座位没有人，或没有{room}号考场。请核对后再填。",
            "Nobody sits at seat {seat}, or there is no room {room}. Check and fill in again.",
        )
        messages.error(request, str(wrong.format(seat=asked["seat"], room=asked["to_room"])))
        return back
    other_room, other = there
    moves = [Move(here.registration_id, (other_room, asked["to_seat"]))]
    if other and other != here.registration_id:
        moves.append(Move(other, (room_id, asked["seat"])))
    done = services.change_seats(
        exam=exam,
        region_code=by.region_code,
        moves=moves,
        reason=asked["reason"],
        expected={site: seen_version(request)},
        by=by,
        at=now(exam),
    )
    messages.success(request, str(_said(done)))
    if other_room != room_id and len(moves) == 1:
        return redirect("seating-room", exam=exam.slug, site=site, room_id=other_room)
    return back


@require_GET
@office_page("seating:plan:change")
def late(request: Request) -> HttpResponse:
    """Who of the region is eligible without a seat, and who has a seat without being eligible any more."""
    exam, by = request.exam, actor(request)
    comes, goes = seating.unseated(exam, by.region_code, viewer=by)
    seats = {p.registration_id: p for p in seating.places_of(exam, goes[:SHOWN])}
    people = registration.rows_of(viewer=by, exam=exam, ids=[*comes[:SHOWN], *goes[:SHOWN]])
    names = {c.code: c.name for c in exams.programme(exam).categories}
    facts = {
        "comes": [(people[pk], names.get(people[pk].category)) for pk in comes[:SHOWN] if pk in people],
        "goes": [(people[pk], seats.get(pk)) for pk in goes[:SHOWN] if pk in people],
        "more": max(len(comes) - SHOWN, 0) + max(len(goes) - SHOWN, 0),
        "version": max((p.version for p in seating.current(exam, by.region_code)), default=0),
        "opened": queries.opened_at(exam, by.region_code),
    }
    return render(request, "tickets/late.html", facts)


@require_POST
@office_page("seating:plan:change")
def seat_late(request: Request) -> HttpResponse:
    """Those chosen have a seat each, the first free one of their host; or leave the plan."""
    exam, by = request.exam, actor(request)
    goes = request.POST.get("act") == "leave"
    form = PeopleForm(request.POST, ids=seating.unseated(exam, by.region_code, viewer=by)[goes])
    if not form.is_valid():
        messages.error(request, str(t("请选择考生，并写明理由。", "Choose candidates and give the reason.")))
        return redirect("tickets-late", exam=exam.slug)
    done = services.change_seats(
        exam=exam,
        region_code=by.region_code,
        moves=[Move(pk, None if goes else (0, 0)) for pk in form.cleaned_data["people"]],
        reason=form.cleaned_data["reason"],
        by=by,
        at=now(exam),
    )
    messages.success(request, str(_said(done)))
    return redirect("tickets-late", exam=exam.slug)


@require_GET
@office_page("tickets:list:read")
def again(request: Request, site: str) -> HttpResponse:
    """What was printed and is void now, room by room, and whose ticket changed."""
    exam, by = request.exam, actor(request)
    plan = seating.plan(exam, site, viewer=by)
    changed = queries.changed_tickets(exam, site, viewer=by)
    facts = {
        "site": site,
        "plan": plan,
        "papers": [(name_of(a.kind), a) for a in queries.again(exam, plan.office_path)],
        "tickets": [(k, STATES[k.state]) for k in changed],
        "kinds": services.KINDS,
        "list_version": queries.void_list(exam, site[:4])[0],
    }
    return render(request, "tickets/again.html", facts)


@require_GET
@office_page("tickets:list:read")
def again_export(request: Request, site: str) -> HttpResponse:
    """The same as a spreadsheet: papers first, then tickets."""
    exam, by = request.exam, actor(request)
    plan = seating.plan(exam, site, viewer=by)
    yes, no = str(t("是", "yes")), str(t("否", "no"))
    ticket = str(t("准考证", "Ticket"))
    rows: list[tuple[object, ...]] = [
        (str(name_of(a.kind)), ", ".join(map(str, a.rooms)) or str(WHOLE), None, "", "", "", no, a.reason)
        for a in queries.again(exam, plan.office_path)
    ]
    rows += [
        (
            ticket, str(k.room_number), k.seat, k.number, registration.number_of(exam, k.registration_id),
            str(STATES[k.state]), yes if k.printed else no, "",
        )
        for k in queries.changed_tickets(exam, site, viewer=by)
    ]  # fmt: skip
    return answer(write_table(COLUMNS, rows), XLSX, str(t(f"{site}-重印.xlsx", f"{site}-again.xlsx")))


@require_GET
@office_page("tickets:list:read")
def void_list(request: Request, site: str) -> HttpResponse:
    """The signed list of the host's void tickets, for devices (docs/void-list.md)."""
    exam, by = request.exam, actor(request)
    seating.plan(exam, site, viewer=by)
    version, text = queries.void_list(exam, site[:4])
    return answer(text.encode(), "text/plain; charset=utf-8", f"{exam.slug}-{site[:4]}-{version}.void")


def _said(done: services.SeatsChanged) -> Words:
    """What was done, what follows, and what is to be done next, as far as there is something."""
    found = [t("已变更{n}人的座位（第{v}版）。", "{n:candidate|candidates} changed: version {v}.")]
    if done.moved:
        found.append(t("准考证换发{m}张。", "{m:ticket|tickets} reissued."))
    if done.added:
        found.append(t("准考证新增{a}张。", "{a:ticket|tickets} added."))
    if done.revoked:
        found.append(t("准考证作废{r}张。", "{r:ticket|tickets} revoked."))
    if done.moved or done.added or done.revoked:
        found.append(t("已通知考生。", "The candidates were told."))
    else:
        found.append(t("请重新生成准考证号。", "Generate the numbers again."))
    if done.void:
        found.append(t("{p}份打印件作废，请重印。", "{p:print is|prints are} void and to be printed again."))
    words = t("".join(w.zh for w in found), " ".join(w.en for w in found))
    return words.format(
        n=len(done.plans.people), v=done.plans.version, m=len(done.moved), a=len(done.added), r=len(done.revoked),
        p=done.void,
    )  # fmt: skip
