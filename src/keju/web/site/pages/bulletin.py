"""The bulletin: who published what, when."""

from itertools import groupby

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from keju.kernel.exams.access import Request, public_page
from keju.web.site.bulletin import Item, items

PAGE = 60


@require_GET
@public_page
def bulletin(request: Request) -> HttpResponse:
    """Day by day, the newest first; `?from=` goes on where the page before ended."""
    found = items(request.exam)
    asked = request.GET.get("from", "")
    start = int(asked) if asked.isdecimal() and len(asked) < 6 else 0
    days = [(day, list(lines)) for day, lines in groupby(found[start : start + PAGE], key=_day)]
    onward = start + PAGE if len(found) > start + PAGE else None
    return render(request, "site/bulletin.html", {"days": days, "onward": onward, "start": start})


def _day(item: Item) -> object:
    return item.day
