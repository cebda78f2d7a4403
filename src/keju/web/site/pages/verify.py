"""One field for whatever is printed on a document of ours: it leads to the page that knows."""

from typing import Any
from urllib.parse import parse_qs, urlencode, urlparse

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from keju.kernel.documents.codes import verify_code
from keju.kernel.exams.access import Request, public_page
from keju.rulebook.words import Words, t
from keju.web.site.forms import AnyCode

#: kind of signed code → (page, name of its field)
VERIFIERS = {
    "ticket": ("tickets-verify", "code"),
    "transcript": ("results-verify", "code"),
    "certificate": ("certificates-verify", "text"),
}
#: kinds that no page looks into: that the code is ours is all that may be said in public
OTHERS: dict[str, Words] = {
    "registration": t("报名回执", "Receipt of a registration"),
    "registration_form": t("报名表", "Registration form"),
}


@require_http_methods(["GET", "POST"])
@public_page
def verify(request: Request) -> HttpResponse:
    """To the verifier of this code; who types something else is told what it must look like. Nothing is written."""
    given = request.POST or request.GET
    form = AnyCode(given if "text" in given else None)
    facts: dict[str, Any] = {"form": form}
    if form.is_valid():
        text = _plain(form.cleaned_data["text"])
        known = verify_code(text)
        if known is not None and known[0] in VERIFIERS:
            return _to(known[0], text)
        # A certificate can also be looked up by its number.
        if known is None and text.isdigit() and len(text) >= 10:
            return _to("certificate", text)
        facts |= {
            "asked": True,
            "genuine": OTHERS.get(known[0]) if known else None,
            "is_ours": known is not None,
        }
    return render(request, "site/verify.html", facts)


def _to(kind: str, text: str) -> HttpResponse:
    name, field = VERIFIERS[kind]
    return HttpResponseRedirect(f"{reverse(name)}?{urlencode({field: text})}")


def _plain(text: str) -> str:
    """The code itself, also where the address of a QR code was pasted or blanks were typed between its parts."""
    asked = parse_qs(urlparse(text).query) if "://" in text else {}
    text = next((asked[name][0] for name in ("code", "text") if name in asked), text)
    return "".join(text.split())
