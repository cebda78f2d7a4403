"""Where a candidate is reached."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import connection

from keju.kernel.accounts.sealed import seal
from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.offices.actors import Actor
from keju.kernel.offices.scope import acting
from keju.rulebook.words import t

LANGUAGES = ("zh", "en")
_KEEP = """
UPDATE accounts_candidate c
SET phone = coalesce(v.phone, c.phone), email = coalesce(v.email, c.email), language = coalesce(v.language, c.language)
FROM unnest(%s::bigint[], %s::bytea[], %s::bytea[], %s::text[]) AS v (id, phone, email, language)
WHERE c.id = v.id
"""


@dataclass(frozen=True)
class Contact:
    """What is now known of one candidate. None leaves what stands; "" clears it."""

    candidate_id: int
    phone: str | None = None
    email: str | None = None
    language: str | None = None


@write(None)
def keep_contact(*, contacts: Sequence[Contact], by: Actor, at: datetime) -> int:
    """The accounts have these telephones, e-mail addresses and languages; returns how many accounts there are.

    A candidate changes nobody's but their own. One event for the batch; it names what was given, never the value.
    """
    if by.candidate_id is not None and {c.candidate_id for c in contacts} - {by.candidate_id}:
        raise NotPermitted(hidden=True)
    if any(c.language not in (None, *LANGUAGES) for c in contacts):
        raise ValidationError(str(t("语言只能是中文或英文。", "The language is Chinese or English.")))
    once = {c.candidate_id: c for c in contacts}.values()
    with acting(Actor.system("accounts")), connection.cursor() as cursor:
        cursor.execute(
            _KEEP,
            [
                [c.candidate_id for c in once],
                [None if c.phone is None else seal(c.phone.strip()) for c in once],
                [None if c.email is None else seal(c.email.strip()) for c in once],
                [c.language for c in once],
            ],
        )
        kept = cursor.rowcount
    given = [f for f in ("phone", "email", "language") if any(getattr(c, f) is not None for c in once)]
    subject = f"candidate:{next(iter(once)).candidate_id}" if len(once) == 1 else "candidates"
    record(
        "accounts.contact.kept",
        by=by,
        at=at,
        subject=subject,
        office_path="/",
        data={"count": kept, "given": given},
    )
    return kept
