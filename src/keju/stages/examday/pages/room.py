"""One room in one session: made for a phone in the hand of an invigilator."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.files.responses import answer
from keju.kernel.files.vault import FileMissing
from keju.rulebook.words import t
from keju.stages.examday import queries, rules, services
from keju.stages.examday.forms import STATES, CloseForm, MarkForm, RestForm
from keju.stages.examday.services import COPIES, SeatMark

READ, RECORD = "examday:room:read", "examday:room:record"


@require_GET
@office_page(READ)
def room(request: Request, room_session_id: int) -> HttpResponse:
    """Seats in the order of the S, each with photo and state; closing with a count; afterwards corrections."""
    return _page(request, room_session_id)


def _page(
    request: Request,
    room_session_id: int,
    *,
    form: MarkForm | None = None,
    closing: CloseForm | None = None,
) -> HttpResponse:
    exam, by = request.exam, actor(request)
    found = queries.room(viewer=by, exam=exam, room_session_id=room_session_id)
    seats = queries.seats(viewer=by, exam=exam, room=found)
    session = next(s for s in exams.sessions(exam) if s.number == found.session_number)
    context = {
        "room": found,
        "session": session,
        "seats": seats,
        "remaining": found.remaining,
        "form": form,
        "states": STATES,
        "rest": RestForm(initial={"seen": found.remaining}),
        "closing": closing or CloseForm(),
        "obstacles": [
            *rules.check_ended(now(exam), session.ends_at),
            *rules.check_complete(found.expected, found.present, found.absent),
        ],
        "corrections": queries.corrections(viewer=by, room=found),
        "may_record": by.may(RECORD),
        "copies": list(COPIES.items()),
    }
    failed = form is not None or closing is not None
    return render(request, "examday/room.html", context, status=422 if failed else 200)


@require_POST
@office_page(RECORD)
def mark(request: Request, room_session_id: int) -> HttpResponse:
    exam = request.exam
    form = MarkForm(request.POST)
    if not form.is_valid():
        return _page(request, room_session_id, form=form)
    said = form.cleaned_data
    violation = said["violation"] if said["state"] == "violation" else ""
    services.record_marks(
        exam=exam,
        room_session_id=room_session_id,
        marks=[SeatMark(said["ticket"], said["state"] != "absent", violation)],
        reason=said["reason"],
        by=actor(request),
        at=now(exam),
    )
    return redirect(_address(request, room_session_id) + f"#t{said['ticket']}")


@require_POST
@office_page(RECORD)
def rest(request: Request, room_session_id: int) -> HttpResponse:
    """All others are present: an explicit statement with its number, never a default."""
    exam = request.exam
    form = RestForm(request.POST)
    if not form.is_valid():
        messages.error(
            request,
            str(
                t("请先勾选确认：其余考生都在场。", "Tick that you have looked and all the others are here.")
            ),
        )
        return redirect(_address(request, room_session_id) + "#rest")
    seen = form.cleaned_data["seen"]
    services.mark_rest_present(
        exam=exam, room_session_id=room_session_id, seen=seen, by=actor(request), at=now(exam)
    )
    messages.success(request, str(t("{n} 人已标为到场。", "{n} are marked present.").format(n=seen)))
    return redirect(_address(request, room_session_id))


@require_POST
@office_page(RECORD)
def close(request: Request, room_session_id: int) -> HttpResponse:
    exam = request.exam
    form = CloseForm(request.POST)
    if not form.is_valid():
        return _page(request, room_session_id, closing=form)
    services.close_rooms(
        exam=exam,
        room_session_ids=[room_session_id],
        counted=form.cleaned_data["counted"],
        by=actor(request),
        at=now(exam),
    )
    messages.success(
        request, str(t("考场记录已封存，请打印两份考场记录。", "The record is closed. Print its two copies."))
    )
    return redirect(_address(request, room_session_id))


@require_POST
@office_page(RECORD)
def record(request: Request, room_session_id: int, copy: str) -> HttpResponse:
    """The room record on paper; each print is a row of the ledger."""
    exam = request.exam
    printed = services.print_record(
        exam=exam, room_session_id=room_session_id, copy=copy, by=actor(request), at=now(exam)
    )
    name = f"room-record-{room_session_id}-{copy}-{printed.record.copy}.pdf"
    return answer(printed.pdf, "application/pdf", name, inline=True)


@require_GET
@office_page(READ)
def photo(request: Request, room_session_id: int, ticket: str) -> HttpResponse:
    exam, by = request.exam, actor(request)
    found = queries.room(viewer=by, exam=exam, room_session_id=room_session_id)
    try:
        data = queries.photo_of(viewer=by, exam=exam, room=found, ticket=ticket)
    except FileMissing as error:
        raise NotPermitted(hidden=True) from error
    return answer(data, "image/jpeg", f"{ticket}.jpg", inline=True)


def _address(request: Request, room_session_id: int) -> str:
    return reverse("examday-room", args=[request.exam.slug, room_session_id])
