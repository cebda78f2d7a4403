"""How papers stand, site by site and leg by leg, for the readiness board: each in one statement a look."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q

from keju.kernel.exams import clearing
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.looking import once_a_look
from keju.rulebook.model import Post
from keju.stages.custody.models import Case, CustodyException, Handover, Isolation, Journey, JourneyCrew
from keju.stages.custody.models.journeys import CANCELLED, LIVING, UNDER_WAY
from keju.stages.custody.params import Params
from keju.stages.custody.queries.journeys import overdue_since, silence_of
from keju.stages.staffing import queries as staffing

NATION = Actor.system("custody")
# Bags by what they are for and where they are; a bag in a box is where the box is. Rooms only of one site.
LYING = """
SELECT c.site_code, h.office_path, c.session, {room}, c.kind, coalesce(o.custodian, h.custodian),
  split_part(coalesce(o.place, h.place), ':', 1), count(*)::int, count(DISTINCT c.room)::int,
  (count(*) FILTER (WHERE h.frozen))::int, sum(h.inside + h.out + h.used + h.unused)::int, sum(h.out)::int, sum(h.missing)::int
FROM custody_holding h
JOIN custody_container c ON c.id = h.container_id
LEFT JOIN custody_holding o ON o.container_id = h.parent_id
WHERE h.exam_id = %s AND h.office_path >= %s AND h.office_path < %s || '~' AND c.kind IN ('bag', 'spare_bag', 'card_bag')
GROUP BY 1, 2, 3, 4, 5, 6, 7
"""
# Rooms whose bags were issued, counted back, and counted with a difference that nobody explained; bags looked at, by room.
SEAL_ROOMS = """
SELECT r.site_code, r.session,
  ARRAY(SELECT i.room::int FROM custody_issue i WHERE i.seal_room_id = r.id),
  ARRAY(SELECT j.room::int FROM custody_joint_count j WHERE j.seal_room_id = r.id),
  ARRAY(SELECT j.room::int FROM custody_joint_count j WHERE j.seal_room_id = r.id AND j.differences <> '[]'
    AND NOT EXISTS (SELECT FROM custody_count_finding f WHERE f.joint_count_id = j.id)),
  ARRAY(SELECT c.room::int FROM custody_container c WHERE c.room > 0 AND c.id IN
    (SELECT k.container_id FROM custody_seal_check k WHERE k.seal_room_id = r.id))
FROM custody_seal_room r
WHERE r.exam_id = %s AND r.office_path >= %s AND r.office_path < %s || '~'
"""


@dataclass(frozen=True, slots=True)
class Lot:
    """So many bags of a site's session, of one kind, with one keeper, in places of one kind, of so many rooms. `room`: 0 above
    a site and for spare bags. `left`: sheets that are neither defective, missing nor destroyed; `out`: taken out of their bag."""

    site: str
    office_path: str
    session: int
    room: int
    kind: str
    keeper: str
    spot: str
    bags: int
    rooms: int
    frozen: int
    left: int
    out: int
    missing: int

    @property
    def point(self) -> str:
        return self.site.partition("-")[0]


@once_a_look
def lots(exam: Exam, path: str, *, rooms: bool = False) -> Sequence[Lot]:
    """Every bag at and under the path; by room if asked. Empty before papers are made."""
    with acting(NATION), connection.cursor() as cursor:
        cursor.execute(LYING.format(room="c.room::int" if rooms else "0"), [exam.pk, path, path])
        return [Lot(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class InUse:
    """A site's seal room of a session that papers were drawn to: its rooms by how far they are."""

    issued: frozenset[int]
    counted: frozenset[int]
    unexplained: frozenset[int]
    looked_at: Mapping[int, int]


@once_a_look
def seal_rooms(exam: Exam, path: str) -> Mapping[tuple[str, int], InUse]:
    """(site, session) → its seal room, where papers were drawn."""
    with acting(NATION), connection.cursor() as cursor:
        cursor.execute(SEAL_ROOMS, [exam.pk, path, path])
        rows = cursor.fetchall()
    found = {}
    for site, session, issued, counted, unexplained, looked_at in rows:
        seen: dict[int, int] = defaultdict(int)
        for room in looked_at:
            seen[room] += 1
        found[site, session] = InUse(frozenset(issued), frozenset(counted), frozenset(unexplained), seen)
    return found


@dataclass(frozen=True, slots=True)
class Way:
    """A journey that was not called off. `overdue`, `silent`, `troubled`: what is wrong with one that is under way."""

    pk: int
    office_path: str
    receiver: str
    leg: str
    mode: str
    state: str
    depart_at: datetime
    arrive_at: datetime
    overdue: bool
    silent: bool
    troubled: bool


