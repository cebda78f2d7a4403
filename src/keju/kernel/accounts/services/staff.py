"""Making staff and their postings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from keju.algorithms.identity import REASONS, IdentityRefused, check_identity
from keju.kernel.accounts.models import Login, LoginKind, Person, Posting
from keju.kernel.accounts.passwords import normalised
from keju.kernel.accounts.permissions import ROLES
from keju.kernel.accounts.queries import entries_of, identity_index
from keju.kernel.accounts.separation import conflicts
from keju.kernel.accounts.services.candidates import NO_PASSWORD
from keju.kernel.audit import record, write
from keju.kernel.offices.actors import Actor
from keju.kernel.offices.models import Kind, Office
from keju.rulebook.words import t

NUMBER_TAKEN = t(
    "这个身份证号码的人已有登录账号。一人只用一个账号：请在其人员页上授予岗位。",
    "The person of this identity number has a sign-in. One human has one: give the role on their page.",
)
OTHER_NAME = t(
    "这个身份证号码在人员库中登记的是另一个姓名。请核对证件上的号码和姓名。",
    "The registry knows this identity number under another name. Compare number and name with the document.",
)


@write("accounts:people:manage")
def add_person(
    *,
    name: str,
    username: str,
    password: str,
    office: Office,
    employer: str = "",
    phone: str = "",
    identity: str = "",
    by: Actor,
    at: datetime,
) -> Person:
    """A member of staff with a sign-in, belonging to the office, holding nothing yet.

    Who is known by this identity number without a sign-in is that person (ADR 19): everything of theirs stays.
    ValidationError if the number is none, or belongs to a sign-in or to another name already.
    """
    index = index_of_identity(identity) if identity.strip() else None
    row = (
        Person.objects.select_for_update(of=["self"]).filter(identity_index=index).first() if index else None
    )
    _free(row, name)
    try:
        with transaction.atomic():
            login = Login.objects.create(
                username=username,
                kind=LoginKind.STAFF,
                password=make_password(normalised(password)),
                made_at=at,
            )
    except IntegrityError as error:
        raise ValidationError(
            str(t(f"登录名“{username}”已有人使用。", f"The sign-in “{username}” is taken."))
        ) from error
    person = row or Person(name=name, identity_index=index)
    person.login, person.office_path = login, office.path
    person.employer, person.phone = employer or person.employer, phone or person.phone
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError as error:  # somebody else recorded this number a moment ago
        raise ValidationError(str(NUMBER_TAKEN)) from error
    record(
        "accounts.person.added",
        by=by,
        at=at,
        subject=f"person:{person.pk}",
        office_path=office.path,
        data={"known": row is not None},
    )
    return person


def index_of_identity(identity: str) -> bytes:
    """The keyed index of a resident's identity number as typed. ValidationError, at the field, if it is none."""
    try:
        return identity_index(check_identity(identity).normalised)
    except IdentityRefused as refused:
        raise ValidationError({"identity": str(t(*REASONS[refused.code]))}) from refused


def _free(row: Person | None, name: str) -> None:
    """ValidationError if somebody of this number may not be given a sign-in under the name."""
    if row is not None and row.login_id is not None:
        raise ValidationError({"identity": str(NUMBER_TAKEN)})
    if row is not None and row.name != name.strip():
        raise ValidationError({"identity": str(OTHER_NAME)})


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
    """The person holds the role at the office from–until. The role must fit that kind of office; one at a site is for one
    exam, for the next exam's site of that code may be another school."""
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
    _bound(office, exam_slug)
    _keep_apart(person, role, exam_slug, starts_on, ends_on)
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


def _bound(office: Office, exam_slug: str) -> None:
    if office.kind == Kind.SITE and not exam_slug:
        raise ValidationError(
            str(
                t(
                    "考试地点的岗位只对一次考试有效：另一次考试的同一编号可能是另一所学校。请选择考试。",
                    "A role at a site is for one exam: in another exam that code may be another school. Choose the exam.",
                )
            )
        )


def _keep_apart(person: Person, role: str, exam_slug: str, starts_on: date, ends_on: date | None) -> None:
    """ValidationError if the role, beside one held in the same exam at the same time, joins what must be apart."""
    same = [entry.pk for entry in entries_of(person.pk)]
    # two grants at once: one waits for the other
    list(Person.objects.select_for_update(of=["self"]).filter(pk__in=same).order_by("pk"))
    held = Posting.objects.filter(person__in=same).exclude(ends_on__lt=starts_on)
    if ends_on is not None:
        held = held.filter(starts_on__lte=ends_on)
    if exam_slug:
        held = held.filter(exam_slug__in=["", exam_slug])
    beside = [other for other in held.values_list("role", flat=True) if conflicts([role, other])]
    if beside:
        raise ValidationError(
            str(
                t(
                    f"此人已任“{ROLES[beside[0]].name.zh}”。审核报名和经管资金必须由不同的人担任。",
                    f"This person already is “{ROLES[beside[0]].name.en}”. Deciding about registrations and moving"
                    " money must be done by different people.",
                )
            )
        )


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
        _bound(one.office, exam_slug)
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
    """The role ends with that day. A later one than before is as good as a grant: what must be apart stays apart."""
    posting = Posting.objects.select_related("person").select_for_update(of=["self"]).get(pk=posting_id)
    if posting.ends_on is not None and ends_on > posting.ends_on:
        _keep_apart(posting.person, posting.role, posting.exam_slug, posting.starts_on, ends_on)
    Posting.objects.filter(pk=posting_id).update(ends_on=ends_on)
    record(
        "accounts.role.ended",
        by=by,
        at=at,
        subject=f"person:{posting.person_id}",
        office_path=posting.office_path,
        data={"role": posting.role, "office": posting.office_code, "ends_on": ends_on},
    )
