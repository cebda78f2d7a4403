"""Who somebody is, what they hold, and the actor they make."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import BigIntegerField, Count, F, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from keju.algorithms.identity import Document
from keju.kernel.accounts.models import (
    Candidate,
    Joining,
    Login,
    LoginKind,
    Passkey,
    Person,
    Posting,
    Recovery,
    SigningSheet,
)
from keju.kernel.accounts.permissions import CANDIDATE_PERMISSIONS, ROLES
from keju.kernel.accounts.sealed import index_of
from keju.kernel.offices.actors import Actor
from keju.kernel.offices.scope import acting

IDENTITY = "identity"
HUMAN = Coalesce("human", "pk", output_field=BigIntegerField())
OWN_PERMISSIONS = frozenset(str(p) for p in CANDIDATE_PERMISSIONS)
ACCOUNT = "SELECT * FROM accounts_candidate WHERE id = %s AND login_id = %s"


@dataclass(frozen=True)
class Holding:
    """One posting as a person sees it: the office acted for and the role there."""

    posting_id: int
    office_code: str
    office_path: str
    role: str
    exam_slug: str
    starts_on: date
    ends_on: date | None


def identity_index(number: str) -> bytes:
    """The keyed index of an identity number: how a candidate is found without storing the number in clear."""
    return index_of(number, IDENTITY)


def document_index(document: Document) -> bytes:
    """The keyed index of an identity document, unique over kind, country and number.

    A number of GB 11643 is unique by itself, so its index is that of the number alone.
    """
    if document.is_numbered:
        return identity_index(document.number)
    return index_of(f"{document.kind}\0{document.country}\0{document.number}", IDENTITY)


def candidate_id_of(login: Login) -> int | None:
    """The candidate behind a sign-in. Opens a scope of its own: who signs in is not yet an actor."""
    if login.kind != LoginKind.CANDIDATE:
        return None
    with acting(Actor.system("sign-in")):
        return Candidate.objects.filter(login=login).values_list("pk", flat=True).first()


def own_account(candidate_id: int, login: Login) -> Candidate | None:
    """The account in its candidate's own scope, if it is that of the sign-in."""
    return next(iter(Candidate.objects.raw(ACCOUNT, [candidate_id, login.pk])), None)


def person_of(login: Login) -> Person | None:
    if login.kind != LoginKind.STAFF:
        return None
    with acting(Actor.system("sign-in")):
        return Person.objects.filter(login=login).first()


def holdings(person: Person, on: date, exam_slugs: Collection[str] | None = None) -> list[Holding]:
    """The postings in force on a day, of these exams ("": those for every exam) or all, by office and role."""
    with acting(Actor.system("sign-in")):
        found = Posting.objects.filter(person=person, starts_on__lte=on).filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=on)
        )
        if exam_slugs is not None:
            found = found.filter(exam_slug__in=exam_slugs)
        return [_holding(row) for row in found.order_by("office_path", "office_code", "role")]


def staff_of(
    login: Login, on: date, exam_slugs: Collection[str] | None = None
) -> tuple[Person | None, list[Holding]]:
    """`person_of` and their `holdings`, read in one scope: every page of the offices asks for both."""
    if login.kind != LoginKind.STAFF:
        return None, []
    with acting(Actor.system("sign-in")):
        person = person_of(login)
        return person, holdings(person, on, exam_slugs) if person else []


def actor_of(person: Person, holding: Holding) -> Actor:
    """The person acting for that office in that role."""
    return Actor(
        ref=f"person:{person.pk}",
        name=person.name,
        role=holding.role,
        office_code=holding.office_code,
        office_path=holding.office_path,
        person_id=person.pk,
        permissions=frozenset(str(p) for p in ROLES[holding.role].permissions),
    )


def candidate_actor(candidate: Candidate) -> Actor:
    return _as_candidate(candidate.pk, candidate.name)


def candidate_scope(candidate_id: int) -> Actor:
    """The candidate as the database knows one: the rows of that id, before anything of the account was read."""
    return _as_candidate(candidate_id, "")


def _as_candidate(candidate_id: int, name: str) -> Actor:
    return Actor(
        ref=f"candidate:{candidate_id}",
        name=name,
        role="candidate",
        candidate_id=candidate_id,
        permissions=OWN_PERMISSIONS,
    )


def people(*, viewer: Actor) -> QuerySet[Person]:
    """The staff of the viewer's offices."""
    return Person.objects.filter(office_path__startswith=viewer.office_path).order_by("office_path", "name")


def person(person_id: int) -> Person:
    """A member of staff in the scope; `Person.DoesNotExist` otherwise."""
    return Person.objects.select_related("login").get(pk=person_id)


@dataclass(frozen=True)
class SignedIn:
    """Somebody with a sign-in."""

    id: int
    name: str


def signed_in_by_index(indexes: Collection[bytes]) -> dict[bytes, SignedIn]:
    """Of these keyed indexes of identity numbers those of people with a sign-in, wherever in the nation."""
    with acting(Actor.system("people")):
        found = Person.objects.filter(identity_index__in=list(indexes), login__isnull=False)
        return {bytes(p.identity_index or b""): SignedIn(p.pk, p.name) for p in found}


