"""Hints to relatives nobody declared, as the office of the place sees them; candidates only as far as the viewer may."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, QuerySet

from keju.kernel.accounts.queries import staff_names
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.stages.registration import queries as registration
from keju.stages.staffing.models import LIVING, Appointment, Hint, HintAnswer, HintLook, Member

PAGE = 50
NATION = Actor.system("recusal")


def under(by: Actor) -> dict[str, str]:
    path = by.office_path or "-"
    return {"office_path__gte": path, "office_path__lt": path + "~"}


def place_of(office_path: str) -> str:
    """The region or point whose candidates count for a post at this path: "/13/1301/" for a site of it; "" for the nation."""
    parts = office_path.strip("/").split("/")
    return f"/{'/'.join(parts[:2])}/" if parts[0] else ""


def places(exam: Exam, path: str) -> list[str]:
    """Every region and point at and under the path where somebody serves in a post that wants recusal."""
    found = _held(exam).filter(office_path__gte=path or "-", office_path__lt=(path or "-") + "~")
    there = {place_of(p) for p in found.values_list("office_path", flat=True).distinct()}
    return sorted(there - {""})


def due_place(exam: Exam, *, before: datetime) -> str | None:
    """The place that was never looked at or longest ago, before the moment; None if none is due. In the nation's scope."""
    looked = dict(HintLook.objects.filter(exam=exam).values_list("office_path", "looked_at"))
    due = [p for p in places(exam, "/") if (last := looked.get(p)) is None or last <= before]
    return min(
        due, key=lambda p: (looked.get(p) or datetime.min.replace(tzinfo=before.tzinfo), p), default=None
    )


def serving(exam: Exam, place: str) -> list[Member]:
    """Who serves at the place or below, in a post that wants recusal; of a region its own posts alone."""
    held = _held(exam).filter(office_path__gte=place, office_path__lt=place + "~")
    ids = {m for m, p in held.values_list("member_id", "office_path") if place_of(p) == place}
    with acting(NATION):
        return list(Member.objects.select_related("person").filter(pk__in=ids).order_by("pk"))


@dataclass(frozen=True)
class HintRow:
    """A hint as its office sees it. `candidates`: those of the first that the viewer may see; `open`: not answered yet."""

    id: int
    version: int
    kind: str
    count: int
    open: bool
    member_id: int
    member: str
    employer: str
    office_path: str
    found_at: datetime
    candidates: tuple[registration.Row, ...]
    answers: tuple[tuple[HintAnswer, str], ...]


def hints(
    *, viewer: Actor, exam: Exam, open_only: bool = True, after: int = 0, size: int = PAGE
) -> list[HintRow]:
    """The next hints of the viewer's offices after the id: those to be answered, or all that stand."""
    found = _standing(viewer, exam).filter(pk__gt=after)
    found = found.filter(_OPEN) if open_only else found
    return _shown(viewer, exam, list(found.select_related("member__person").order_by("pk")[:size]))


def hint(*, viewer: Actor, exam: Exam, hint_id: int) -> HintRow:
    """One hint of the viewer's offices; `Hint.DoesNotExist` otherwise."""
    row = Hint.objects.select_related("member__person").get(exam=exam, pk=hint_id, **under(viewer))
    return _shown(viewer, exam, [row])[0]


def open_count(*, viewer: Actor, exam: Exam) -> int:
    """How many hints of the viewer's offices are to be answered."""
    return _standing(viewer, exam).filter(_OPEN).count()


_OPEN = Q(count__gt=F("seen_count"))


def _standing(viewer: Actor, exam: Exam) -> QuerySet[Hint]:
    return Hint.objects.filter(exam=exam, count__gt=0, **under(viewer))


def _held(exam: Exam) -> QuerySet[Appointment]:
    wants = [p.code for p in exams.programme(exam).posts if p.needs.recusal]
    return Appointment.objects.filter(exam=exam, state__in=LIVING, post__in=wants)


def _shown(viewer: Actor, exam: Exam, rows: Collection[Hint]) -> list[HintRow]:
    ids = [pk for h in rows for pk in h.registrations]
    may = viewer.may("registration:list:read")
    seen = registration.rows_of(viewer=viewer, exam=exam, ids=ids) if ids and may else {}
    answers: dict[int, list[HintAnswer]] = {}
    for one in HintAnswer.objects.filter(hint__in=[h.pk for h in rows]).order_by("pk"):
        answers.setdefault(one.hint_id, []).append(one)
    names = staff_names({a.made_by for found in answers.values() for a in found})
    return [
        HintRow(
            h.pk, h.version, h.kind, h.count, h.count > h.seen_count, h.member_id, h.member.person.name,
            h.member.person.employer, h.office_path, h.found_at,
            tuple(seen[pk] for pk in h.registrations if pk in seen),
            tuple((a, names.get(a.made_by, a.made_by)) for a in answers.get(h.pk, ())),
        )
        for h in rows
    ]  # fmt: skip
