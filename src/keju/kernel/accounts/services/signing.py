"""Proving to be oneself at a signature: by the device of one's sign-in, or by a numbered code of one's own sheet.

A sheet is for who has no sign-in. Its codes count once each, so that the person who holds the telephone on which five
sign within a minute gains nothing by watching. A code is hashed under the installation's key and then slowly: a stolen
table is useless, and a stolen key still costs ten milliseconds for each of 900 million tries.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django_otp.plugins.otp_totp.models import TOTPDevice

from keju.kernel.accounts.models import ForeignTry, Person, Proof, SigningCode, SigningSheet
from keju.kernel.accounts.services.recovery import ALPHABET
from keju.kernel.audit import record, write
from keju.kernel.offices.actors import Actor
from keju.kernel.offices.scope import acting

SYSTEM = Actor.system("signing")
CODES, LETTERS = 20, 6
LONGEST_WAIT = timedelta(minutes=15)


@write(None)
def issue_signing_sheets(
    *, person_ids: Collection[int], count: int = CODES, seen_by: int | None = None, by: Actor, at: datetime
) -> dict[int, list[str]]:
    """Each person has this new sheet, "07-K4WP9T", to be shown once; the sheets before are void. By person.

    Who makes a sheet for somebody else has seen it: see `Proof.issuer`. `seen_by`: who could have taken it in the owner's
    place, where the owner takes it themself.
    """
    ids = sorted(set(person_ids))
    with acting(SYSTEM):
        people = Person.objects.select_for_update(of=["self"]).filter(pk__in=ids).order_by("pk")
        if [p.pk for p in people] != ids:
            raise Person.DoesNotExist
        SigningSheet.objects.filter(person_id__in=ids, voided_at=None).update(voided_at=at)
        sheets = SigningSheet.objects.bulk_create(
            SigningSheet(
                person_id=pk,
                issuer_id=by.person_id if by.person_id != pk else seen_by,
                rounds=settings.SIGNING_ROUNDS,
                made_at=at,
            )
            for pk in ids
        )
        drawn = {
            sheet: ["".join(secrets.choice(ALPHABET) for _ in range(LETTERS)) for _ in range(count)]
            for sheet in sheets
        }
        SigningCode.objects.bulk_create(
            SigningCode(sheet=sheet, number=n, code_hash=_hash(sheet, n, code))
            for sheet, codes in drawn.items()
            for n, code in enumerate(codes, 1)
        )
    for sheet in sheets:
        record(
            "accounts.signing_codes.issued",
            by=by,
            at=at,
            subject=f"person:{sheet.person_id}",
            office_path="/",
            data={"count": count, "sheet": sheet.pk},
        )
    return {
        sheet.person_id: [f"{n:02d}-{code}" for n, code in enumerate(codes, 1)]
        for sheet, codes in drawn.items()
    }


@write(None)
def issue_signing_codes(*, person_id: int, count: int = CODES, by: Actor, at: datetime) -> list[str]:
    """As `issue_signing_sheets`, for one person."""
    return issue_signing_sheets(person_ids=[person_id], count=count, by=by, at=at)[person_id]


@write(None)
def void_signing_codes(*, person_id: int, by: Actor, at: datetime) -> None:
    """No code of the person's sheet counts any more: it was lost, or its owner has left."""
    with acting(SYSTEM):
        count = SigningSheet.objects.filter(person_id=person_id, voided_at=None).update(voided_at=at)
    record(
        "accounts.signing_codes.voided",
        by=by,
        at=at,
        subject=f"person:{person_id}",
        office_path="/",
        data={"sheets": count},
    )


@write(None)
def prove(*, person_id: int, code: str, purpose: str = "", by: Actor, at: datetime) -> Proof | None:
    """A proof that the person is there, good for one signature. None if the code is wrong, used, or tried too soon.

    It does not raise, because a wrong try has to be remembered: each one doubles the wait. Who has a device proves by it
    alone. `by` is who is signed in, who may be somebody else: several sign on one telephone.
    """
    with acting(SYSTEM):
        person = Person.objects.select_related("login").filter(pk=person_id).first()
        typed = "".join(c for c in code.upper() if c.isascii() and c.isalnum())
        device = _device(person)
        if device is not None:
            means = Proof.DEVICE
            at_home = by.person_id == person_id
            right = device.verify_token(typed) if at_home else _verified_abroad(device, person_id, typed)
            counter, issuer = (device.last_t, None) if right else (None, None)
        else:
            means = Proof.SHEET
            counter, issuer = _spend(person_id, typed, by.person_id, at)
        proof = None if counter is None else _kept(person_id, means, counter, issuer, purpose, at)
    record(
        "accounts.person.proved" if proof else "accounts.person.not_proved",
        by=by,
        at=at,
        subject=f"person:{person_id}",
        office_path="/",
        data={"means": means, "purpose": purpose},
    )
    return proof


