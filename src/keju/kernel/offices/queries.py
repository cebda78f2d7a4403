"""Reading the tree. It is public: no viewer, no scope."""

from collections.abc import Iterable
from functools import cache

from django.db.models import QuerySet

from keju.kernel.offices.models import Kind, Office
from keju.rulebook.words import Words


@cache
def office(code: str) -> Office:
    """The office of that code; `Office.DoesNotExist` if there is none. Cached: the tree changes with a restart."""
    point, dash, number = code.partition("-")
    return (
        _site(Office.objects.get(code=point, kind=Kind.POINT), number)
        if dash
        else Office.objects.get(code=code)
    )


def _site(point: Office, number: str) -> Office:
    """The body at a point's site of that number, which is a part of the point in whatever school it is that year."""
    if not (number.isascii() and number.isdigit() and len(number) == 2):
        raise Office.DoesNotExist
    return Office(
        code=f"{point.code}-{number}",
        path=f"{point.path}{number}/",
        kind=Kind.SITE,
        name_zh=f"{point.name_zh}{number}号考试地点",
        name_en=f"{point.name_en}, site {number}",
        parent=point,
    )


def names(codes: Iterable[str]) -> dict[str, Words]:
    """Code → name of these offices and sites, in one look at the tree; what there is no such office of is not there."""
    wanted = set(codes)
    known = {o.code: o for o in Office.objects.filter(code__in={code.partition("-")[0] for code in wanted})}
    found = {code: known[code].name for code in wanted & known.keys()}
    for code in wanted - found.keys():
        point, dash, number = code.partition("-")
        if dash and point in known:
            found[code] = _site(known[point], number).name
    return found


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
    """ "1101-01" → "/11/1101/01/"; "1101" → "/11/1101/"; "11" → "/11/"; a national body → "/"."""
    point, dash, number = code.partition("-")
    if dash:
        return f"{path_of(point)}{number}/"
    if not code.isdigit():
        return "/"
    return f"/{code}/" if len(code) == 2 else f"/{code[:2]}/{code}/"


_ABOVE = {"centre": "office", "office": "committee"}


def ladder(code: str) -> list[str]:
    """The offices above, nearest first: 1101 → 11, centre, office, committee."""
    if "-" in code:
        return [code[:4], *ladder(code[:4])]
    above = code[:2] if code.isdigit() and len(code) > 2 else "centre" if code.isdigit() else _ABOVE.get(code)
    return [] if above is None else [above, *ladder(above)]
