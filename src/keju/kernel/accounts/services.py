"""Making people, postings and candidate accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError

from keju.kernel.accounts.models import Candidate, Login, LoginKind, Person, Posting
from keju.kernel.accounts.permissions import ROLES
from keju.kernel.accounts.queries import identity_index
from keju.kernel.accounts.sealed import seal
from keju.kernel.audit import record, write
from keju.kernel.offices.actors import Actor
from keju.kernel.offices.bulk import insert_rows_returning
from keju.kernel.offices.models import Office
from keju.kernel.offices.scope import acting
from keju.rulebook.words import t

NO_PASSWORD = "!"  # noqa: S105  Django's mark of an unusable password


@dataclass(frozen=True)
class NewCandidate:
    """What an account needs. `password_hash` is made by the caller when many share the cost, else ""."""

    identity: str
    name: str
    phone: str = ""
    password_hash: str = ""


@write("accounts:people:manage")
def add_person(
    *,
    name: str,
    username: str,
    password: str,
    office: Office,
    employer: str = "",
    phone: str = "",
    by: Actor,
    at: datetime,
) -> Person:
    """A member of staff with a sign-in, belonging to the office, holding nothing yet."""
    if Login.objects.filter(username=username).exists():
        raise ValidationError(
            str(t(f"登录名“{username}”已有人使用。", f"The sign-in “{username}” is taken."))
        )
    login = Login.objects.create(
        username=username, kind=LoginKind.STAFF, password=make_password(password), made_at=at
    )
    person = Person.objects.create(
        login=login, name=name, employer=employer, phone=phone, office_path=office.path
    )
    record("accounts.person.added", by=by, at=at, subject=f"person:{person.pk}", office_path=office.path)
    return person


@write("accounts:people:manage")
def post(
    *,
    person: Person,
    office: Office,
    role: str,
    starts_on: date,
    ends_on: date | None = None,
    exam_slug: str = "",
    by: Actor,
    at: datetime,
) -> Posting:
    """The person holds the role at the office from–until. The role must fit that kind of office."""
    definition = ROLES[role]
    if office.kind not in definition.at:
        raise ValidationError(
            str(
                t(
                    f"“{definition.name.zh}”不能设在该机构。",
                    f"“{definition.name.en}” cannot be held at this office.",
                )
            )
        )
    posting = Posting.objects.create(
        person=person,
        office_code=office.code,
        office_path=office.path,
        role=role,
        exam_slug=exam_slug,
        starts_on=starts_on,
        ends_on=ends_on,
        granted_by=by.ref,
    )
    record(
        "accounts.role.granted",
        by=by,
        at=at,
        subject=f"person:{person.pk}",
        office_path=office.path,
        exam=exam_slug,
        data={"role": role, "office": office.code, "starts_on": starts_on, "ends_on": ends_on},
    )
    return posting


@dataclass(frozen=True)
class NewStaff:
    """One member of staff with one role at one office. `password_hash` "" makes an account nobody can sign in to."""

    name: str
    username: str
    role: str
    office: Office
    password_hash: str = ""


@write("accounts:people:manage")
def add_staff(
    *, staff: Sequence[NewStaff], starts_on: date, exam_slug: str = "", by: Actor, at: datetime
) -> list[int]:
    """All of them exist and hold their role; returns person ids in order. One event for the batch."""
    for one in staff:
        if one.office.kind not in ROLES[one.role].at:
            raise ValidationError(f"{one.role} @ {one.office.code}")
    logins = Login.objects.bulk_create(
        Login(username=s.username, kind=LoginKind.STAFF, password=s.password_hash or NO_PASSWORD, made_at=at)
        for s in staff
    )
    people = Person.objects.bulk_create(
        Person(login=login, name=s.name, office_path=s.office.path)
        for login, s in zip(logins, staff, strict=True)
    )
    Posting.objects.bulk_create(
        Posting(
            person=person,
            office_code=s.office.code,
            office_path=s.office.path,
            role=s.role,
            exam_slug=exam_slug,
            starts_on=starts_on,
            granted_by=by.ref,
        )
        for person, s in zip(people, staff, strict=True)
    )
    record(
        "accounts.staff.added",
        by=by,
        at=at,
        subject="people",
        exam=exam_slug,
        data={"count": len(people), "roles": sorted({s.role for s in staff})},
    )
    return [person.pk for person in people]


@write("accounts:people:manage")
def end_posting(*, posting_id: int, ends_on: date, by: Actor, at: datetime) -> None:
    """The role ends with that day."""
    posting = Posting.objects.select_for_update().get(pk=posting_id)
    Posting.objects.filter(pk=posting_id).update(ends_on=ends_on)
    record(
        "accounts.role.ended",
        by=by,
        at=at,
        subject=f"person:{posting.person_id}",
        office_path=posting.office_path,
        data={"role": posting.role, "office": posting.office_code, "ends_on": ends_on},
    )


@write(None)
def ensure_candidates(*, people: Sequence[NewCandidate], by: Actor, at: datetime) -> dict[bytes, int]:
    """An account exists for every identity number given; returns identity index → candidate id.

    An account already there keeps its name and password. One event for the whole batch.
    """
    with acting(Actor.system("accounts")):
        wanted = {identity_index(p.identity): p for p in people}
        known = Candidate.objects.filter(identity_index__among=list(wanted))
        found = {bytes(index): pk for index, pk in known.values_list("identity_index", "pk")}
        fresh = [(index, p) for index, p in wanted.items() if index not in found]
        made = _make_accounts(fresh, at)
    found.update(zip((index for index, _ in fresh), made, strict=True))
    record(
        "accounts.candidates.ensured",
        by=by,
        at=at,
        subject="candidates",
        data={"new": len(made), "all": len(found)},
    )
    return found


def _make_accounts(fresh: Sequence[tuple[bytes, NewCandidate]], at: datetime) -> list[int]:
    """Candidate ids of the accounts made, in order."""
    logins = insert_rows_returning(
        "accounts_login",
        ("username", "kind", "password", "is_active", "made_at"),
        ((i.hex(), LoginKind.CANDIDATE.value, p.password_hash or NO_PASSWORD, True, at) for i, p in fresh),
    )
    return insert_rows_returning(
        "accounts_candidate",
        ("login_id", "identity_index", "identity", "name", "phone", "made_at"),
        (
            (login, index, seal(p.identity), p.name, seal(p.phone), at)
            for login, (index, p) in zip(logins, fresh, strict=True)
        ),
    )


@write(None)
def sign_up(*, person: NewCandidate, password: str, by: Actor, at: datetime) -> Candidate:
    """A candidate's own account with a password.

    Refused where the number already has one that can sign in, or was brought in on paper under another name or phone.
    """
    index = identity_index(person.identity)
    with acting(Actor.system("accounts")):
        existing = Candidate.objects.filter(identity_index=index).select_related("login").first()
        taken = existing and existing.login and existing.login.password != NO_PASSWORD
        # Knowing somebody's number is not enough to take over a registration that came on paper.
        stranger = existing and (
            existing.name != person.name.strip() or existing.phone != person.phone.strip()
        )
        if taken or stranger:
            raise ValidationError(
                str(
                    t(
                        "这个证件号码已经注册过，或所填姓名、手机与报名时登记的不一致。请直接登录，或到报名确认点核验身份后重设密码。",
                        "This identity number already has an account, or name and phone differ from those given on"
                        " registration. Sign in, or have the password reset at your confirmation place.",
                    )
                )
            )
        if existing and existing.login_id:
            Login.objects.filter(pk=existing.login_id).update(password=make_password(password))
            candidate = existing
        else:
            login = Login.objects.create(
                username=index.hex(), kind=LoginKind.CANDIDATE, password=make_password(password), made_at=at
            )
            candidate = Candidate.objects.create(
                login=login,
                identity_index=index,
                identity=person.identity,
                name=person.name,
                phone=person.phone,
                made_at=at,
            )
    record("accounts.candidate.signed_up", by=by, at=at, subject=f"candidate:{candidate.pk}")
    return candidate
