"""Secret stores: what each still lacks before papers may come in, who answers for it, and how early they may come."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from keju.kernel.accounts.models import Person
from keju.kernel.accounts.queries import HUMAN
from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import CHINA
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import office
from keju.rulebook import Refusal
from keju.rulebook.model import CheckItem
from keju.rulebook.words import Words, t
from keju.stages.custody.models import Acceptance, KeyStep, Store, StoreCheck, StoreLeave, StorePerson
from keju.stages.custody.params import Params
from keju.stages.custody.queries.guards import guards_of
from keju.stages.custody.queries.naming import names_places
from keju.stages.custody.rules import stores as rules
from keju.stages.custody.rules.keeping import CABINET, DOOR_A, DOOR_B, KeyNow
from keju.stages.custody.rules.places import Spot
from keju.stages.custody.rules.stores import Ready
from keju.stages.custody.rules.watching import unwatched
from keju.stages.staffing import queries as staffing

NATION = Actor.system("custody")
AHEAD = timedelta(days=1)
"""So far ahead a store must be guarded before papers come in; its roster is published for all hours (V12.2.4)."""


@dataclass(frozen=True)
class Standing:
    """A store with everything that its page shows of its fitness. `entries`: item → its entries, the last first."""

    store: Store
    ready: Ready
    against: list[Refusal]
    acceptance: Acceptance | None
    entries: Mapping[str, list[StoreCheck]]


def items(exam: Exam) -> tuple[CheckItem, ...]:
    """The standard of a store (V12.2.3), in the programme's words."""
    return tuple(i for i in exams.programme(exam).checklist if i.of == "store")


def stores(exam: Exam, *, viewer: Actor) -> QuerySet[Store]:
    """The stores of the viewer's offices, by office."""
    path = viewer.office_path or "-"
    found = Store.objects.filter(exam=exam, office_path__gte=path, office_path__lt=path + "~")
    return found.order_by("office_path", "pk")


def store(exam: Exam, store_id: int, *, viewer: Actor) -> Store:
    """One of the viewer's; `NotPermitted` (hidden) otherwise."""
    found = stores(exam, viewer=viewer).filter(pk=store_id).first()
    if found is None:
        raise NotPermitted(hidden=True)
    return found


def of_office(exam: Exam, office_code: str) -> list[Store]:
    """The stores of that office itself, whoever asks: where papers may be sent."""
    with acting(NATION):
        return list(Store.objects.filter(exam=exam, office_code=office_code).order_by("pk"))


@names_places(Spot.STORE)
def store_names(exam: Exam, keys: Collection[str]) -> Mapping[str, Words]:
    """Store id as text → its name: a store's name is no secret to who may see what lies in it."""
    with acting(NATION):
        found = Store.objects.filter(exam=exam, pk__in=[int(key) for key in keys if key.isdecimal()])
        return {str(pk): t(name, name) for pk, name in found.values_list("pk", "name")}


def receivable(exam: Exam, store_id: int, at: datetime) -> list[Refusal]:
    """What stands against papers coming into the store now (V12.1-V12.2.4); nothing if they may."""
    return receivable_many(exam, [store_id], at)[store_id]


def receivable_many(exam: Exam, store_ids: Collection[int], at: datetime) -> dict[int, list[Refusal]]:
    """As `receivable`, of many stores in a fixed number of statements. NotPermitted (hidden) for one that there is not."""
    found = standings(exam, store_ids, at)
    if len(found) < len(set(store_ids)):
        raise NotPermitted(hidden=True)
    return {pk: one.against for pk, one in found.items()}


def standings(exam: Exam, store_ids: Collection[int], at: datetime) -> dict[int, Standing]:
    """Store → how it stands, of those that there are."""
    if not store_ids:
        return {}
    with acting(NATION):
        rows = list(Store.objects.filter(exam=exam, pk__in=list(store_ids)).order_by("pk"))
        return {one.store.pk: one for one in _standings(exam, rows, at)}


