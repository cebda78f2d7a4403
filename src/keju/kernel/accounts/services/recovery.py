"""Getting back into an account: by a code sent to the telephone, or printed at a counter for who was seen there.

Nothing that is answered, and no time that it takes, tells whether there is such an account: asking only writes down
what was asked; whether a code goes out is found afterwards, by a worker.
"""

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db.models import F

from keju.kernel.accounts.models import Candidate, Login, Recovery
from keju.kernel.accounts.passwords import normalised
from keju.kernel.accounts.sealed import index_of
from keju.kernel.accounts.services.passkeys import drop_all
from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.offices.actors import Actor
from keju.kernel.offices.scope import acting
from keju.rulebook.words import t

SMS_LASTS, COUNTER_LASTS = timedelta(minutes=10), timedelta(hours=24)
TRIES = 5
CODES_AN_HOUR = 3
DIGITS, LETTERS = 6, 8
# Without 0 O 1 I L: what is read off paper must not be doubtful.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
SYSTEM = Actor.system("recovery")


@dataclass(frozen=True)
class Prepared:
    """A code that is to be sent to this telephone."""

    candidate_id: int
    phone: str = field(repr=False)
    code: str = field(repr=False)
    expires_at: datetime


@write(None)
def request_recovery(*, identity_index: bytes, phone: str, by: Actor, at: datetime) -> int:
    """It is written down that somebody asked for a code. The same for every number and telephone."""
    with acting(SYSTEM):
        row = Recovery.objects.create(
            way=Recovery.SMS,
            identity_index=identity_index,
            phone_index=_phone_index(phone),
            made_at=at,
            made_by=by.ref,
            expires_at=at + SMS_LASTS,
        )
    record("accounts.recovery.requested", by=by, at=at, subject=f"recovery:{row.pk}")
    return row.pk


@write(None)
def prepare_recovery(*, recovery_id: int, by: Actor, at: datetime) -> Prepared | None:
    """A code for the account, if there is one of that number with that telephone; else nothing, and nobody is told.

    At most three an hour for one account, so that nobody is flooded and nobody gets more guesses by asking again.
    """
    with acting(SYSTEM):
        row = Recovery.objects.select_for_update().get(pk=recovery_id)
        # Locked, so that askings at the same moment count each other.
        person = Candidate.objects.select_for_update().filter(identity_index=row.identity_index).first()
        fits = (
            person is not None
            and person.phone != ""
            and hmac.compare_digest(_phone_index(person.phone), bytes(row.phone_index))
        )
        since = at - timedelta(hours=1)
        sent = Recovery.objects.filter(identity_index=row.identity_index, made_at__gt=since).exclude(
            code_hash=b""
        )
        prepared = None
        if person is not None and fits and row.code_hash == b"" and sent.count() < CODES_AN_HOUR:
            code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
            Recovery.objects.filter(pk=row.pk).update(candidate=person, code_hash=_hash(row.pk, code))
            prepared = Prepared(person.pk, person.phone, code, row.expires_at)
    record(
        "accounts.recovery.prepared",
        by=by,
        at=at,
        subject=f"recovery:{recovery_id}",
        data={"code": prepared is not None},
    )
    return prepared


@write("accounts:recovery:issue")
def issue_counter_code(*, candidate_id: int, exam_slug: str, by: Actor, at: datetime) -> str:
    """A code for somebody whose identity document a clerk has seen, to be printed at once: it is shown nowhere again.

    Codes issued before for the same person are void. Somebody else has to look at it afterwards.
    """
    with acting(SYSTEM):
        person = Candidate.objects.filter(pk=candidate_id).first()
        if person is None:
            raise NotPermitted(hidden=True)
        earlier = Recovery.objects.filter(
            candidate=person, way=Recovery.COUNTER, used_at=None, expires_at__gt=at
        )
        earlier.update(expires_at=at)
        row = Recovery.objects.create(
            way=Recovery.COUNTER,
            office_path=by.office_path,
            identity_index=person.identity_index,
            candidate=person,
            made_at=at,
            made_by=by.ref,
            expires_at=at + COUNTER_LASTS,
        )
        code = "".join(secrets.choice(ALPHABET) for _ in range(LETTERS))
        Recovery.objects.filter(pk=row.pk).update(code_hash=_hash(row.pk, code))
    record(
        "accounts.recovery.issued",
        by=by,
        at=at,
        subject=f"recovery:{row.pk}",
        exam=exam_slug,
        office_path=by.office_path,
        data={"candidate": candidate_id, "office": by.office_code},
    )
    return f"{code[:4]}-{code[4:]}"


