"""Who has declared, who is barred, what was found: candidates' data only as far as the viewer may see the registration."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from keju.algorithms.identity import mask
from keju.kernel.accounts.queries import staff_names
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.rulebook.words import Words
from keju.stages.registration import queries as registration
from keju.stages.staffing.models import (
    LIVING,
    Accountability,
    Appointment,
    Decision,
    Declaration,
    Hit,
    Relative,
)
from keju.stages.staffing.models.recusal import OWN
from keju.stages.staffing.rules.recusal import RELATION_WORDS

NATION = Actor.system("recusal")
BARRING = ("open", "upheld")
SITS = ("submitted", "confirmed")
PAGE = 50


def blocked_members(exam: Exam) -> set[int]:
    """Members of the scope, and those who serve in it, with a hit that bars."""
    return set(Hit.objects.filter(exam=exam, state__in=BARRING).values_list("member_id", flat=True))


def barred(exam: Exam) -> Q:
    """For appointments: barred by a hit where the post wants recusal, or by the employer where it is closed to the sector."""
    posts = exams.programme(exam).posts
    wants = [p.code for p in posts if p.needs.recusal]
    closed = [p.code for p in posts if p.needs.sector_ban]
    hit = Hit.objects.filter(exam=exam, state__in=BARRING, member_id=OuterRef("member_id"))
    return Q(Exists(hit), post__in=wants) | Q(member__in_sector=True, post__in=closed)


def undeclared(exam: Exam, path: str) -> QuerySet[Appointment]:
    """Living appointments at and under the path to posts that want recusal, of members who have not declared."""
    wants = [p.code for p in exams.programme(exam).posts if p.needs.recusal]
    said = Declaration.objects.filter(exam=exam, member_id=OuterRef("member_id"))
    return Appointment.objects.filter(
        ~Exists(said),
        exam=exam,
        post__in=wants,
        state__in=LIVING,
        office_path__gte=path,
        office_path__lt=path + "~",
    )


def standing(exam: Exam, path: str) -> list[tuple[str, int, int]]:
    """(office path, living appointments whose holder is barred, those whose holder has not declared), every office with any."""
    wants = [p.code for p in exams.programme(exam).posts if p.needs.recusal]
    found = Appointment.objects.filter(
        exam=exam, post__in=wants, state__in=LIVING, office_path__gte=path, office_path__lt=path + "~"
    )
    with acting(NATION):
        hit = Hit.objects.filter(exam=exam, state__in=BARRING, member_id=OuterRef("member_id"))
        said = Declaration.objects.filter(exam=exam, member_id=OuterRef("member_id"))
        counts = found.values("office_path").annotate(
            barred=Count("pk", filter=Exists(hit)), silent=Count("pk", filter=~Exists(said))
        )
        return [(row["office_path"], row["barred"], row["silent"]) for row in counts.order_by("office_path")]


def numbers(exam: Exam, member_ids: Sequence[int]) -> dict[int, int]:
    """Member → the number of the last declaration."""
    found = Declaration.objects.filter(exam=exam, member_id__among=member_ids).values("member_id")
    return {row["member_id"]: row["last"] for row in found.annotate(last=Max("number"))}


def unreported(exam: Exam) -> QuerySet[Hit]:
    """Hits not on record yet, of members who hold a post."""
    held = Appointment.objects.filter(exam=exam, member_id=OuterRef("member_id"), state__in=LIVING)
    return Hit.objects.filter(Exists(held), exam=exam, reported_at=None, state="open")


def sits(hit: Hit) -> bool:
    """Whether the candidate is still registered under the watched number. In the nation's scope."""
    same = bytes(hit.registration.identity_index) == bytes(hit.watch.identity_index)
    return same and hit.registration.state in SITS


@dataclass(frozen=True)
class HitRow:
    """A hit as its office sees it. `candidate`: the registration where the viewer may see the registration."""

    id: int
    version: int
    state: str
    cause: str
    member_id: int
    member: str
    employer: str
    office_path: str
    posts: tuple[tuple[str, str], ...]
    relation: Words
    own: bool
    sits: bool
    candidate: registration.Row | None
    reported_at: datetime | None
    decisions: tuple[tuple[Decision, str], ...]


def hits(
    *,
    viewer: Actor,
    exam: Exam,
    state: str = "open",
    after: int = 0,
    member_id: int | None = None,
    size: int = PAGE,
) -> list[HitRow]:
    """The next hits of the viewer's offices after the id: of one state, or all (""); of one member, if asked."""
    path = viewer.office_path or "-"
    found = Hit.objects.filter(exam=exam, pk__gt=after, office_path__gte=path, office_path__lt=path + "~")
    found = found.filter(state=state) if state else found
    found = found.filter(member_id=member_id) if member_id is not None else found
    rows = list(found.select_related("member__person").order_by("pk")[:size])
    return _shown(viewer, exam, rows)