def _standings(exam: Exam, rows: Sequence[Store], at: datetime) -> Iterable[Standing]:
    ids = [row.pk for row in rows]
    accepted = last(Acceptance.objects.filter(store__in=ids).order_by("store_id", "-pk").distinct("store_id"))
    checks: dict[tuple[int, str], list[StoreCheck]] = defaultdict(list)
    for check in StoreCheck.objects.filter(store__in=ids).order_by("-pk"):
        checks[check.store_id, check.item].append(check)
    named, keys = roles_now(ids), keys_now(ids)
    officers = officers_of(exam, {row.office_code for row in rows})
    guards = guards_of(exam, rows, at, at + AHEAD)
    standard = items(exam)
    words = {item.code: item.words for item in standard}
    for row in rows:
        mine, locks = named[row.pk], keys[row.pk]
        entries = {item.code: checks[row.pk, item.code] for item in standard}
        ready = Ready(
            name=row.name,
            is_rented=row.is_rented,
            has_lease=row.lease != "",
            has_agreement=row.agreement != "",
            accepted=row.pk in accepted,
            withdrawers=len(mine[rules.WITHDRAW]),
            items={code: (found[0].settled if found else None) for code, found in entries.items()},
            responsible=next(iter(mine[rules.RESPONSIBLE]), None),
            receiver=next(iter(mine[rules.RECEIVER]), None),
            door=(holders(locks, DOOR_A), holders(locks, DOOR_B)),
            cabinet=holders(locks, CABINET),
            officers=frozenset(officers.get(row.office_code, ())),
            unguarded=unwatched([(at, _until(at, [g.hours for g in guards[row.pk]]))], [g.hours for g in guards[row.pk]]),
        )  # fmt: skip
        against = list(rules.check_receivable(ready, words))
        yield Standing(row, ready, against, accepted.get(row.pk), entries)


def _until(at: datetime, shifts: Sequence[rules.Hours]) -> datetime:
    """A day ahead, or the end of the last shift: the roster's own hours may end sooner. A minute at least."""
    ends = max((ends for _, ends in shifts), default=at)
    return max(min(at + AHEAD, ends), at + timedelta(minutes=1))


def last(rows: Iterable[Any]) -> dict[int, Any]:
    """Store → its row."""
    return {row.store_id: row for row in rows}


def holders(keys: Sequence[KeyNow], lock: str) -> frozenset[int]:
    return frozenset(k.human for k in keys if k.lock == lock and k.human is not None)


def roles_now(store_ids: Collection[int]) -> dict[int, dict[str, set[int]]]:
    """Store → role → the humans named now."""
    found: dict[int, dict[str, set[int]]] = {pk: {role: set() for role in rules.ROLES} for pk in store_ids}
    rows = StorePerson.objects.filter(store__in=list(store_ids), ended_at=None)
    people = list(rows.values_list("store_id", "role", "person_id"))
    humans = humans_by_person(person for _, _, person in people)
    for pk, role, person in people:
        found[pk][role].add(humans[person])
    return found


def key_steps(store_ids: Collection[int]) -> list[KeyStep]:
    """The last step of every key of these stores, by lock and label."""
    rows = KeyStep.objects.filter(store__in=list(store_ids)).select_related("holder")
    return list(rows.order_by("store_id", "lock", "label", "-number").distinct("store_id", "lock", "label"))


def keys_now(store_ids: Collection[int]) -> dict[int, list[KeyNow]]:
    """Store → where its keys are, by human."""
    steps = key_steps(store_ids)
    humans = humans_by_person(step.holder_id for step in steps)
    found: dict[int, list[KeyNow]] = {pk: [] for pk in store_ids}
    for step in steps:
        human = humans[step.holder_id] if step.holder_id else None
        found[step.store_id].append(KeyNow(step.lock, step.label, step.act, human))
    return found


def humans_by_person(person_ids: Iterable[int | None]) -> dict[int, int]:
    """Person → the human behind the entry (ADR 19)."""
    with acting(NATION):
        rows = Person.objects.filter(pk__in={pk for pk in person_ids if pk is not None})
        return dict(rows.values_list("pk", HUMAN))


def people_named(person_ids: Iterable[int]) -> dict[int, str]:
    """Person → name, wherever they belong; who there is none of is not there."""
    with acting(NATION):
        return dict(Person.objects.filter(pk__in=set(person_ids)).values_list("pk", "name"))


