"""Passkeys: a candidate's own list, adding one, and signing in with one. Without JavaScript the password does it all."""

from django.contrib import messages
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from keju.kernel.accounts import queries, services
from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, candidate_page, public_page
from keju.kernel.offices import Actor
from keju.rulebook.words import t
from keju.web.site.forms import NewPasskey, PasskeyName
from keju.web.site.pages.signing import SLOW_DOWN, enter
from keju.web.site.throttle import too_often

CHALLENGE = "passkey_challenge"
TRIES_AN_HOUR = 120  # one address may be a whole school
SITE = t("考试服务", "Examination services")
WRONG_PASSWORD = t(
    "密码不对。多次失败后须等候十五分钟。",
    "That is not your password. After too many tries you have to wait fifteen minutes.",
)
NOT_ADDED = t("通行密钥没有保存，请重新添加。", "The passkey was not saved. Add it again.")
NOT_SIGNED_IN = t(
    "没有用通行密钥登录成功。请再试一次，或用证件号码和密码登录。",
    "The passkey did not sign you in. Try again, or use your identity number and password.",
)


@require_http_methods(["GET", "POST"])
@candidate_page
def passkeys(request: Request) -> HttpResponse:
    """The candidate's passkeys; a POST brings what the device answered, after `begin` saw the password."""
    by = actor(request)
    if request.method == "POST":
        added = services.add_passkey(
            answer=request.POST.get("answer", ""),
            name=request.POST.get("name", ""),
            challenge=_challenge(request),
            by=by,
            at=now(),
        )
        if added is None:
            messages.error(request, str(NOT_ADDED))
        else:
            messages.success(request, str(t("通行密钥已保存。", "The passkey is saved.")))
        return redirect("my-passkeys")
    facts = {"passkeys": queries.passkeys(viewer=by), "form": NewPasskey()}
    return render(request, "site/passkeys.html", facts)


@require_POST
@candidate_page
def begin(request: Request) -> HttpResponse:
    """The password is right: what the browser is to make a key with. Answers the page's script."""
    candidate = request.candidate
    form = NewPasskey(request.POST)
    if not form.is_valid():
        return _said(" ".join(str(e) for errors in form.errors.values() for e in errors))
    username = candidate.login.username
    if authenticate(request, username=username, password=form.cleaned_data["password"]) is None:
        return _said(str(WRONG_PASSWORD))
    challenge = services.ask(candidate_id=candidate.pk, at=now())
    try:
        options = services.options_to_add(candidate, challenge, SITE)
    except ValidationError as error:
        return _said(" ".join(error.messages))
    request.session[CHALLENGE] = challenge.hex()
    return JsonResponse(options)


@require_POST
@candidate_page
def rename(request: Request, passkey_id: int) -> HttpResponse:
    form = PasskeyName(request.POST)
    if form.is_valid():
        name = form.cleaned_data["name"]
        services.rename_passkey(passkey_id=passkey_id, name=name, by=actor(request), at=now())
        messages.success(request, str(t("名称已保存。", "The name is saved.")))
    else:
        messages.error(request, str(t("请填写名称。", "Give it a name.")))
    return redirect("my-passkeys")


@require_POST
@candidate_page
def remove(request: Request, passkey_id: int) -> HttpResponse:
    services.remove_passkey(passkey_id=passkey_id, by=actor(request), at=now())
    messages.success(
        request, str(t("通行密钥已删除，不能再用它登录。", "Removed: it does not sign you in any more."))
    )
    return redirect("my-passkeys")


@require_POST
@public_page
def challenge(request: Request) -> HttpResponse:
    """What any passkey of this site is to sign. Answers the page's script."""
    if too_often(request, "passkey", TRIES_AN_HOUR):
        return _said(str(SLOW_DOWN), 429)
    value = services.ask(candidate_id=None, at=now())
    request.session[CHALLENGE] = value.hex()
    return JsonResponse(services.options_to_sign_in(value))


@require_POST
@public_page
def sign_in(request: Request) -> HttpResponse:
    """Whoever's passkey signed is signed in."""
    candidate = services.sign_in_with_passkey(
        answer=request.POST.get("answer", ""),
        challenge=_challenge(request),
        by=Actor.system("sign-in"),
        at=now(),
    )
    if candidate is None:
        messages.error(request, str(NOT_SIGNED_IN))
        return redirect("sign-in")
    assert candidate.login is not None, "a passkey without a sign-in is refused"
    return enter(request, candidate.login)


def _challenge(request: Request) -> bytes:
    """What this browser was last asked to sign; it is asked only once."""
    return bytes.fromhex(request.session.pop(CHALLENGE, ""))


def _said(words: str, status: int = 422) -> JsonResponse:
    return JsonResponse({"error": words}, status=status)
