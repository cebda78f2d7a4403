"""Candidates' accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from keju.algorithms.identity import HOME, Document, DocumentKind
from keju.kernel.accounts.models import Candidate, Login, LoginKind
from keju.kernel.accounts.passwords import normalised
from keju.kernel.accounts.queries import document_index
from keju.kernel.accounts.sealed import seal
from keju.kernel.audit import record, write
from keju.kernel.offices.actors import Actor
from keju.kernel.offices.bulk import insert_rows_returning
from keju.kernel.offices.scope import acting
from keju.rulebook.words import t

COLUMNS = (
    *("login_id", "identity_index", "identity", "document_kind", "country", "name"),
    *("phone", "email", "language", "made_at"),
)
TAKEN = t(
    "这个证件号码已经注册过，或所填姓名、手机与报名时登记的不一致。请直接登录，或到报名确认点核验身份后重设密码。",
    "This identity number already has an account, or name and phone differ from those given on registration. Sign in, or"
    " have the password reset at your confirmation place.",
)
NO_PASSWORD = "!"  # noqa: S105  Django's mark of an unusable password


@dataclass(frozen=True)
class NewCandidate:
    """What an account needs. `identity` is the normalised number of a document of this kind and country.

    `password_hash` is made by the caller when many share the cost, else "".
    """

    identity: str
    name: str
    phone: str = ""
    password_hash: str = ""
    email: str = ""
    language: str = "zh"
    document_kind: DocumentKind = "resident"
    country: str = HOME

    @property
    def index(self) -> bytes:
        return document_index(Document(self.document_kind, self.identity, self.country))


@write(None)
def ensure_candidates(*, people: Sequence[NewCandidate], by: Actor, at: datetime) -> dict[bytes, int]:
    """An account exists for every identity document given; returns identity index → candidate id.

    An account already there keeps its name and password. One event for the whole batch.
    """
    with acting(Actor.system("accounts")):
        wanted = {p.index: p for p in people}
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
        COLUMNS,
        (
            (
                login,
                index,
                seal(p.identity),
                p.document_kind,
                p.country,
                p.name,
                seal(p.phone),
                seal(p.email),
                p.language,
                at,
            )
            for login, (index, p) in zip(logins, fresh, strict=True)
        ),
    )


@write(None)
def sign_up(*, person: NewCandidate, password: str, by: Actor, at: datetime) -> Candidate:
    """A candidate's own account with a password.

    Refused where the number already has one that can sign in, or was brought in on paper under another name or phone.
    """
    index = person.index
    with acting(Actor.system("accounts")):
        existing = Candidate.objects.filter(identity_index=index).select_related("login").first()
        taken = existing and existing.login and existing.login.password != NO_PASSWORD
        # Knowing somebody's number is not enough to take over a registration that came on paper.
        stranger = existing and (
            existing.name != person.name.strip() or existing.phone != person.phone.strip()
        )
        if taken or stranger:
            raise ValidationError(str(TAKEN))
        if existing and existing.login_id:
            Login.objects.filter(pk=existing.login_id).update(password=make_password(normalised(password)))
            candidate = existing
        else:
            candidate = _opened(person, make_password(normalised(password)), at)
    record("accounts.candidate.signed_up", by=by, at=at, subject=f"candidate:{candidate.pk}")
    return candidate


def _opened(person: NewCandidate, password_hash: str, at: datetime) -> Candidate:
    """The account; ValidationError if the number has had one since the look-up: the second of two clicks."""
    index = person.index
    try:
        with transaction.atomic():
            login = Login.objects.create(
                username=index.hex(), kind=LoginKind.CANDIDATE, password=password_hash, made_at=at
            )
            return Candidate.objects.create(
                login=login,
                identity_index=index,
                identity=person.identity,
                document_kind=person.document_kind,
                country=person.country,
                name=person.name,
                phone=person.phone,
                email=person.email,
                language=person.language,
                made_at=at,
            )
    except IntegrityError as error:
        raise ValidationError(str(TAKEN)) from error
