"""The registry of staff: one person once in the nation. One member is a list of one."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import IntegrityError, transaction

from keju.algorithms.identity import IdentityRefused, check_identity
from keju.kernel.accounts.queries import identity_index, signed_in_by_index
from keju.kernel.accounts.sealed import index_of, seal
from keju.kernel.accounts.services import void_signing_codes
from keju.kernel.accounts.services.people import PersonFacts, correct_people, enter_people, renumber
from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.calendar import CHINA
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.bulk import insert_rows_returning, update_rows
from keju.rulebook import Refusal, RuleRefused, enforce
from keju.stages.staffing import events, rules
from keju.stages.staffing.models import LIVING, Appointment, Member
from keju.stages.staffing.rules import NewMember

NATION = Actor.system("staffing")
"""Whether somebody is known is asked of the whole nation; what is known of them is told to their own office alone."""
COLUMNS = (
    "person_id", "identity", "identity_index", "languages", "certificates", "sex", "in_sector", "sector_sure", "permanent",
    "phone_index", "office_path", "made_at", "version",
)  # fmt: skip
FACTS = (
    "sex",
    "in_sector",
    "sector_sure",
    "permanent",
    "languages",
    "certificates",
    "phone_index",
    "office_path",
)


@dataclass(frozen=True)
class Known:
    """Somebody in the registry: `home` is the home office, which the actor may not see."""

    id: int
    person_id: int
    version: int
    home: str
    left: bool = False


@write("staffing:people:edit")
def add_members(
    *, members: Sequence[NewMember], by: Actor, at: datetime, homes: Sequence[str] = ()
) -> list[int]:
    """All of them are in the registry, with their ids in order; or refused, and none is.

    `homes`: the home office's path of each, within the actor's own; without, the actor's office. Refused is whoever is in the
    registry already, here or elsewhere: nothing of the other entry is told. Who has left, wherever, comes back with their
    history, to this office.
    """
    paths = list(homes) or [by.office_path] * len(members)
    if len(paths) != len(members) or not all(path.startswith(by.office_path or "-") for path in paths):
        raise NotPermitted("staffing:people:edit", hidden=True)
    against, known = _looked_up(members, by=by, at=at)
    enforce(r for found in against for r in found)
    tidy = [normalised(m) for m in members]
    back = {n: known[key] for n, m in enumerate(tidy) if (key := identity_index(m.identity)) in known}
    new = [n for n in range(len(tidy)) if n not in back]
    with _raced():
        entered = _entered([tidy[n] for n in new], [paths[n] for n in new], by, at) if new else []
    if back:
        _come_back({k.id: (replace(k, home=paths[n]), tidy[n]) for n, k in back.items()}, by, at)
    numbers = dict(zip(new, entered, strict=True)) | {n: k.id for n, k in back.items()}
    ids = [numbers[n] for n in range(len(tidy))]
    record(
        events.MEMBERS_ADDED,
        by=by,
        at=at,
        subject="members" if len(ids) != 1 else f"member:{ids[0]}",
        office_path=paths[0] if len(set(paths)) == 1 else by.office_path,
        rules=["P5.2"],
        data={"count": len(ids)},
    )
    return ids


def _come_back(members: Mapping[int, tuple[Known, NewMember]], by: Actor, at: datetime) -> None:
    """Who had left belongs to the office that enters them, with their years; the facts are as it says."""
    homes = ((pk, known.home, None, known.version + 1) for pk, (known, _) in members.items())
    with acting(NATION):
        update_rows("staffing_member", "id", ("office_path", "left_on", "version"), homes)
    record(
        events.MEMBERS_RETURNED,
        by=by,
        at=at,
        subject="members" if len(members) != 1 else f"member:{next(iter(members))}",
        rules=["P5.2"],
        data={"members": sorted(members)},
    )
    again = {pk: (replace(known, version=known.version + 1), m) for pk, (known, m) in members.items()}
    with acting(NATION):  # as a person they belong to the former office until now
        change_members(changes=again, by=by, at=at)


@contextmanager
def _raced() -> Iterator[None]:
    """Another office that entered one of these numbers a moment ago is a refusal, and leaves nothing behind."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise RuleRefused([Refusal("V2.9", "staffing_member_raced", field="identity")]) from error


