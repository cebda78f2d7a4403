"""Find my exam place: the sites as candidates see them (V14.3)."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from keju.kernel.audit import NotPermitted
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, public_page
from keju.kernel.files.responses import answer
from keju.stages.venues import queries
from keju.stages.venues.forms import PlaceForm

MOST = 60


@require_GET
@public_page
def places(request: Request) -> HttpResponse:
    """The sites that match what was asked; without a question, the regions to choose from."""
    exam = request.exam
    regions = list(exams.openings(exam, "region"))
    form = PlaceForm(request.GET, regions=regions)
    region, text = form.asked("region"), form.asked("q")
    found = queries.places(exam, region_code=region, text=text) if region or text else []
    facts = {
        "form": form,
        "regions": regions,
        "found": found[:MOST],
        "more": max(0, len(found) - MOST),
        "asked": bool(region or text),
    }
    return render(request, "venues/places.html", facts)


@require_GET
@public_page
def place(request: Request, site: str) -> HttpResponse:
    """One site: address, surroundings, picture, and its rooms once tickets are opened."""
    exam = request.exam
    found = queries.place(exam, site)
    facts = {"place": found, "site": found.site, "rooms": queries.distribution(exam, found.site)}
    return render(request, "venues/place.html", facts)


@require_GET
@public_page
def picture(request: Request, site: str) -> HttpResponse:
    """The site's picture; 404 where there is none."""
    data = queries.picture(request.exam, site)
    if data is None:
        raise NotPermitted(hidden=True)
    return answer(data, "image/jpeg", f"{site}.jpg", inline=True)