def entries_of(person_id: int) -> list[Person]:
    """Every entry of the human behind this one, wherever in the nation, in id order."""
    with acting(Actor.system("people")):
        first = Person.objects.filter(pk=person_id).values_list(HUMAN)
        same = Q(human=Subquery(first)) | Q(pk=Subquery(first))
        return list(Person.objects.select_related("login").filter(same).order_by("pk"))


@dataclass(frozen=True)
class SheetStanding:
    """The living sheet of signing codes of a person: when it was made, how many codes are left of how many."""

    made_at: datetime
    left: int
    count: int


def signing_sheets(person_ids: Collection[int]) -> dict[int, SheetStanding]:
    """Person → their living sheet of signing codes, of those who have one."""
    with acting(Actor.system("signing")):
        found = SigningSheet.objects.filter(person_id__in=list(person_ids), voided_at=None)
        counted = found.annotate(n=Count("codes"), left=Count("codes", filter=Q(codes__used_at=None)))
        return {row.person_id: SheetStanding(row.made_at, row.left, row.n) for row in counted}


def with_devices(person_ids: Collection[int]) -> set[int]:
    """Of these people those who sign by the device of their sign-in, and so by no sheet."""
    with acting(Actor.system("signing")):
        found = Person.objects.filter(pk__in=list(person_ids), login__is_active=True)
        return set(found.filter(login__totpdevice__confirmed=True).values_list("pk", flat=True))


def own_ids(person_id: int | None) -> list[int]:
    """The ids of every entry of the human behind this one; none for nobody."""
    return [] if person_id is None else [p.pk for p in entries_of(person_id)]


def humans_of(person_ids: Iterable[int | None]) -> set[int]:
    """The humans behind these entries, each by one number; joined entries are one."""
    ids = {pk for pk in person_ids if pk is not None}
    with acting(Actor.system("people")):
        return set(Person.objects.filter(pk__in=ids).values_list(HUMAN, flat=True))


def is_same_human(one: int | None, other: int | None) -> bool:
    """Whether two entries are one human; not if there is none."""
    if one is None or other is None:
        return False
    return one == other or len(humans_of([one, other])) == 1


@dataclass(frozen=True)
class JoinedEntry:
    """Another entry of the same human, and how it came to be known."""

    entry: Person
    joining: Joining | None


def joined_entries(person_id: int, *, viewer: Actor) -> list[JoinedEntry]:
    """The other entries of the human behind this one, as far as the viewer may see them."""
    found = [p for p in entries_of(person_id) if p.pk != person_id]
    found = [p for p in found if p.office_path.startswith(viewer.office_path or "-")]
    if not found:
        return []
    ids = [person_id, *(p.pk for p in found)]
    with acting(Actor.system("people")):
        rows = list(Joining.objects.filter(person__in=ids, other__in=ids).order_by("pk"))
    last = {pk: row for row in rows for pk in (row.person_id, row.other_id)}
    return [JoinedEntry(p, last.get(p.pk)) for p in found]


def staff_names(refs: Iterable[str]) -> dict[str, str]:
    """Who `person:7` is, of those that the scope shows."""
    numbers = [ref.removeprefix("person:") for ref in refs if ref.startswith("person:")]
    ids = {int(number) for number in numbers if number.isdigit()}
    return {f"person:{p.pk}": p.name for p in Person.objects.filter(pk__in=ids)}


def postings(person: Person) -> list[Posting]:
    """Everything that the person holds, will hold or held, newest first; as far as the scope shows it."""
    return list(Posting.objects.filter(person=person).order_by("-starts_on", "office_path", "role"))


@dataclass(frozen=True)
class CounterCode:
    """A code issued at a counter, with the name of the clerk where the viewer may know it."""

    row: Recovery
    clerk: str


def counter_codes(*, viewer: Actor, days: int, at: datetime, most: int = 200) -> list[CounterCode]:
    """Codes issued at the counters of the viewer's offices within so many days, those not looked at yet first."""
    found = Recovery.objects.filter(way=Recovery.COUNTER, made_at__gt=at - timedelta(days=days))
    path = viewer.office_path
    found = found.filter(office_path__gte=path, office_path__lt=path + "~")
    rows = list(found.order_by(F("reviewed_at").asc(nulls_first=True), "-made_at")[:most])
    names = staff_names(r.made_by for r in rows)
    return [CounterCode(row, names.get(row.made_by, row.made_by)) for row in rows]


def passkeys(*, viewer: Actor) -> list[Passkey]:
    """The candidate's own passkeys that open something, in the order in which they were made."""
    return list(Passkey.objects.filter(candidate_id=viewer.candidate_id, removed_at=None).order_by("pk"))


def candidate_contact(candidate_id: int) -> Candidate:
    """The account, for messages that the system itself sends to it."""
    with acting(Actor.system("accounts")):
        return Candidate.objects.get(pk=candidate_id)


def _holding(row: Posting) -> Holding:
    return Holding(
        row.pk, row.office_code, row.office_path, row.role, row.exam_slug, row.starts_on, row.ends_on
    )
