"""In and out. What is answered to a wrong try never says which part was wrong or whether there is such an account."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from keju.algorithms.identity import Document
from keju.kernel.accounts import services
from keju.kernel.accounts.models import Login, LoginKind
from keju.kernel.accounts.queries import document_index
from keju.kernel.accounts.services import NewCandidate
from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, public_page, remember_candidate
from keju.kernel.offices import Actor
from keju.rulebook.words import current_language, t
from keju.web import errors
from keju.web.site.current import document_kinds
from keju.web.site.forms import OfficeSignIn, SignIn, SignUp
from keju.web.site.throttle import too_often

BACKEND = "django.contrib.auth.backends.ModelBackend"
WRONG = t(
    "没有登录成功。请核对后再试；多次失败后须等候十五分钟。",
    "That did not work. Check what you typed; after too many tries you have to wait fifteen minutes.",
)
NOT_OPENED = t(
    "不能用这些信息开户。以前开过户的请直接登录；忘了密码的，请在登录页点“忘记密码”。",
    "No account can be opened with these entries. If you had one, sign in; if the password is lost, choose “Password"
    " forgotten” there.",
)
SLOW_DOWN = t("尝试次数过多，请一小时后再试。", "Too many tries. Try again in an hour.")
SIGN_UPS_AN_HOUR = 60  # one address may be a whole school
TRIES_FOR_A_NUMBER = 5


@public_page
def sign_in(request: Request) -> HttpResponse:
    """A candidate signs in with the identity number, in whatever form it is typed."""
    form = SignIn(request.POST or None, **kinds_of(request))
    if request.method == "POST" and form.is_valid():
        document = form.given()
        # What cannot be a number is looked up as typed, and found nowhere.
        username = document_index(document or Document("resident", form.cleaned_data["username"])).hex()
        user = authenticate(request, username=username, password=form.cleaned_data["password"])
        if user is not None and user.kind == LoginKind.CANDIDATE:  # type: ignore[attr-defined]
            return enter(request, user)  # type: ignore[arg-type]
        form.add_error(None, str(WRONG))
    return _page(request, "site/sign_in.html", form)


@public_page
def sign_up(request: Request) -> HttpResponse:
    """A candidate opens an account, and is signed in."""
    form = SignUp(request.POST or None, **kinds_of(request))
    if request.method == "POST" and too_often(request, "sign-up", SIGN_UPS_AN_HOUR):
        return errors.answer(request, 429, SLOW_DOWN, [])
    if request.method == "POST" and form.is_valid():
        data, document = form.cleaned_data, form.given()
        assert document is not None, "a valid form has a document"
        person = NewCandidate(
            identity=document.number,
            document_kind=document.kind,
            country=document.country,
            name=data["name"],
            phone=data["phone"],
            language=current_language(),
        )
        if too_often(request, "sign-up-number", TRIES_FOR_A_NUMBER, person.index.hex()):
            return errors.answer(request, 429, SLOW_DOWN, [])
        try:
            candidate = services.sign_up(
                person=person,
                password=data["password"],
                by=Actor.system("sign-up"),
                at=now(),
            )
        except ValidationError:
            form.add_error(None, str(NOT_OPENED))
        else:
            assert candidate.login is not None, "who signs up can sign in"
            entered = enter(request, candidate.login)
            messages.success(request, t("账户已开好。", "Your account is open."))
            return entered
    return _page(request, "site/sign_up.html", form)


@public_page
def office_sign_in(request: Request) -> HttpResponse:
    """Staff: name and password here, the device's code on the next page."""
    form = OfficeSignIn(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        user = authenticate(request, username=data["username"], password=data["password"])
        if user is not None and user.kind == LoginKind.STAFF:  # type: ignore[attr-defined]
            login(request, user)
            onward = {"next": after(request, reverse("office"))}
            return HttpResponseRedirect(f"{reverse('second-factor')}?{urlencode(onward)}")
        form.add_error(None, str(WRONG))
    return _page(request, "site/office_sign_in.html", form)


@public_page
def sign_out(request: Request) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    logout(request)
    messages.info(request, t("您已退出。", "You have signed out."))
    return redirect("home")


def enter(request: Request, account: Login) -> HttpResponse:
    """The candidate is signed in, by whatever they proved themselves with, and goes where they wanted to."""
    login(request, account, backend=BACKEND)
    remember_candidate(request)
    return HttpResponseRedirect(after(request, candidate_start()))


def after(request: Request, fallback: str) -> str:
    """Where `next` says, if that is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=settings.HTTPS)
    return wanted if ours else fallback


def candidate_start() -> str:
    """A candidate's first page: their exams where that stage is installed, else home."""
    for name in ("my-exams", "home"):
        try:
            return reverse(name)
        except NoReverseMatch:
            continue
    return "/"


def kinds_of(request: Request) -> dict[str, Any]:
    """Which identity documents there are to choose from, and which the address names."""
    return {"kinds": document_kinds(), "kind": request.GET.get("document", "")}


def _page(request: Request, template: str, form: SignIn | OfficeSignIn | SignUp) -> HttpResponse:
    return render(
        request, template, {"form": form, "next": after(request, "")}, status=422 if form.errors else 200
    )
