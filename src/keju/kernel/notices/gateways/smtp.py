"""E-mail by SMTP, through Django's mail: plain text, one recipient, nothing that tells whether it was read."""

from __future__ import annotations

import smtplib
from collections.abc import Mapping
from email.utils import parseaddr
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from keju.kernel.notices.gateways.letters import Letter, Refused, Unavailable

PERMANENT = range(500, 600)


class Smtp:
    """One connection per message. Message-ID is made of the key, so that a repetition is recognised as one."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self.options = options
        self.sender = str(options["sender"])
        self.domain = parseaddr(self.sender)[1].partition("@")[2] or "localhost"

    def send(self, letter: Letter) -> str:
        message_id = f"<{letter.key}@{self.domain}>"
        message = EmailMessage(
            subject=" ".join(letter.subject.split()),
            body=letter.text,
            from_email=self.sender,
            to=[letter.to],
            headers={
                "Message-ID": message_id,
                "Auto-Submitted": "auto-generated",
                "Content-Language": letter.language,
            },
            connection=self._backend(),
        )
        try:
            message.send()
        except smtplib.SMTPRecipientsRefused as error:
            raise _of_code(next(iter(error.recipients.values()))[0]) from error
        except smtplib.SMTPAuthenticationError as error:
            raise Unavailable("smtp_sign_in") from error
        except smtplib.SMTPSenderRefused as error:  # our own address: the letter is not to blame
            raise Unavailable(f"smtp_sender_{error.smtp_code}") from error
        except smtplib.SMTPDataError as error:
            raise _of_code(error.smtp_code) from error
        except (smtplib.SMTPException, OSError) as error:
            raise Unavailable("timeout" if isinstance(error, TimeoutError) else "smtp_down") from error
        return message_id

    def _backend(self) -> EmailBackend:
        o = self.options
        return EmailBackend(
            host=o["host"],
            port=o["port"],
            username=o["user"],
            password=o["password"],
            use_tls=o["security"] == "starttls",
            use_ssl=o["security"] == "tls",
            timeout=o["timeout"],
            fail_silently=False,
        )


def _of_code(code: int) -> Refused | Unavailable:
    return Refused(f"smtp_{code}") if code in PERMANENT else Unavailable(f"smtp_{code}")