def officers_of(exam: Exam, office_codes: Collection[str]) -> dict[str, set[int]]:
    """Office → its confidential officers in force, by human."""
    posts = [post.code for post in exams.programme(exam).posts if post.rule == "V2.6"]
    with acting(NATION):
        rows = list(
            staffing.appointments_in_force(exam, "/")
            .filter(office_code__in=list(office_codes), post__in=posts, substitute=False)
            .values_list("office_code", "member__person_id")
        )
    humans = humans_by_person(person for _, person in rows)
    found: dict[str, set[int]] = defaultdict(set)
    for code, person in rows:
        found[code].add(humans[person])
    return found


def earliest(exam: Exam, rows: Sequence[Store]) -> dict[int, date | None]:
    """Store → the first day on which papers may be there (V12.3); None where nothing limits it or the day is unknown."""
    most = exams.params(exam, Params).keep_days_max
    with acting(NATION):
        leaves: dict[int, date] = {}
        for pk, day in StoreLeave.objects.filter(store__in=[r.pk for r in rows]).values_list(
            "store_id", "from_on"
        ):
            leaves[pk] = min(day, leaves.get(pk, day))
    days = exam_days(exam, {row.office_path for row in rows})
    found: dict[int, date | None] = {}
    for row in rows:
        day = days.get(row.office_path)
        limited = str(office(row.office_code).kind) == "point" and day is not None
        found[row.pk] = rules.first_day(day, most, leaves.get(row.pk)) if limited and day else None
    return found


def not_too_early(exam: Exam, store_id: int, planned: datetime) -> list[Refusal]:
    """What stands against a receipt into the store planned for that moment (V12.3); nothing if it may be."""
    with acting(NATION):
        row = Store.objects.filter(exam=exam, pk=store_id).first()
        if row is None:
            raise NotPermitted(hidden=True)
        leaves = StoreLeave.objects.filter(store=row).values_list("from_on", flat=True)
        allowed = min(leaves, default=None)
    day = exam_days(exam, [row.office_path]).get(row.office_path)
    most = exams.params(exam, Params).keep_days_max
    kind = str(office(row.office_code).kind)
    return list(rules.check_not_too_early(kind, planned.astimezone(CHINA).date(), day, most, allowed))


def exam_days(exam: Exam, paths: Collection[str]) -> dict[str, date]:
    """Office path → its day of the exam, where it is known."""
    found = exams.milestone_by_office(exam, "exam_day", paths)
    return {path: when.astimezone(CHINA).date() for path, when in found.items()}


def acceptances(row: Store) -> list[Acceptance]:
    return list(Acceptance.objects.filter(store=row).order_by("-pk"))


def named(row: Store) -> list[StorePerson]:
    """Everybody who is or was named for the store, those of now first."""
    with acting(NATION):
        found = list(StorePerson.objects.filter(store=row).select_related("person").order_by("role", "-pk"))
    return sorted(found, key=lambda p: p.ended_at is not None)


def file_of(row: Store, sha: str) -> None:
    """`NotPermitted` (hidden) unless the file belongs to the store: a scan of its papers, or a photo of an entry."""
    checks = StoreCheck.objects.filter(store=row)
    mine = (
        sha in {row.lease, row.agreement} - {""}
        or Acceptance.objects.filter(store=row, scan=sha).exists()
        or (
            checks.filter(photos__contains=[{"sha": sha}]) | checks.filter(photos__contains=[{"thumb": sha}])
        ).exists()
    )
    if not mine:
        raise NotPermitted(hidden=True)


@dataclass(frozen=True)
class Candidate:
    """Somebody who may be named for a store or given a key: a post in force at its office."""

    person_id: int
    name: str
    posts: tuple[str, ...]
    permanent: bool


def candidates(exam: Exam, office_code: str) -> list[Candidate]:
    """Everybody with a post in force at that office itself, by name."""
    with acting(NATION):
        rows = (
            staffing.appointments_in_force(exam, "/")
            .filter(office_code=office_code)
            .values_list("member__person_id", "member__person__name", "post", "member__permanent")
        )
        held: dict[int, tuple[str, list[str], bool]] = {}
        for person, name, post, permanent in rows.order_by("member__person__name", "pk"):
            held.setdefault(person, (name, [], permanent))[1].append(post)
    return [Candidate(pk, name, tuple(posts), permanent) for pk, (name, posts, permanent) in held.items()]
