"""The second factor of staff: a time-based code (RFC 6238) from their own device."""

from urllib.parse import quote, urlencode

import segno
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django_otp import login as otp_login
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key

from keju.kernel.accounts import queries as accounts
from keju.kernel.accounts.models import Person
from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, public_page
from keju.kernel.offices import Actor, acting
from keju.rulebook.words import t
from keju.web.site import services
from keju.web.site.forms import Code
from keju.web.site.pages.signing import after

PENDING = "keju_totp_key"
ISSUER = "Keju"
WRONG = t(
    "动态码不对或已过期。请等下一个码出现后再试；连续输错，须等候的时间会加倍。",
    "The code is wrong or has expired. Wait for the next one; every further wrong code doubles the wait.",
)


@public_page
def second_factor(request: Request) -> HttpResponse:
    """Asks for the code of the person's device; who has none yet sets one up first."""
    person = accounts.person_of(request.user) if request.user.is_authenticated else None  # type: ignore[arg-type]
    if person is None:
        return redirect("office-sign-in")
    devices = TOTPDevice.objects.devices_for_user(request.user, confirmed=True)
    # Locked while a code is checked: many at once would all be the first try, and one code would count for several.
    device = (devices.select_for_update() if request.method == "POST" else devices).first()
    form = Code(request.POST or None)
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"]
        confirmed = _enrolled(request, person, code) if device is None else _right(device, code)
        if confirmed is not None:
            otp_login(request, confirmed)
            request.session.pop(PENDING, None)
            return HttpResponseRedirect(after(request, reverse("office")))
        form.add_error("code", str(WRONG))
    facts = {"form": form, "next": after(request, ""), "person": person}
    if device is None:
        facts |= _enrolment(request)
    answer = render(request, "site/second_factor.html", facts, status=422 if form.errors else 200)
    answer.headers["Cache-Control"] = "no-store"  # the key of a new device stands on it
    return answer


def _right(device: TOTPDevice, code: str) -> TOTPDevice | None:
    """The device if the code is its own and unused; wrong tries make the device wait longer each time."""
    return device if device.verify_token(code) else None


def _enrolled(request: Request, person: Person, code: str) -> TOTPDevice | None:
    key = request.session.get(PENDING)
    if key is None:
        return None
    by = Actor(ref=f"person:{person.pk}", name=person.name, role="staff", person_id=person.pk)
    try:
        with acting(by):
            device = services.enrol_second_factor(
                login=request.user, person=person, key=key, code=code, by=by, at=now()
            )
    except services.WrongCode:
        return None
    messages.success(request, t("两步验证已设好。", "Your second factor is set up."))
    return device


def _enrolment(request: Request) -> dict[str, str]:
    """The key, kept in the session until a code proves that the device has it, as a QR code and as text."""
    key = request.session.setdefault(PENDING, default_key())
    secret = TOTPDevice(key=key, user=request.user).config_url.partition("secret=")[2].partition("&")[0]
    label = quote(f"{ISSUER}:{request.user.get_username()}")
    uri = f"otpauth://totp/{label}?" + urlencode({"secret": secret, "issuer": ISSUER})
    spaced = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    return {"qr": segno.make(uri, error="m").svg_data_uri(scale=5, border=3, light="white"), "secret": spaced}