@write(None)
def recover(
    *,
    code: str,
    password: str,
    recovery_id: int | None = None,
    identity_index: bytes = b"",
    by: Actor,
    at: datetime,
) -> int | None:
    """The account has this password alone: sessions have ended, passkeys are void; returns whose. None if the code misfits.

    The code of one asking (`recovery_id`), or the one printed for a number. Every try counts, before it is compared.
    """
    with acting(SYSTEM):
        asked = Recovery.objects.filter(used_at=None, expires_at__gt=at)
        if recovery_id is not None:
            asked = asked.filter(pk=recovery_id, way=Recovery.SMS)
        else:
            asked = asked.filter(identity_index=identity_index, way=Recovery.COUNTER)
        counted = asked.filter(tries__lt=TRIES).update(tries=F("tries") + 1)
        row = asked.select_related("candidate").order_by("-pk").first()
        typed = "".join(c for c in code.upper() if c.isalnum())
        fits = row is not None and hmac.compare_digest(_hash(row.pk, typed), bytes(row.code_hash))
        person = row.candidate if row is not None and counted and fits else None
        if row is None or person is None or person.login_id is None:
            record("accounts.recovery.failed", by=by, at=at, subject=f"recovery:{row.pk if row else 0}")
            return None
        Login.objects.filter(pk=person.login_id).update(password=make_password(normalised(password)))
        Recovery.objects.filter(candidate=person, used_at=None, expires_at__gt=at).exclude(pk=row.pk).update(
            expires_at=at
        )
        Recovery.objects.filter(pk=row.pk).update(used_at=at)
        dropped = drop_all(person.pk, at)
    record(
        "accounts.recovery.used",
        by=by,
        at=at,
        subject=f"candidate:{person.pk}",
        data={"recovery": row.pk, "way": row.way, "passkeys_dropped": dropped},
    )
    return person.pk


@write("accounts:recovery:review")
def review_recovery(*, recovery_id: int, by: Actor, at: datetime) -> None:
    """Somebody else than the clerk has looked at a code issued at a counter and found it in order."""
    row = Recovery.objects.select_for_update().filter(pk=recovery_id, way=Recovery.COUNTER).first()
    if row is None:
        raise NotPermitted(hidden=True)
    if row.reviewed_at is not None:
        raise Stale
    if row.made_by == by.ref:
        raise ValidationError(
            str(t("自己发出的重设码须由另一人核查。", "Somebody else has to look at a code that you issued."))
        )
    Recovery.objects.filter(pk=row.pk).update(reviewed_by=by.ref, reviewed_at=at)
    record(
        "accounts.recovery.reviewed",
        by=by,
        at=at,
        subject=f"recovery:{row.pk}",
        office_path=row.office_path,
        data={"issued_by": row.made_by},
    )


def _phone_index(phone: str) -> bytes:
    """The keyed index of a telephone's digits, the country code of China left out."""
    digits = "".join(c for c in phone if c.isascii() and c.isdigit()).removeprefix("0086")
    return index_of(digits[2:] if len(digits) == 13 and digits.startswith("86") else digits, "phone")


def _hash(recovery_id: int, code: str) -> bytes:
    """Keyed, so that who has a copy of the table cannot try out a million codes."""
    return index_of(f"{recovery_id}\0{code}", "recovery")
