"""The home of papers: what is to be done now, what is wrong, where they are, and the way to every part of custody."""

from itertools import groupby

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.models import Exam
from keju.stages.custody.queries import alarms, naming
from keju.stages.custody.queries import home as queries
from keju.stages.custody.queries.alarms import Alarm
from keju.stages.custody.queries.todo import Todo, todo

MOST = 50  # alarms on the page; the export has all


@require_GET
@office_page("custody:chain:read")
def home(request: Request) -> HttpResponse:
    """What an office sees first of its papers."""
    exam, by, at = request.exam, actor(request), now(request.exam)
    stock = queries.stock(exam, viewer=by)
    found = alarms.alarms(exam, by.office_path, at)
    places = [
        (spot, naming.SPOTS.get(spot, naming.INSIDE), [(s, naming.KINDS[s.kind]) for s in rows])
        for spot, rows in groupby(stock, key=lambda s: s.spot)
    ]
    facts = {
        "todo": [(one.words, link(exam, one) + one.query) for one in todo(exam, viewer=by, at=at)],
        "places": places,
        "containers": sum(s.containers for s in stock),
        "open": sum(s.open for s in stock if s.spot != "destroyed"),
        "frozen": sum(s.frozen for s in stock),
        "alarms": [(a, link(exam, a)) for a in found[:MOST]],
        "alarm_count": len(found),
        "has_quantities": not by.office_path.strip("/").partition("/")[2],  # a point has none of its own
    }
    return render(request, "custody/home.html", facts)


def link(exam: Exam, what: Alarm | Todo) -> str:
    """The page where the alarm's cause is mended, or where it is done."""
    return reverse(what.url, kwargs={"exam": exam.slug, **what.args})
