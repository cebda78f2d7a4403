"""V12.1-V12.3: what a secret store must be before papers come into it, and how early they may come. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from keju.rulebook import Refusal, rule
from keju.rulebook.model import CheckItem
from keju.rulebook.words import Words

Hours = tuple[datetime, datetime]
"""From–until, half-open."""
EDUCATION, MEDICAL, PERSONNEL, OTHER = "education", "medical", "personnel", "other"
HOSTS = (EDUCATION, MEDICAL, PERSONNEL, OTHER)
"""Whose rented store it is: an exam body of education, medicine or personnel is preferred (V12.2.1)."""
RESPONSIBLE, RECEIVER, WITHDRAW = "responsible", "receiver", "withdraw"
ROLES = (RESPONSIBLE, RECEIVER, WITHDRAW)
ALONE = (RESPONSIBLE, RECEIVER)
"""Of these a store has one at a time; each keeps a key of the door."""
MOST_PHOTOS = 6


@dataclass(frozen=True)
class NewStore:
    """A store to be entered. `host_kind` "" for the office's own; `reason`: why a host that is not one of the preferred."""

    name: str
    address: str
    host_kind: str = ""
    host_name: str = ""
    reason: str = ""
    remote: bool = False


@dataclass(frozen=True)
class Ready:
    """Everything that decides whether papers may come into a store.

    `items`: item of the standard → whether its last entry found it in order, None where nobody looked; `door`: who has
    the keys of the door's two locks, by human; `cabinet`: who has those of the cabinets; `officers`: the office's
    confidential officers in force; `unguarded`: hours without a guard from now on.
    """

    name: str
    is_rented: bool
    has_lease: bool
    has_agreement: bool
    accepted: bool
    withdrawers: int
    items: Mapping[str, bool | None]
    responsible: int | None
    receiver: int | None
    door: tuple[frozenset[int], frozenset[int]]
    cabinet: frozenset[int]
    officers: frozenset[int]
    unguarded: Sequence[Hours]


@rule("V12.2.1", "V12.2.2")
def check_store(new: NewStore) -> Iterator[Refusal]:
    """A store has a name and an address; a rented one says whose it is, and why if that is none of the preferred bodies."""
    if not new.name.strip():
        yield Refusal("V12.2.2", "stores_no_name", field="name")
    if not new.address.strip():
        yield Refusal("V12.2.2", "stores_no_address", field="address")
    if new.host_kind and new.host_kind not in HOSTS:
        raise ValueError(f"{new.host_kind} keeps no store")
    if new.host_kind and not new.host_name.strip():
        yield Refusal("V12.2.1", "stores_no_host", field="host_name")
    if new.host_kind == OTHER and not new.reason.strip():
        yield Refusal("V12.2.1", "stores_other_host", strength="in principle", field="reason")


@rule("V12.2.1", "V12.2.2")
def check_acceptance(authority: str, accepted_on: date, today: date, has_scan: bool) -> Iterator[Refusal]:
    """An acceptance names the authority and a day that has come, and its scan is there."""
    if not authority.strip():
        yield Refusal("V12.2.2", "stores_no_authority", field="authority")
    if accepted_on > today:
        yield Refusal("V12.2.2", "stores_accepted_later", {"day": accepted_on}, field="accepted_on")
    if not has_scan:
        yield Refusal("V12.2.2", "stores_no_scan", field="scan")


@rule("V12.2.3")
def check_entry(item: CheckItem, *, settled: bool, note: str, photos: int) -> Iterator[Refusal]:
    """What is in order is shown by a photo, what is not is described; few photos of one thing."""
    if settled and not photos:
        yield Refusal(item.rule, "stores_check_photo", field="photos")
    if not settled and not note.strip():
        yield Refusal(item.rule, "stores_check_note", field="note")
    if photos > MOST_PHOTOS:
        yield Refusal(item.rule, "stores_check_photos", {"most": MOST_PHOTOS}, field="photos")


