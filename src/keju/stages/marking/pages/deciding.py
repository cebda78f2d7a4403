"""Doubts: the list, one card with what the reader saw, and saying what it is."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.files.responses import answer
from keju.rulebook.words import t
from keju.stages.marking import queries, services
from keju.stages.marking.forms import BLANK, VERDICT_WORDS, SayForm
from keju.stages.marking.queries import showing
from keju.stages.marking.rules import REFUSE

DECIDE = "marking:reading:adjudicate"


@require_GET
@office_page(DECIDE)
def doubts(request: Request) -> HttpResponse:
    """Cards with open places, those first that wait for this person; cards that differ from the room record."""
    exam, by = request.exam, actor(request)
    names = {s.number: s.name for s in exams.sessions(exam)}
    found = queries.readings_in_doubt(viewer=by, exam=exam)
    context = {
        "rows": [(r, names[r.session_number], showing.words_of(r.reasons)) for r in found],
        "places": queries.open_doubts(exam),
        "differing": [
            (pk, names[session], what) for pk, _, session, what in queries.disagreements(exam)[:100]
        ],
    }
    return render(request, "marking/doubts.html", context)


@office_page(DECIDE)
def reading(request: Request, reading_id: int) -> HttpResponse:
    """One card: what is in doubt, enlarged; what this person says is kept from the second one."""
    exam, by = request.exam, actor(request)
    found = queries.reading(viewer=by, exam=exam, reading_id=reading_id)
    layout = queries.layout_of(exam, found.batch.session_number)
    places = queries.reading_doubts(viewer=by, reading=found)
    refused = any(d.question == 0 and d.agreed == "refuse" for d in places)
    mine = [d for d in places if d.agreed is None and not d.mine(by.ref) and not refused]
    if request.method == "POST":
        form = SayForm(request.POST, [d.question for d in mine if d.question > 0], layout.options)
        if not form.errors:
            services.decide_all(exam=exam, reading_id=reading_id, says=form.says, by=by, at=now(exam))
            messages.success(request, str(t("已记录您的裁定。", "Your decision is recorded.")))
            following = queries.next_reading(viewer=by, exam=exam)
            if following is None:
                return redirect("marking-doubts", exam=exam.slug)
            return redirect("marking-reading", exam=exam.slug, reading_id=following)
        for words in form.errors:
            messages.error(request, str(words))
    whole = {d.question: d for d in places}
    foreign = not {"other_exam", "other_bag"}.isdisjoint(found.reasons)
    context = {
        "reading": found,
        "session": next(s for s in exams.sessions(exam) if s.number == found.batch.session_number),
        "reasons": showing.reasons_of(found),
        "questions": [(d, showing.zoom(layout, d.question)) for d in mine if d.question > 0],
        "ask_identity": any(d.question == -1 for d in mine),
        "ask_card": any(d.question == 0 for d in mine),
        "may_challenge": not refused
        and (0 not in whole or (whole[0].agreed is None and not whole[0].mine(by.ref))),
        "waiting": [d for d in places if d.agreed is None and d.mine(by.ref) and not refused],
        "settled": [d for d in places if d.agreed is not None],
        "refused": refused,
        "marks": showing.marks(exam, found),
        "has_picture": showing.is_picture(found),
        "verdicts": [(code, words) for code, words in VERDICT_WORDS.items() if code == REFUSE or not foreign],
        "words_of": list(VERDICT_WORDS.items()),
        "blank": BLANK,
    }
    return render(request, "marking/reading.html", context, status=422 if request.method == "POST" else 200)


@require_GET
@office_page(DECIDE)
def image(request: Request, reading_id: int) -> HttpResponse:
    """The card, upright and straightened."""
    exam, by = request.exam, actor(request)
    found = queries.reading(viewer=by, exam=exam, reading_id=reading_id)
    try:
        data = showing.picture(viewer=by, exam=exam, reading=found)
    except showing.Refused as error:
        raise NotPermitted(hidden=True) from error
    return answer(data, "image/jpeg", f"card-{reading_id}.jpg", inline=True)