def _entered(members: Sequence[NewMember], paths: Sequence[str], by: Actor, at: datetime) -> list[int]:
    facts = [
        PersonFacts(m.name, m.employer, m.phone, path, identity_index(m.identity))
        for m, path in zip(members, paths, strict=True)
    ]
    people = enter_people(people=facts, by=by, at=at)
    rows = (
        (
            person, seal(m.identity), identity_index(m.identity), m.languages, m.certificates, m.sex, m.in_sector,
            m.sector_sure, m.permanent, _phone_index(m.phone), path, at, 1,
        )
        for person, m, path in zip(people, members, paths, strict=True)
    )  # fmt: skip
    return insert_rows_returning("staffing_member", COLUMNS, rows)


@write("staffing:people:edit")
def edit_member(
    *, member_id: int, version: int, facts: NewMember, home: str | None = None, by: Actor, at: datetime
) -> None:
    """The member is as given. Stale if somebody changed them meanwhile; the identity number may be corrected, not taken over."""
    row = Member.objects.select_for_update().filter(pk=member_id, **_under(by)).first()
    if row is None:
        raise NotPermitted("staffing:people:edit", hidden=True)
    if row.version != version:
        raise Stale
    if home is not None and not home.startswith(by.office_path or "-"):
        raise NotPermitted("staffing:people:edit", hidden=True)
    enforce(r for found in refused_each([facts], by=by, at=at, but=[member_id]) for r in found)
    number = normalised(facts).identity
    if number != row.identity:
        index = identity_index(number)
        signs_in = signed_in_by_index(
            [index]
        )  # two people would become one by a correction: that is not ours to say
        enforce([Refusal("V2.9", "staffing_number_signs_in", field="identity")] if signs_in else [])
        with _raced():
            Member.objects.filter(pk=row.pk).update(identity=number, identity_index=index)
            renumber(person_id=row.person_id, identity_index=index, by=by, at=at)
    change_members(
        changes={row.pk: (Known(row.pk, row.person_id, row.version, home or row.office_path), facts)},
        by=by,
        at=at,
        identity_changed=number != row.identity,
    )


@write("staffing:people:edit")
def change_members(
    *,
    changes: Mapping[int, tuple[Known, NewMember]],
    by: Actor,
    at: datetime,
    identity_changed: bool = False,
) -> int:
    """Each member of the actor's offices is as given, one version on; identity numbers stay. Stale if one has changed."""
    held = Member.objects.select_for_update().filter(pk__in=list(changes)).order_by("pk")
    now = dict(held.values_list("pk", "version"))
    if any(now.get(pk) != known.version for pk, (known, _) in changes.items()):
        raise Stale
    people: dict[int, PersonFacts] = {}
    rows = []
    for pk, (known, given) in changes.items():
        m = normalised(given)
        people[known.person_id] = PersonFacts(m.name, m.employer, m.phone, known.home)
        rows.append(
            (
                pk, m.sex, m.in_sector, m.sector_sure, m.permanent, m.languages, m.certificates, _phone_index(m.phone),
                known.home, known.version + 1,
            )
        )  # fmt: skip
    correct_people(people=people, by=by, at=at)
    changed = update_rows("staffing_member", "id", (*FACTS, "version"), rows)
    record(
        events.MEMBERS_CHANGED,
        by=by,
        at=at,
        subject="members" if len(rows) != 1 else f"member:{rows[0][0]}",
        rules=["P5.2", "V2.9"] if identity_changed else ["P5.2"],
        data={"count": changed, "identity": identity_changed},
    )
    return changed


@write("staffing:people:edit")
def leave(*, member_id: int, version: int, on: date, by: Actor, at: datetime) -> None:
    """The member is no longer offered for posts, and their signing codes are void. Refused while they hold a post: that is ended
    first, with its reason."""
    row = Member.objects.select_for_update().filter(pk=member_id, **_under(by)).first()
    if row is None:
        raise NotPermitted("staffing:people:edit", hidden=True)
    if row.version != version:
        raise Stale
    with acting(NATION):
        held = Appointment.objects.filter(member_id=member_id, state__in=LIVING).count()
    enforce([Refusal("V2.8", "staffing_leaves_in_post", {"count": held})] if held else [])
    Member.objects.filter(pk=row.pk).update(left_on=on, version=row.version + 1)
    void_signing_codes(person_id=row.person_id, by=by, at=at)
    record(
        events.MEMBER_LEFT,
        by=by,
        at=at,
        subject=f"member:{row.pk}",
        office_path=row.office_path,
        data={"on": on},
    )