@rule("V12.1", "V12.2.4")
def check_named(
    role: str,
    human: int,
    name: str,
    *,
    in_force: bool,
    permanent: bool,
    others: Mapping[str, int],
    guards: Collection[int],
) -> Iterator[Refusal]:
    """Who is named for a store holds a post in force at its office (so has no relative in the exam), and never stands guard.

    The one responsible is permanent staff; the receiver is somebody else. `others`: role → human who has it now;
    `guards`: humans on a guard roster. Raises ValueError for a role that there is not.
    """
    if role not in ROLES:
        raise ValueError(role)
    facts = {"name": name}
    if not in_force:
        yield Refusal("V12.2.4", "stores_not_in_force", facts, field="person")
    if role == RESPONSIBLE and in_force and not permanent:
        yield Refusal("V12.2.4", "stores_not_permanent", facts, field="person")
    other = others.get(RECEIVER if role == RESPONSIBLE else RESPONSIBLE)
    if role in ALONE and other == human:
        yield Refusal("V12.2.4", "stores_both_keys", facts, field="person")
    if role in ALONE and human in guards:
        yield Refusal("V12.2.4", "stores_is_guard", facts, field="person")


@rule("V12.1", "V12.2.1", "V12.2.2", "V12.2.3", "V12.2.4")
def check_receivable(found: Ready, words: Mapping[str, Words]) -> Iterator[Refusal]:
    """No papers come into a store that is not accepted, fails the standard, is not answered for, locked and guarded.

    `words`: item of the standard → how it reads.
    """
    facts = {"store": found.name}
    if not found.accepted:
        clause = "V12.2.1" if found.is_rented else "V12.2.2"
        yield Refusal(clause, "stores_not_accepted", facts)
    if found.is_rented and not (found.has_lease and found.has_agreement):
        yield Refusal("V12.2.1", "stores_no_lease", facts)
    if found.is_rented and not found.withdrawers:
        yield Refusal("V12.2.1", "stores_no_withdrawers", facts)
    for item, settled in found.items.items():
        if not settled:
            code = "stores_unseen" if settled is None else "stores_fails"
            yield Refusal("V12.2.3", code, {**facts, "what": words[item]})
    if found.responsible is None:
        yield Refusal("V12.1", "stores_no_responsible", facts)
    if not found.officers:
        yield Refusal("V12.2.4", "stores_no_officer", facts)
    yield from _check_keys(found, facts)
    for starts, ends in found.unguarded[:1]:
        yield Refusal("V12.2.4", "stores_unguarded", {**facts, "from": starts, "until": ends})


def _check_keys(found: Ready, facts: Mapping[str, object]) -> Iterator[Refusal]:
    first, second = found.door
    wanted = {found.responsible, found.receiver} - {None}
    if not first or not second:
        yield Refusal("V12.2.4", "stores_door_keys", facts)
    elif first & second:
        yield Refusal("V12.2.4", "stores_keys_together", facts)
    elif len(wanted) == 2 and first | second != wanted:
        yield Refusal("V12.2.4", "stores_keys_elsewhere", facts)
    if not found.cabinet:
        yield Refusal("V12.2.4", "stores_cabinet_key", facts)
    elif found.officers and not found.cabinet <= found.officers:
        yield Refusal("V12.2.4", "stores_cabinet_elsewhere", facts)


def first_day(exam_day: date, most_days: int, allowed: date | None = None) -> date:
    """V12.3: the first day on which a point may have papers in its store; `allowed`: what its region approved instead."""
    plain = exam_day - timedelta(days=most_days)
    return min(plain, allowed) if allowed else plain


@rule("V12.3")
def check_not_too_early(
    kind: str, planned: date, exam_day: date | None, most_days: int, allowed: date | None = None
) -> Iterator[Refusal]:
    """A point's papers come at most so many days before the exam; a remote place's earlier only as its region approved."""
    if kind != "point":
        return
    if exam_day is None:
        yield Refusal("V12.3", "stores_no_exam_day")
        return
    day = first_day(exam_day, most_days, allowed)
    if planned < day:
        yield Refusal("V12.3", "stores_too_early", {"day": day, "most": most_days})


@rule("V12.3")
def check_leave(
    remote: bool, from_on: date, exam_day: date | None, most_days: int, reason: str
) -> Iterator[Refusal]:
    """Longer keeping is asked for a remote place, for a day that needs it, with the reason."""
    if not remote:
        yield Refusal("V12.3", "stores_not_remote")
    if exam_day is None or from_on >= first_day(exam_day, most_days):
        yield Refusal("V12.3", "stores_leave_needless", {"most": most_days}, field="from_on")
    if not reason.strip():
        yield Refusal("V12.3", "stores_leave_reason", field="reason")
