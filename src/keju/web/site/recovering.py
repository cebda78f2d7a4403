"""Recovery after the answer: the code is sent by a worker, the account's owner is told what was done."""

from datetime import datetime

from django.db import transaction
from procrastinate.contrib.django import app

from keju.kernel.accounts.queries import candidate_contact
from keju.kernel.notices.services import dispatch, tell_candidates
from keju.kernel.notices.services.waking import QUEUE
from keju.kernel.offices import Actor
from keju.rulebook.words import Words
from keju.web.site.current import current

RECOVERY_TASK = "keju.recovery_code"


def send_later(recovery_id: int) -> None:
    """After this transaction's commit a worker finds out whether a code goes out. The same for every asking."""
    transaction.on_commit(
        lambda: app.configure_task(RECOVERY_TASK, queue=QUEUE).defer(recovery_id=recovery_id)
    )


def tell_owner(candidate_id: int, kind: str, words: Words, by: Actor, at: datetime) -> None:
    """In the inbox of the current exam and on the telephone on file: who did not do it learns of it."""
    exam = current()
    if exam is not None:
        tell_candidates(
            exam=exam, candidate_ids=[candidate_id], office_path="/", kind=kind, words=words, by=by, at=at
        )
    phone = candidate_contact(candidate_id).phone
    if phone:
        dispatch(channel="sms", to=phone, kind=kind, words=words, candidate_id=candidate_id, by=by, at=at)
