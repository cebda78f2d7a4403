"""The letters of bags, which bags fit what was read, who had them, and who asked. Letters are computed, stored nowhere."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from keju.algorithms.pagemarks import completions, mark_of
from keju.kernel.accounts.sealed import index_of
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook.words import Words
from keju.stages.custody.models import Case, Container, LookUp
from keju.stages.custody.queries.life import life
from keju.stages.custody.queries.naming import ACTS, place_names
from keju.stages.custody.rules.containers import number_of
from keju.stages.custody.rules.places import Spot
from keju.stages.custody.rules.tracing import Made, PaperCode, codes_of
from keju.stages.tickets import queries as tickets

PURPOSE = "custody page marks 1"
MOST_HOLDERS = 60


def _key(exam: Exam) -> bytes:
    """The exam's key to its letters, from the installation's index key: not in the database, not in a dump of it."""
    return index_of(exam.slug, PURPOSE)


def mark(exam: Exam, number: int) -> str:
    """The letters on every page of the bag with this number; 0 is the specimen's."""
    return mark_of(_key(exam), number)


def numbers(exam: Exam, partly: str) -> list[int]:
    """The numbers whose letters fit, "?" for what was not readable; of bags that exist or not."""
    return list(completions(_key(exam), partly)) if partly else []


def fitting(
    exam: Exam, read: Sequence[PaperCode], *, viewer: Actor
) -> dict[PaperCode, tuple[list[int], list[Made]]]:
    """For each: the numbers whose letters fit, and the viewer's bags with one of them or with the code that was read."""
    found = {one: numbers(exam, one.mark) for one in read}
    wanted = {code for ns in found.values() for n in ns for code in codes_of(n)} | {one.bag for one in read}
    path = viewer.office_path or "-"
    rows = Container.objects.filter(
        exam=exam, code__in=wanted, first_serial__gt=0, office_path__gte=path, office_path__lt=path + "~"
    )
    bags = [Made(number_of(c.code), c.code, c.first_serial, c.last_serial) for c in rows.order_by("code")]
    return {one: (ns, [b for b in bags if b.number in ns or b.code == one.bag]) for one, ns in found.items()}


def bags(exam: Exam, path: str) -> QuerySet[Container]:
    """The bags of papers at and under the path, in order of their codes."""
    found = Container.objects.filter(
        exam=exam, first_serial__gt=0, office_path__gte=path, office_path__lt=path + "~"
    )
    return found.order_by("code")


@dataclass(frozen=True)
class Held:
    """From `since` until `until` (None: still) it lay there, in the custody of that office, answered for by that person."""

    since: datetime
    until: datetime | None
    act: Words
    place: Words
    custodian: str
    holder: str
    sealed: bool


def holders(exam: Exam, bag: Container) -> list[Held]:
    """Who had the bag when, the first one first, its outer container's moves included; what changed nothing is left out."""
    now_own = now_outer = None
    spans: list[tuple[datetime, Words, str, str, str, bool]] = []
    for moment in life(bag):
        if moment.outer is None:
            now_own, now_outer = moment.step, now_outer if moment.step.parent_id else None
        else:
            now_outer = moment.step
        at = now_outer if now_own is not None and now_own.parent_id and now_outer else now_own
        if at is None or now_own is None or not at.place:
            continue
        sealed = bool(now_own.seal or at.seal)
        row = (at.place, at.custodian, at.holder.name if at.holder else "", sealed)
        if not spans or spans[-1][2:] != row:
            spans.append((moment.step.at, ACTS[moment.step.act], *row))
    spans = spans[-MOST_HOLDERS:]
    ends: list[datetime | None] = [*(s[0] for s in spans[1:]), None]
    named = place_names(exam, (s[2] for s in spans))
    return [
        Held(since, None if place == Spot.DESTROYED else until, act, named[place], custodian, holder, sealed)
        for (since, act, place, custodian, holder, sealed), until in zip(spans, ends, strict=True)
    ]


@dataclass(frozen=True)
class Group:
    """The candidates of the bag's room: how many have a ticket for it, and the first and last number."""

    tickets: int
    first: str
    last: str


def group(exam: Exam, bag: Container, *, viewer: Actor) -> Group | None:
    """Who was to get the papers of the bag; None for a spare bag, or before there are tickets."""
    rooms = tickets.rooms(viewer=viewer, exam=exam, site_code=bag.site_code) if bag.room else []
    return next((Group(n, first, last) for _, number, n, first, last in rooms if number == bag.room), None)


def of_case(row: Case) -> list[LookUp]:
    """What was asked in the course of the case, as far as the scope shows, the newest first."""
    return list(row.look_ups.select_related("container").order_by("-pk")[:50])


def recent(exam: Exam, *, viewer: Actor, most: int = 20) -> list[LookUp]:
    """What the viewer's offices asked last."""
    path = viewer.office_path or "-"
    rows = LookUp.objects.filter(exam=exam, office_path__gte=path, office_path__lt=path + "~")
    return list(rows.select_related("container", "case").order_by("-pk")[:most])


def containers(exam: Exam, codes: Iterable[str]) -> dict[str, Container]:
    """Code → bag, of those in the scope."""
    wanted: Collection[str] = set(codes)
    return {c.code: c for c in Container.objects.filter(exam=exam, code__in=wanted)}
