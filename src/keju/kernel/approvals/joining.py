"""Whose identity number it is: an entry that belongs to somebody known already is joined to theirs (ADR 19).

It stands here and not with the accounts because joining two who signed the same would make one consent of two.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db.models import F, Q
from django.db.models.functions import Greatest

from keju.kernel.accounts import queries as accounts
from keju.kernel.accounts.models import Joining, Login, Person, Posting
from keju.kernel.accounts.separation import conflicts
from keju.kernel.accounts.services.staff import OTHER_NAME, index_of_identity
from keju.kernel.approvals.models import Proposal, Signature
from keju.kernel.approvals.states import LIVING
from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.calendar import CHINA
from keju.kernel.offices import Actor, acting
from keju.rulebook.words import t

SYSTEM = Actor.system("people")
IDENTIFIED, JOINED = "accounts.person.identified", "accounts.people.joined"


@dataclass(frozen=True)
class Identified:
    """What came of it: the entries that are one human with it now; proposals over by now in which both had a part."""

    joined: tuple[int, ...] = ()
    both_signed: tuple[int, ...] = ()


@write("accounts:people:manage")
def identify(
    *, person_id: int, identity: str, seen: str, close: bool = False, by: Actor, at: datetime
) -> Identified:
    """The identity number of somebody with a sign-in is on record; who is known by it elsewhere is the same human from now on.

    Nothing is rewritten: signatures, proofs and events keep whose they were, and are compared as one human's. `seen`: the
    document that was looked at. `close`: where both have a sign-in, this entry's ends with its roles. ValidationError if the
    number is none, another one is on record, the names differ, both have a part in one living proposal, or the roles of
    both may not be one human's.
    """
    index = index_of_identity(identity)
    if not seen.strip():
        raise ValidationError({"seen": str(t("请写明核对了什么证件。", "Say which document you looked at."))})
    if not Person.objects.filter(pk=person_id).exists():
        raise NotPermitted(hidden=True)
    with acting(SYSTEM):
        other = Person.objects.filter(identity_index=index).first()
        mine = _held(person_id)
        if any(p.identity_index is not None and bytes(p.identity_index) != index for p in mine):
            raise ValidationError({"identity": str(OTHER_NUMBER)})
        if other is None:
            Person.objects.filter(pk=person_id).update(identity_index=index)
            return _identified(person_id, by, at)
        if other.pk in {p.pk for p in mine}:
            raise ValidationError({"identity": str(t("这个号码已登记。", "This number is on record."))})
        theirs = _held(other.pk)
        before = _parts(mine, theirs)
        _check(person_id, mine, theirs, close, living=before[0], at=at)
        if close:
            _close(person_id, at)
        first = min(p.human or p.pk for p in [*mine, *theirs])
        Person.objects.filter(pk__in=[p.pk for p in [*mine, *theirs]]).update(human=first)
        Joining.objects.create(
            person_id=person_id, other=other, seen=seen.strip()[:200], made_by=by.ref, made_at=at
        )
    record(
        JOINED,
        by=by,
        at=at,
        subject=f"person:{person_id}",
        office_path="/",
        data={"with": other.pk, "closed": close, "both_signed": before[1]},
    )
    return Identified(tuple(p.pk for p in theirs), tuple(before[1]))


def _identified(person_id: int, by: Actor, at: datetime) -> Identified:
    record(IDENTIFIED, by=by, at=at, subject=f"person:{person_id}", office_path="/")
    return Identified()


def _held(person_id: int) -> list[Person]:
    """Every entry of the human, held: who signs meanwhile waits, and sees the joining."""
    ids = [p.pk for p in accounts.entries_of(person_id)]
    return list(
        Person.objects.select_for_update(of=["self"])
        .select_related("login")
        .filter(pk__in=ids)
        .order_by("pk")
    )


def _check(
    person_id: int,
    mine: Collection[Person],
    theirs: Collection[Person],
    close: bool,
    *,
    living: Collection[int],
    at: datetime,
) -> None:
    if {p.name for p in mine}.isdisjoint({p.name for p in theirs}):
        raise ValidationError({"identity": str(OTHER_NAME)})
    both = all(any(p.login is not None and p.login.is_active for p in side) for side in (mine, theirs))
    if both and not close:
        raise ValidationError({"close": str(TWO_SIGN_INS)})
    if living:
        words = t(
            "两个条目在{n}份尚未办结的提请中都有签署或提请，不能合并。请先由提请人撤回或办结，再合并。",
            "Both have a part in {n} proposals that are not settled, so they cannot be joined. Have them withdrawn or settled"
            " first.",
        )
        raise ValidationError({"identity": str(words.format(n=len(living)))})
    today = at.astimezone(CHINA).date()
    roles = Posting.objects.filter(person__in=[*mine, *theirs]).exclude(ends_on__lt=today)
    roles = roles.exclude(person_id=person_id) if close else roles
    if conflicts(roles.values_list("role", flat=True)):
        raise ValidationError({"identity": str(CONFLICT)})


def _parts(mine: Collection[Person], theirs: Collection[Person]) -> tuple[list[int], list[int]]:
    """Proposals in which both sides have a part, as proposer or signer: the living ones, and the others."""
    has = []
    for side in (mine, theirs):
        signed = Signature.objects.filter(person__in=side).values_list("proposal_id", flat=True)
        has.append(Q(pk__in=signed) | Q(proposer__in=side))
    found = Proposal.objects.filter(has[0] & has[1]).order_by("pk").values_list("pk", "state")
    return [pk for pk, state in found if state in LIVING], [pk for pk, state in found if state not in LIVING]


def _close(person_id: int, at: datetime) -> None:
    """The entry's sign-in opens nothing any more, and its roles ended yesterday, or with their first day."""
    Login.objects.filter(person=person_id).update(is_active=False)
    yesterday = at.astimezone(CHINA).date() - timedelta(days=1)
    rows = Posting.objects.filter(person=person_id).exclude(ends_on__lte=yesterday)
    rows.update(ends_on=Greatest(F("starts_on"), yesterday))


OTHER_NUMBER = t(
    "此人已登记了另一个身份证号码。号码有误的，请所属机构在人员库中更正。",
    "Another identity number is on record for this person. If that is wrong, their home office corrects it in the registry.",
)
TWO_SIGN_INS = t(
    "这个号码的人另有登录账号。一人只用一个账号：请勾选停用本页的账号；其岗位随之结束，需要的请授予另一账号。",
    "The person of this number has another sign-in. One human has one: tick that the sign-in of this page is closed; its roles"
    " end with it, give them to the other where they are needed.",
)
CONFLICT = t(
    "两个条目的岗位不能由同一人担任（审核报名与经管资金必须分开）。请先结束其中一个岗位。",
    "The roles of both entries may not be one human's: deciding about registrations and moving money are kept apart. End one"
    " of them first.",
)
