"""The one write of the site's own: a person's second factor."""

from datetime import datetime

from django_otp.plugins.otp_totp.models import TOTPDevice

from keju.kernel.accounts.models import Login, Person
from keju.kernel.audit import record, write
from keju.kernel.offices import Actor


@write(None)
def enrol_second_factor(
    *, login: Login, person: Person, key: str, code: str, by: Actor, at: datetime
) -> TOTPDevice:
    """The person's device stands with this key (40 hex digits) if `code` is its present code.

    Raises `WrongCode` otherwise, and where there is a device already: a second one is not added by password alone.
    """
    Login.objects.select_for_update().get(
        pk=login.pk
    )  # of two at once the second sees the first one's device
    if TOTPDevice.objects.devices_for_user(login, confirmed=True).exists():
        raise WrongCode
    device = TOTPDevice(user=login, key=key, name="totp", confirmed=True)
    # Right or wrong, the check saves the device; a wrong code's exception takes that back.
    if not device.verify_token(code):
        raise WrongCode
    record(
        "accounts.second_factor.enrolled",
        by=by,
        at=at,
        subject=f"person:{person.pk}",
        office_path=person.office_path,
    )
    return device


class WrongCode(Exception):
    """The code is not the one of this key now; nothing was stored."""
