"""Passkeys of candidates: a key pair on a device of theirs that signs in without a password (ADR 12).

The protocol is checked by `webauthn`; the domain and the addresses that a browser may speak from are settings, never
what a request says of itself. An answer that does not fit is recorded and returns None: it does not raise, because a
challenge is spent also by a wrong answer.
"""

import json
import secrets
from datetime import datetime, timedelta
from typing import Any

import webauthn
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from webauthn.helpers import options_to_json, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from keju.kernel.accounts.models import Candidate, Challenge, Passkey
from keju.kernel.accounts.sealed import index_of
from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.offices.actors import Actor
from keju.kernel.offices.scope import acting
from keju.rulebook.words import Words, t

SYSTEM = Actor.system("passkeys")
CHALLENGE_LASTS = timedelta(minutes=5)
MOST = 10
LONGEST_ANSWER = 20_000
UNNAMED = t("通行密钥", "Passkey")
NO_NAME = t("请给通行密钥起个名字。", "Give the passkey a name.")
TOO_MANY = t(
    "最多可保存{most}个通行密钥，请先删除不用的。",
    "At most {most} passkeys are kept. Remove one that you do not use.",
)
MALFORMED = (WebAuthnException, ValueError, TypeError, KeyError)
"""What the library throws at an answer that is none: its own errors, and those of what it parses with."""


def ask(*, candidate_id: int | None, at: datetime) -> bytes:
    """A fresh challenge, for a new passkey of that candidate or (None) for signing in; the expired ones are gone.

    No event: what comes of it is one.
    """
    value = secrets.token_bytes(32)
    with acting(SYSTEM):
        Challenge.objects.filter(expires_at__lte=at).delete()
        Challenge.objects.create(value=value, candidate_id=candidate_id, expires_at=at + CHALLENGE_LASTS)
    return value


def options_to_add(candidate: Candidate, challenge: bytes, site: Words) -> dict[str, Any]:
    """What the browser is to make a key with: one that its owner has to unlock, not one that is kept here already.

    ValidationError if there are too many.
    """
    with acting(SYSTEM):
        known = list(_kept(candidate.pk).values_list("credential_id", flat=True))
    if len(known) >= MOST:
        raise ValidationError(str(TOO_MANY.format(most=MOST)))
    options = webauthn.generate_registration_options(
        rp_id=settings.PASSKEYS["rp_id"],
        rp_name=str(site),
        user_id=_handle(candidate.pk),
        user_name=candidate.name,
        user_display_name=candidate.name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=bytes(one)) for one in known],
    )
    return dict(json.loads(options_to_json(options)))


