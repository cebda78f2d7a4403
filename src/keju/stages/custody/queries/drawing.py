"""Papers drawn from the store: which containers, and the sites and sessions that the bags in them serve."""

from collections.abc import Collection
from dataclasses import dataclass

from keju.kernel.exams.models import Exam
from keju.kernel.offices.queries import path_of
from keju.stages.custody.models import Holding
from keju.stages.custody.queries.seal_room import starts
from keju.stages.custody.rules.containers import OUTER
from keju.stages.custody.rules.halfday import Served, sessions_beside
from keju.stages.custody.rules.places import Spot


@dataclass(frozen=True)
class Drawable:
    """A container in the store and what is in it: itself, where it is loose."""

    holding: Holding
    serves: list[Served]


def drawn(exam: Exam, container_ids: Collection[int]) -> dict[int, Drawable]:
    """Container → it and what it serves, of those in the scope."""
    held = {
        h.container_id: h
        for h in Holding.objects.select_related("container").filter(
            exam=exam, container_id__among=list(container_ids)
        )
    }
    inside: dict[int, list[Served]] = {}
    for h in Holding.objects.select_related("container").filter(exam=exam, parent_id__among=list(held)):
        inside.setdefault(h.parent_id or 0, []).append(_served(h))
    return {
        pk: Drawable(h, inside.get(pk, []) if h.container.kind in OUTER else [_served(h)])
        for pk, h in held.items()
    }


def awaiting(exam: Exam, site_code: str, session: int) -> list[Drawable]:
    """What lies in stores and may be drawn for the site's half-day now: loose, or outer ones with nothing else in them."""
    path, together = path_of(site_code), sessions_beside(session, starts(exam))
    mine = Holding.objects.filter(
        exam=exam, office_path=path, container__site_code=site_code, container__session__in=together
    )
    loose = mine.filter(place__startswith=f"{Spot.STORE}:").values_list("container_id", flat=True)
    outers = mine.filter(parent__holding__place__startswith=f"{Spot.STORE}:").values_list(
        "parent_id", flat=True
    )
    found = drawn(exam, {*loose, *(pk for pk in outers if pk)})
    return [
        one
        for one in found.values()
        if all(s.site == site_code and s.session in together for s in one.serves)
    ]


def _served(h: Holding) -> Served:
    return Served(h.container.code, h.container.site_code, h.container.session)