def _device(person: Person | None) -> TOTPDevice | None:
    """Locked: of many tries at once the second sees the first one's count, and one code counts once."""
    if person is None or person.login is None or not person.login.is_active:
        return None
    return TOTPDevice.objects.devices_for_user(person.login, confirmed=True).select_for_update().first()


def _verified_abroad(device: TOTPDevice, person_id: int, typed: str) -> bool:
    """As `verify_token`, at somebody else's sign-in: wrong codes lengthen the wait there, never that of the owner's sign-in.

    The wait runs on the database's clock, as that of a sheet.
    """
    tries, _ = ForeignTry.objects.get_or_create(person_id=person_id)
    tries = ForeignTry.objects.select_for_update().get(pk=tries.pk)
    wait = min(timedelta(seconds=2 ** min(tries.failures, 12)), LONGEST_WAIT)
    if tries.failures and not ForeignTry.objects.filter(pk=tries.pk, failed_at__lte=Now() - wait).exists():
        return False
    before = (device.throttling_failure_timestamp, device.throttling_failure_count)
    right = bool(device.verify_token(typed))
    if right:
        ForeignTry.objects.filter(pk=tries.pk).update(failures=0, failed_at=None)
        return True
    device.throttling_failure_timestamp, device.throttling_failure_count = before
    device.save(update_fields=["throttling_failure_timestamp", "throttling_failure_count"])
    ForeignTry.objects.filter(pk=tries.pk).update(failures=F("failures") + 1, failed_at=Now())
    return False


def _spend(person_id: int, typed: str, by: int | None, at: datetime) -> tuple[int | None, int | None]:
    """The code that was typed, now used, and who issued it; (None, None) if it is none of the sheet's living ones.

    At the hands of who issued the sheet, and so has seen it, it proves nothing about its owner.

    The wait runs on the database's clock: a rehearsal's shifted one shortens nobody's.
    """
    sheet = SigningSheet.objects.select_for_update().filter(person_id=person_id, voided_at=None).first()
    if sheet is None or (sheet.issuer_id is not None and sheet.issuer_id == by):
        return None, None
    wait = min(timedelta(seconds=2 ** min(sheet.failures - 1, 12)), LONGEST_WAIT)
    if sheet.failures and not SigningSheet.objects.filter(pk=sheet.pk, failed_at__lte=Now() - wait).exists():
        return None, None
    number, letters = typed[:2], typed[2:]
    code = (
        SigningCode.objects.filter(sheet=sheet, number=int(number), used_at=None).first()
        if number.isdigit()
        else None
    )
    if code is None or not hmac.compare_digest(_hash(sheet, code.number, letters), bytes(code.code_hash)):
        SigningSheet.objects.filter(pk=sheet.pk).update(failures=F("failures") + 1, failed_at=Now())
        return None, None
    SigningSheet.objects.filter(pk=sheet.pk).update(failures=0, failed_at=None)
    SigningCode.objects.filter(pk=code.pk).update(used_at=at)
    return code.pk, sheet.issuer_id


def _kept(
    person_id: int, means: str, counter: int, issuer: int | None, purpose: str, at: datetime
) -> Proof | None:
    try:
        with transaction.atomic():
            return Proof.objects.create(
                person_id=person_id,
                means=means,
                counter=counter,
                issuer_id=issuer,
                purpose=purpose[:200],
                made_at=at,
            )
    except IntegrityError:  # this step or code has proved something already
        return None


def _hash(sheet: SigningSheet, number: int, letters: str) -> bytes:
    keyed = hmac.new(settings.SECRETS.index_key, f"signing\0{letters}".encode(), hashlib.sha256).digest()
    return hashlib.pbkdf2_hmac("sha256", keyed, f"{sheet.pk}.{number}".encode(), sheet.rounds)
