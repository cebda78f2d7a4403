"""Reading the tree. It is public: no viewer, no scope."""

from functools import cache

from django.db.models import QuerySet

from keju.kernel.offices.models import Kind, Office


@cache
def office(code: str) -> Office:
    """The office of that code; `Office.DoesNotExist` if there is none. Cached: the tree changes with a restart."""
    return Office.objects.get(code=code)


def everything() -> QuerySet[Office]:
    """The whole tree in code order."""
    return Office.objects.all()


def regions() -> QuerySet[Office]:
    return Office.objects.filter(kind=Kind.REGION)


def points(region_code: str | None = None) -> QuerySet[Office]:
    """Points of a region, or of the nation."""
    found = Office.objects.filter(kind=Kind.POINT)
    return found if region_code is None else found.filter(parent_id=region_code)


def path_of(code: str) -> str:
    """ "1101" → "/11/1101/"; "11" → "/11/"; a national body → "/"."""
    if not code.isdigit():
        return "/"
    return f"/{code}/" if len(code) == 2 else f"/{code[:2]}/{code}/"


_ABOVE = {"centre": "office", "office": "committee"}


def ladder(code: str) -> list[str]:
    """The offices above, nearest first: 1101 → 11, centre, office, committee."""
    above = code[:2] if code.isdigit() and len(code) > 2 else "centre" if code.isdigit() else _ABOVE.get(code)
    return [] if above is None else [above, *ladder(above)]
