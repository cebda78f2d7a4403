"""What the site has done after it has answered."""

from django.db import connections, transaction
from procrastinate.contrib.django import app

from keju.kernel.accounts.services import prepare_recovery
from keju.kernel.calendar import now
from keju.kernel.notices.services import dispatch
from keju.kernel.notices.services.waking import QUEUE
from keju.kernel.offices import Actor
from keju.rulebook.words import t
from keju.web.site.recovering import RECOVERY_TASK

SENDER = Actor.system("recovery")


@app.task(name=RECOVERY_TASK, queue=QUEUE)
def send_recovery_code(recovery_id: int) -> None:
    """Whoever asked has a code on their telephone, if number and telephone are those of an account."""
    try:
        send(recovery_id)
    finally:
        connections.close_all()


def send(recovery_id: int) -> None:
    """The code is made and stands in the outbox, or neither."""
    with transaction.atomic():
        prepared = prepare_recovery(recovery_id=recovery_id, by=SENDER, at=now())
        if prepared is None:
            return
        dispatch(
            channel="sms",
            to=prepared.phone,
            kind="accounts.recovery.code",
            title=t("重设密码的验证码", "Code to reset your password"),
            words=t(
                "验证码{code}，10分钟内有效，用于重设考试报名网站的密码。不是本人操作请不要告诉任何人。",
                "{code} is your code to reset the password of the examination site, good for ten minutes. Tell nobody.",
            ).format(code=prepared.code),
            candidate_id=prepared.candidate_id,
            secret=True,
            until=prepared.expires_at,
            by=SENDER,
            at=now(),
        )
