"""Where to confirm a registration: found by region, prefecture or any word of the address."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, public_page
from keju.kernel.exams.models import Exam, Opening
from keju.rulebook.words import Words
from keju.stages.announcement import queries as announcement
from keju.stages.announcement.queries import Windows
from keju.web.site.forms import PlaceFilter

MOST = 60


@dataclass(frozen=True)
class Place:
    """A point as the public sees it. `ready`: its confirmation place is published (V5.1.1)."""

    code: str
    name: Words
    region: Words
    address: str
    hours: str
    contact: str
    phone: str

    @property
    def ready(self) -> bool:
        return bool(self.address)


@require_GET
@public_page
def points(request: Request) -> HttpResponse:
    """The places that match what was asked; without a question, the regions to choose from."""
    exam: Exam = request.exam
    regions = list(exams.openings(exam, "region"))
    form = PlaceFilter(request.GET, regions=regions)
    form.is_valid()
    region, text = form.asked("region"), form.asked("q")
    found = (
        find(exam, region=region, prefecture=form.asked("prefecture"), text=text) if region or text else []
    )
    opening = next((o for o in regions if o.office_id == region), None)
    facts = {
        "form": form,
        "regions": regions,
        "opening": opening,
        "windows": _windows(exam, opening),
        "found": found[:MOST],
        "more": max(0, len(found) - MOST),
        "asked": bool(region or text),
    }
    return render(request, "site/points.html", facts)


def find(exam: Exam, *, region: str = "", prefecture: str = "", text: str = "") -> list[Place]:
    """The points that take part, within the region and prefecture, that have every word of `text` somewhere."""
    openings = exams.openings(exam, "point")
    if region:
        openings = openings.filter(office_path__gte=f"/{region}/", office_path__lt=f"/{region}/~")
    names = {o.office_id: o.office.name for o in exams.openings(exam, "region")}
    wanted = text.lower().split()
    places = (_place(o, names) for o in openings if not prefecture or o.office_id == prefecture)
    return [p for p in places if all(word in _all_of(p) for word in wanted)]


def _place(o: Opening, regions: dict[str, Words]) -> Place:
    region = regions.get(o.office_id[:2], o.office.name)
    return Place(o.office_id, o.office.name, region, o.address, o.hours, o.contact, o.phone)


def _all_of(p: Place) -> str:
    return " ".join(
        (p.code, p.name.zh, p.name.en, p.region.zh, p.region.en, p.address, p.contact, p.phone)
    ).lower()


def _windows(exam: Exam, opening: Opening | None) -> Windows | None:
    return None if opening is None else announcement.windows(exam, opening.office_path)