@write("staffing:people:edit")
def unmask(*, member_id: int, reason: str, by: Actor, at: datetime) -> Member:
    """The member with identity number and telephone in clear; who looked and why is on record."""
    enforce([Refusal("V2.9", "staffing_no_reason", field="reason")] if not reason.strip() else [])
    row = Member.objects.select_related("person").filter(pk=member_id, **_under(by)).first()
    if row is None:
        raise NotPermitted("staffing:people:edit", hidden=True)
    record(
        events.MEMBER_UNMASKED, by=by, at=at, subject=f"member:{row.pk}", office_path=row.office_path, data={"reason": reason}
    )  # fmt: skip
    return row


@write("staffing:people:edit")
def exported(*, count: int, by: Actor, at: datetime) -> None:
    """A spreadsheet with so many members in clear has left the house, on record with who took it."""
    record(events.MEMBERS_EXPORTED, by=by, at=at, subject="members", rules=["P5.2"], data={"count": count})


def refused_each(
    members: Sequence[NewMember], *, by: Actor, at: datetime, but: Collection[int] = ()
) -> list[list[Refusal]]:
    """What stands against each, by itself, beside the others and beside everybody in the nation; one look, however many."""
    return _looked_up(members, by=by, at=at, but=but)[0]


def _looked_up(
    members: Sequence[NewMember], *, by: Actor, at: datetime, but: Collection[int] = ()
) -> tuple[list[list[Refusal]], dict[bytes, Known]]:
    """As `refused_each`, with those who are in the registry, by identity index."""
    today = at.astimezone(CHINA).date()
    found = [list(rules.check_member(m, today)) for m in members]
    indexes = [
        identity_index(normalised(m).identity) if not f else b"" for m, f in zip(members, found, strict=True)
    ]
    with acting(NATION):
        known = known_by_index([index for index in indexes if index])
        signed_in = signed_in_by_index([index for index in indexes if index])
    seen: Counter[bytes] = Counter()
    for m, index, against in zip(members, indexes, found, strict=True):
        there = known.get(index)
        if index in signed_in and signed_in[index].name != m.name.strip():
            against.append(Refusal("V2.9", "staffing_other_name", field="name"))
        if there is not None and there.id not in but and not there.left:
            here = there.home.startswith(by.office_path or "-")
            code = "staffing_member_here" if here else "staffing_member_elsewhere"
            against.append(Refusal("V2.9", code, field="identity"))
        elif index and seen[index]:
            against.append(Refusal("V2.9", "staffing_member_twice", field="identity"))
        seen[index] += 1
    return found, known


def known_by_index(indexes: Collection[bytes]) -> dict[bytes, Known]:
    """Of these identity indexes those in the registry, wherever in the nation."""
    with acting(NATION):
        found = Member.objects.filter(identity_index__in=list(indexes))
        rows = found.values_list("identity_index", "pk", "person_id", "version", "office_path", "left_on")
        return {bytes(index): Known(*rest, left is not None) for index, *rest, left in rows}


def one_form(identity: str) -> str:
    """The identity number as it is kept, however it was typed; "" if it is none."""
    try:
        return check_identity(identity).normalised
    except IdentityRefused:
        return ""


def normalised(member: NewMember) -> NewMember:
    """As kept: without outer blanks, the identity number in its one form, the sex from it where none was typed."""
    identity = check_identity(member.identity)
    texts = ("name", "employer", "phone", "languages", "certificates")
    tidy = {key: getattr(member, key).strip() for key in texts}
    sex = member.sex or (rules.MALE if identity.sex == "male" else rules.FEMALE)
    return replace(member, **tidy, identity=identity.normalised, sex=sex)


def _phone_index(phone: str) -> bytes:
    return index_of(phone, "phone") if phone else b""


def _under(by: Actor) -> dict[str, str]:
    return {"office_path__gte": by.office_path, "office_path__lt": by.office_path + "~"}