def options_to_sign_in(challenge: bytes) -> dict[str, Any]:
    """Any key of this site that its owner unlocks. No account is named, so none is given away."""
    options = webauthn.generate_authentication_options(
        rp_id=settings.PASSKEYS["rp_id"],
        challenge=challenge,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return dict(json.loads(options_to_json(options)))


class Misfit(Exception):
    """An answer that does not fit, and why; `key` is the one that it names, if we know it."""

    def __init__(self, why: str, key: Passkey | None = None) -> None:
        super().__init__(why)
        self.why, self.key = why, key


@write(None)
def add_passkey(*, answer: str, name: str, challenge: bytes, by: Actor, at: datetime) -> Passkey | None:
    """The candidate can sign in with this key. None if the answer or its challenge does not fit."""
    if by.candidate_id is None:
        raise NotPermitted
    with acting(SYSTEM):
        try:
            passkey = _added(answer, name, challenge, by.candidate_id, at)
        except Misfit as misfit:  # caught within, so that the challenge stays spent
            _refused(misfit, by, at)
            return None
    _record("accounts.passkey.added", by.candidate_id, passkey.pk, by, at)
    return passkey


def _added(answer: str, name: str, challenge: bytes, candidate_id: int, at: datetime) -> Passkey:
    # Locked, so that two answers at once count each other.
    Candidate.objects.select_for_update().get(pk=candidate_id)
    if not _spend(challenge, candidate_id, at):
        raise Misfit("challenge")
    if _kept(candidate_id).count() >= MOST:
        raise Misfit("too_many")
    try:
        made = webauthn.verify_registration_response(
            credential=answer[:LONGEST_ANSWER],
            expected_challenge=challenge,
            expected_rp_id=settings.PASSKEYS["rp_id"],
            expected_origin=settings.PASSKEYS["origins"],
            require_user_verification=True,
        )
    except MALFORMED as error:
        raise Misfit("answer") from error
    try:
        with transaction.atomic():
            return Passkey.objects.create(
                candidate_id=candidate_id,
                credential_id=made.credential_id,
                public_key=made.credential_public_key,
                sign_count=made.sign_count,
                name=name.strip()[:40] or str(UNNAMED),
                made_at=at,
            )
    except IntegrityError as error:
        raise Misfit("known") from error


@write(None)
def sign_in_with_passkey(*, answer: str, challenge: bytes, by: Actor, at: datetime) -> Candidate | None:
    """Whose key signed the challenge; the key remembers its use. None if anything about it does not fit.

    A counter that did not go up means that there are two of the device: refused, and recorded as such.
    """
    with acting(SYSTEM):
        try:
            key = _signed(answer, challenge, at)
        except Misfit as misfit:
            _refused(misfit, by, at)
            return None
    _record("accounts.passkey.used", key.candidate_id, key.pk, by, at)
    return key.candidate


def _signed(answer: str, challenge: bytes, at: datetime) -> Passkey:
    if not _spend(challenge, None, at):
        raise Misfit("challenge")
    try:
        given = parse_authentication_credential_json(answer[:LONGEST_ANSWER])
    except MALFORMED as error:
        raise Misfit("answer") from error
    kept = Passkey.objects.select_for_update(of=("self",)).select_related("candidate__login")
    key = kept.filter(credential_id=given.raw_id, removed_at=None).first()
    if key is None:
        raise Misfit("unknown")
    if given.response.user_handle != _handle(key.candidate_id):
        raise Misfit("owner", key)
    try:
        signed = webauthn.verify_authentication_response(
            credential=given,
            expected_challenge=challenge,
            expected_rp_id=settings.PASSKEYS["rp_id"],
            expected_origin=settings.PASSKEYS["origins"],
            credential_public_key=bytes(key.public_key),
            credential_current_sign_count=0,  # compared below, to be recorded apart
            require_user_verification=True,
        )
    except MALFORMED as error:
        raise Misfit("answer", key) from error
    counted = signed.new_sign_count
    if (counted or key.sign_count) and counted <= key.sign_count:
        raise Misfit("counter", key)
    if key.candidate.login is None or not key.candidate.login.is_active:
        raise Misfit("inactive", key)
    Passkey.objects.filter(pk=key.pk).update(sign_count=counted, last_used_at=at)
    return key


@write(None)
def rename_passkey(*, passkey_id: int, name: str, by: Actor, at: datetime) -> None:
    """The candidate's own key has this name."""
    if not name.strip():
        raise ValidationError(str(NO_NAME))
    _change(passkey_id, by, name=name.strip()[:40])
    _record("accounts.passkey.renamed", by.candidate_id, passkey_id, by, at)


@write(None)
def remove_passkey(*, passkey_id: int, by: Actor, at: datetime) -> None:
    """The candidate's own key opens nothing any more."""
    _change(passkey_id, by, removed_at=at)
    _record("accounts.passkey.removed", by.candidate_id, passkey_id, by, at)


def drop_all(candidate_id: int, at: datetime) -> int:
    """No key of the account opens anything any more: whoever got in may have added one. Part of a recovery, and its event."""
    return _kept(candidate_id).update(removed_at=at)


def _kept(candidate_id: int) -> Any:
    return Passkey.objects.filter(candidate_id=candidate_id, removed_at=None)


def _change(passkey_id: int, by: Actor, **values: object) -> None:
    if by.candidate_id is None:
        raise NotPermitted
    with acting(SYSTEM):
        if not _kept(by.candidate_id).filter(pk=passkey_id).update(**values):
            raise NotPermitted(hidden=True)


def _spend(challenge: bytes, candidate_id: int | None, at: datetime) -> bool:
    """Whether that challenge stood, unexpired, for this; it does not any more."""
    spent = Challenge.objects.filter(value=challenge)
    fits = spent.filter(candidate_id=candidate_id, expires_at__gt=at).delete()[0] == 1
    spent.delete()
    return fits


def _handle(candidate_id: int) -> bytes:
    """What a device knows the account by: keyed, so that it says nothing of who it is."""
    return index_of(str(candidate_id), "passkey")


def _refused(misfit: Misfit, by: Actor, at: datetime) -> None:
    key = misfit.key
    record(
        "accounts.passkey.refused",
        by=by,
        at=at,
        subject=f"candidate:{key.candidate_id}" if key else by.ref,
        office_path="/",
        data={"why": misfit.why, "passkey": key.pk if key else None},
    )


def _record(kind: str, candidate_id: int | None, passkey_id: int, by: Actor, at: datetime) -> None:
    subject = f"candidate:{candidate_id}"
    record(kind, by=by, at=at, subject=subject, office_path="/", data={"passkey": passkey_id})