@once_a_look
def ways(exam: Exam, path: str, at: datetime) -> Sequence[Way]:
    """Every journey at and under the path, in the order in which they were planned."""
    figures = exams.params(exam, Params)
    rows = Journey.objects.filter(exam=exam, office_path__gte=path, office_path__lt=path + "~")
    return [
        Way(
            row.pk, row.office_path, row.receiver_code, row.leg, row.mode, row.state, row.depart_at, row.arrive_at,
            row.state == UNDER_WAY and overdue_since(row, at, figures) is not None,
            row.state == UNDER_WAY and silence_of(row, at, figures) is not None,
            row.state == UNDER_WAY and row.trouble_since is not None,
        )
        for row in rows.exclude(state=CANCELLED).order_by("pk")
    ]  # fmt: skip


def unfit(exam: Exam, rows: Iterable[Way]) -> dict[int, int]:
    """Journey that is still to arrive → how many of its people hold no post with papers in force, or are untrained for it."""
    ids = [row.pk for row in rows if row.state in LIVING]
    if not ids:
        return {}
    with acting(NATION):
        crews = list(JourneyCrew.objects.filter(journey_id__in=ids).values_list("journey_id", "person_id"))
    fit = _fit(exam, {person for _, person in crews})
    found = dict.fromkeys(ids, 0)
    for journey, person in crews:
        found[journey] += person not in fit
    return found


def _fit(exam: Exam, people: Collection[int]) -> set[int]:
    posts = {p.code: p for p in exams.programme(exam).posts if p.keeps_papers}
    with acting(NATION):
        held = staffing.appointments_in_force(exam, "/").filter(member__person_id__in=people, post__in=posts)
        pairs = list(held.values_list("member__person_id", "post"))
        passed = clearing.cleared(exam, {person for person, _ in pairs})
    return {person for person, post in pairs if _trained(posts[post], passed.get(person, set()))}


def _trained(post: Post, passed: Collection[str]) -> bool:
    return set(post.needs.training) <= set(passed)


def receipts(exam: Exam, path: str) -> list[tuple[str, str, int, datetime | None]]:
    """(office, its path, sheets that it owes to the office above, since when the first is counted or begun) of every office
    that took over papers with such a sheet, or is doing so."""
    rows = Handover.objects.filter(
        ~Q(receipt_to=""), exam=exam, office_path__gte=path, office_path__lt=path + "~"
    ).exclude(state="broken_off")
    found: dict[str, tuple[str, int, datetime | None]] = {}
    for code, where, sent, counted, begun in rows.values_list(
        "receiver_code", "office_path", "receipt_at", "counted_at", "begun_at"
    ):
        _, n, first = found.get(code, (where, 0, None))
        since = None if sent else counted or begun
        found[code] = (where, n + (sent is None), min(filter(None, (first, since)), default=None))
    return [(code, *facts) for code, facts in found.items()]


def exceptions(exam: Exam, path: str) -> dict[str, int]:
    """Office path → exceptions that nobody has instructed yet; 0 where all are."""
    rows = CustodyException.objects.filter(exam=exam, office_path__gte=path, office_path__lt=path + "~")
    open_ = Count("pk", filter=Q(instructed_at=None))
    return dict(rows.order_by().values_list("office_path").annotate(n=open_))


@once_a_look
def cases(exam: Exam, path: str) -> list[tuple[int, str, str, str, datetime, bool]]:
    """(number, office path, kind, state, reported at, whether questions lay open and nobody is kept apart) of every case."""
    rows = Case.objects.filter(exam=exam, office_path__gte=path, office_path__lt=path + "~")
    apart = Isolation.objects.filter(case_id=OuterRef("pk"))
    bare = rows.annotate(bare=Q(exposed=True) & ~Exists(apart))
    return list(bare.order_by("pk").values_list("pk", "office_path", "kind", "state", "reported_at", "bare"))


def staffed(
    exam: Exam, offices: Collection[str], posts: Collection[str]
) -> Mapping[tuple[str, str], set[int]]:
    """(office, post) → the persons who hold it there, in force. One statement."""
    found: dict[tuple[str, str], set[int]] = defaultdict(set)
    with acting(NATION):
        held = staffing.appointments_in_force(exam, "/").filter(office_code__in=offices, post__in=posts)
        for code, post, person in held.values_list("office_code", "post", "member__person_id"):
            found[code, post].add(person)
    return found
