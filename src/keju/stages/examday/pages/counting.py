"""The joint count of a room in the seal room, and the note of its card bag."""

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.refusing import explain
from keju.kernel.files.responses import answer
from keju.rulebook import RuleRefused
from keju.rulebook.words import t
from keju.stages.custody.queries import people
from keju.stages.custody.queries import seal_room as custody
from keju.stages.examday import queries
from keju.stages.examday.forms import CountForm
from keju.stages.examday.services import counting as services

RUN = services.RUN


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(RUN)
def count(request: Request, site: str, session: int, room: int) -> HttpResponse:
    """Both invigilators and somebody of the point count; then the next room."""
    exam, by = request.exam, actor(request)
    board = custody.board(exam, site, session, viewer=by)
    line = board.by_room.get(room)
    if line is None or line.issue is None:
        raise NotPermitted(hidden=True)
    if line.count is not None:
        return redirect("custody-seal-room-room", exam=exam.slug, site=site, session=session, room=room)
    team = people.team(exam, site)
    staff = {p.person_id: p.name for p in (*team.staff, *team.officers, *team.heads)}
    form = CountForm(
        request.POST or None,
        first=line.issue.first.name,
        second=line.issue.second.name,
        staff=list(staff.items()),
        initial={"key": uuid4()},
    )
    if request.method == "POST" and form.is_valid() and _done(request, board, room, form):
        words = t("第{n}考场已清点收回。", "Room {n} is counted back.").format(n=room)
        messages.success(request, str(words))
        onward = custody.board(exam, site, session, viewer=by).next_back
        to = {"exam": exam.slug, "site": site, "session": session}
        return redirect("examday-count", **to, room=onward) if onward else redirect("custody-seal-room", **to)
    found = queries.rooms(viewer=by, exam=exam, session_number=session, site_code=site)
    facts = {
        "site": site,
        "session": next(s for s in exams.sessions(exam) if s.number == session),
        "line": line,
        "record": next((r for r in found if r.site_code == site and r.room_number == room), None),
        "spares": custody.spare_uses(exam, viewer=by)
        .filter(seal_room__site_code=site, seal_room__session=session, room=room)
        .count(),
        "form": form,
    }
    return render(request, "examday/count.html", facts, status=409 if form.errors else 200)


@require_POST
@office_page(RUN)
def note(request: Request, count_id: int) -> HttpResponse:
    """The note on paper; each print is a row of the ledger."""
    exam = request.exam
    printed = services.print_note(exam=exam, count_id=count_id, by=actor(request), at=now(exam))
    return answer(printed.pdf, "application/pdf", f"bag-note-{count_id}.pdf", inline=True)


def _done(request: Request, board: custody.Board, room: int, form: CountForm) -> bool:
    exam, said, issue = request.exam, form.cleaned_data, board.by_room[room].issue
    if issue is None:
        return False
    who = {"first": issue.first_id, "second": issue.second_id, "counter": said["counter"]}
    counted = services.HandCount(
        room,
        services.Counted(**form.sheets("papers")),
        services.Counted(**form.sheets("cards")),
        said["paper_seal"],
        said["card_seal"],
    )
    try:
        signed = services.count_back(
            exam=exam,
            key=said["key"],
            site_code=board.site,
            session=board.session,
            counts=[counted],
            counter=said["counter"],
            codes={person: said[f"{name}_code"] for name, person in who.items()},
            by=actor(request),
            at=now(exam),
        )
    except RuleRefused as refused:
        explain(form, refused, exam)
        return False
    for name, person in who.items():
        if person in signed.failed:
            words = t("还没有签名，或签名码不对。", "Not signed, or not the right code.")
            form.add_error(f"{name}_code", words)
    return signed.is_whole