def hit(*, viewer: Actor, exam: Exam, hit_id: int) -> HitRow:
    """One hit of the viewer's offices; `Hit.DoesNotExist` otherwise."""
    path = viewer.office_path or "-"
    found = Hit.objects.select_related("member__person")
    row = found.get(exam=exam, pk=hit_id, office_path__gte=path, office_path__lt=path + "~")
    return _shown(viewer, exam, [row])[0]


def _shown(viewer: Actor, exam: Exam, rows: Sequence[Hit]) -> list[HitRow]:
    ids = [h.registration_id for h in rows]
    may = viewer.may("registration:list:read")
    seen = registration.rows_of(viewer=viewer, exam=exam, ids=ids) if ids and may else {}
    sitting, posts = _nationwide(exam, rows)
    decisions: dict[int, list[Decision]] = {}
    for d in Decision.objects.filter(hit_id__in=[h.pk for h in rows]).order_by("pk"):
        decisions.setdefault(d.hit_id, []).append(d)
    names = staff_names({d.made_by for ds in decisions.values() for d in ds})
    return [
        HitRow(
            id=h.pk,
            version=h.version,
            state=h.state,
            cause=h.cause,
            member_id=h.member_id,
            member=h.member.person.name,
            employer=h.member.person.employer,
            office_path=h.office_path,
            posts=tuple(posts.get(h.member_id, ())),
            relation=RELATION_WORDS.get(h.relation, RELATION_WORDS["interested"]),
            own=h.relation == OWN,
            sits=h.pk in sitting,
            candidate=seen.get(h.registration_id),
            reported_at=h.reported_at,
            decisions=tuple((d, names.get(d.made_by, d.made_by)) for d in decisions.get(h.pk, ())),
        )
        for h in rows
    ]


def _nationwide(exam: Exam, rows: Sequence[Hit]) -> tuple[set[int], dict[int, list[tuple[str, str]]]]:
    """Of these hits those whose candidate still sits; member → (post, office) of the living appointments."""
    posts: dict[int, list[tuple[str, str]]] = {}
    with acting(NATION):
        full = Hit.objects.select_related("registration", "watch").filter(pk__in=[h.pk for h in rows])
        sitting = {h.pk for h in full if sits(h)}
        held = Appointment.objects.filter(
            exam=exam, member_id__in={h.member_id for h in rows}, state__in=LIVING
        )
        for member_id, post, code in held.order_by("pk").values_list("member_id", "post", "office_code"):
            posts.setdefault(member_id, []).append((post, code))
    return sitting, posts


def hit_counts(*, viewer: Actor, exam: Exam) -> dict[str, int]:
    """State → hits of the viewer's offices."""
    path = viewer.office_path or "-"
    found = Hit.objects.filter(exam=exam, office_path__gte=path, office_path__lt=path + "~")
    return {row["state"]: row["n"] for row in found.values("state").annotate(n=Count("pk"))}


@dataclass(frozen=True)
class RelativeRow:
    """A relative as the home office sees one: the number masked."""

    relation: Words
    name: str
    identity_masked: str


@dataclass(frozen=True)
class Declared:
    """A declaration with its relatives, as far as the scope shows them."""

    row: Declaration
    by: str
    relatives: tuple[RelativeRow, ...]


def declarations(exam: Exam, member_id: int) -> list[Declared]:
    """What the member has declared for the exam, newest first; relatives only where the viewer is the home office or above."""
    rows = list(Declaration.objects.filter(exam=exam, member_id=member_id).order_by("-number"))
    relatives: dict[int, list[RelativeRow]] = {}
    for r in Relative.objects.filter(declaration_id__in=[d.pk for d in rows]).order_by("pk"):
        words = RELATION_WORDS.get(r.relation, RELATION_WORDS["interested"])
        relatives.setdefault(r.declaration_id, []).append(RelativeRow(words, r.name, mask(r.identity)))
    names = staff_names({d.made_by for d in rows})
    return [Declared(d, names.get(d.made_by, d.made_by), tuple(relatives.get(d.pk, ()))) for d in rows]


def declared_members(exam: Exam, member_ids: Collection[int]) -> set[int]:
    """Of these members those who have declared, wherever their home office is."""
    with acting(NATION):
        found = Declaration.objects.filter(exam=exam, member_id__in=member_ids)
        return set(found.values_list("member_id", flat=True))


def names_undeclared(exam: Exam, appointments: Collection[Appointment]) -> list[str]:
    """Of whom these appointments to posts that want recusal cannot be accepted yet."""
    wants = {p.code for p in exams.programme(exam).posts if p.needs.recusal}
    asked = [a for a in appointments if a.post in wants]
    declared = declared_members(exam, {a.member_id for a in asked})
    return [a.member.person.name for a in asked if a.member_id not in declared]


def accountabilities(exam: Exam, *, viewer: Actor) -> list[Accountability]:
    """Who of the viewer's offices was held to account, newest first."""
    found = Accountability.objects.filter(exam=exam, office_path__startswith=viewer.office_path or "-")
    return list(found.select_related("member__person").order_by("-pk")[:200])
