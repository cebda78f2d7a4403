"""Where a row is mended, and by whom."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

from django.urls import NoReverseMatch, resolve, reverse

from keju.kernel.accounts.permissions import ROLES, Role
from keju.kernel.offices import Actor
from keju.kernel.readiness.registry import Row
from keju.rulebook.words import Words

NATIONAL = frozenset({"committee", "office", "centre"})


@dataclass(frozen=True, slots=True)
class Mending:
    """`url` opens the page for this viewer, "" where the viewer may not mend it; `who`: the roles that may."""

    url: str = ""
    who: tuple[Words, ...] = ()


def roles_of(row: Row) -> tuple[Words, ...]:
    """The roles that mend the row: by the permission that it names, else by that of its page."""
    permission = row.mends or _door(row)
    return roles_for(permission, row.office_path.count("/")) if permission else ()


def mending(row: Row, *, exam_slug: str, viewer: Actor) -> Mending:
    """How the row is mended, as the viewer finds it. A page that is not installed leads nowhere."""
    url = address(row, exam_slug)
    door = _door(row)
    permission = row.mends or door
    may = viewer.may(door) and viewer.may(permission) and row.office_path.startswith(viewer.office_path)
    return Mending(url if url and may else "", roles_of(row))


def address(row: Row, exam_slug: str) -> str:
    """The page that mends the row; "" where it names none, or one that is not installed."""
    return _address(row.url, exam_slug, tuple(row.kwargs.items())) if row.url else ""


@lru_cache(10_000)
def _address(name: str, exam_slug: str, kwargs: tuple[tuple[str, object], ...]) -> str:
    """Of the code alone, and a board asks for the same hundred every half minute."""
    try:
        return reverse(name, kwargs={"exam": exam_slug, **dict(kwargs)})
    except NoReverseMatch:
        return ""


_doors: dict[str, str] = {}


def _door(row: Row) -> str:
    """The permission that opens the row's page: of the code, so it is looked for once a name."""
    if row.url not in _doors:
        url = address(row, "exam")
        if not url:
            return ""
        _doors[row.url] = str(getattr(resolve(url).func, "permission", ""))
    return _doors[row.url]


@cache
def roles_for(permission: str, depth: int) -> tuple[Words, ...]:
    """The roles that hold the permission at an office of this depth of path; where none does, those just above."""
    for asked in range(depth, 0, -1):
        found = tuple(
            role.name for role in ROLES.values() if permission in role.permissions and _sits(asked)(role)
        )
        if found:
            return found
    return ()


def _sits(depth: int) -> Callable[[Role], bool]:
    kinds = {1: NATIONAL, 2: {"region"}, 3: {"point"}, 4: {"site", "point"}}[depth]
    return lambda role: bool(kinds & {str(kind) for kind in role.at})
