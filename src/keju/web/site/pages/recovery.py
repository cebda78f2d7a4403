"""A candidate's lost password. Every answer is the same whether or not there is such an account."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render

from keju.algorithms.identity import Document
from keju.kernel.accounts import services
from keju.kernel.accounts.queries import document_index
from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, public_page
from keju.kernel.offices import Actor
from keju.rulebook.words import t
from keju.web import errors
from keju.web.site.forms import NewPasswordByCode, NewPasswordByPaper, Recover
from keju.web.site.forms.documents import DocumentForm
from keju.web.site.pages.signing import SLOW_DOWN, kinds_of
from keju.web.site.recovering import send_later, tell_owner
from keju.web.site.throttle import too_often

ASKED = "keju_recovery"
BY = Actor.system("recovery")
ASKINGS_AN_HOUR, TRIES_AN_HOUR, FOR_A_NUMBER = 30, 60, 5
WRONG = t(
    "没有成功：验证码不对、已过期，或试的次数太多。请核对，或重新获取。",
    "That did not work: the code is wrong, has expired, or was tried too often. Check it, or ask for another.",
)
DONE = t(
    "您的考试报名网站密码已重设，所有设备都须重新登录。如果不是本人操作，请立即联系报名确认点。",
    "The password of your examination account was reset and every device was signed out. If it was not you, tell your"
    " confirmation place at once.",
)


@public_page
def recover(request: Request) -> HttpResponse:
    """Asks for number and telephone; on to the code, whatever was typed."""
    form = Recover(request.POST or None, **kinds_of(request))
    if request.method == "POST" and form.is_valid():
        index = _index(form)
        if too_often(request, "recover", ASKINGS_AN_HOUR) or too_often(
            request, "recover-number", FOR_A_NUMBER, index.hex()
        ):
            return errors.answer(request, 429, SLOW_DOWN, [])
        with transaction.atomic():
            asked = services.request_recovery(
                identity_index=index, phone=form.cleaned_data["phone"], by=BY, at=now()
            )
            send_later(asked)
        request.session[ASKED] = asked
        return redirect("recover-code")
    return render(request, "site/recover.html", {"form": form}, status=422 if form.errors else 200)


@public_page
def code(request: Request) -> HttpResponse:
    """The code from the telephone and a new password."""
    asked = request.session.get(ASKED)
    if asked is None:
        return redirect("recover")
    form = NewPasswordByCode(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if too_often(request, "recover-try", TRIES_AN_HOUR):
            return errors.answer(request, 429, SLOW_DOWN, [])
        data = form.cleaned_data
        if _done(request, code=data["code"], password=data["password"], recovery_id=asked):
            del request.session[ASKED]
            return redirect("sign-in")
        form.add_error("code", str(WRONG))
    return render(request, "site/recover_code.html", {"form": form}, status=422 if form.errors else 200)


@public_page
def paper(request: Request) -> HttpResponse:
    """The code that a counter printed and a new password."""
    form = NewPasswordByPaper(request.POST or None, **kinds_of(request))
    if request.method == "POST" and form.is_valid():
        index = _index(form)
        if too_often(request, "recover-try", TRIES_AN_HOUR) or too_often(
            request, "recover-paper", 2 * FOR_A_NUMBER, index.hex()
        ):
            return errors.answer(request, 429, SLOW_DOWN, [])
        data = form.cleaned_data
        if _done(request, code=data["code"], password=data["password"], identity_index=index):
            return redirect("sign-in")
        form.add_error("code", str(WRONG))
    return render(request, "site/recover_paper.html", {"form": form}, status=422 if form.errors else 200)


def _done(request: Request, **given: object) -> bool:
    at = now()
    with transaction.atomic():
        candidate_id = services.recover(**given, by=BY, at=at)  # type: ignore[arg-type]
        if candidate_id is None:
            return False
        tell_owner(candidate_id, "accounts.password.reset", DONE, BY, at)
    messages.success(
        request, t("密码已重设，请用新密码登录。", "The password is reset. Sign in with the new one.")
    )
    return True


def _index(form: DocumentForm) -> bytes:
    """Of what cannot be a number, that of the text itself: it is nobody's."""
    return document_index(form.given() or Document("resident", form.cleaned_data["username"]))
