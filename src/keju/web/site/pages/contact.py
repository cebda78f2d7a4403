"""A candidate's own contact details."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from keju.kernel.accounts.services import Contact, keep_contact
from keju.kernel.calendar import now
from keju.kernel.exams.access import Request, actor, candidate_page
from keju.rulebook.words import t
from keju.stages.registration.queries import mask_phone
from keju.web.site.forms import MyContact
from keju.web.site.recovering import tell_owner

CHANGED = t(
    "您的考试报名账户的手机号码已改为{phone}。如果不是本人操作，请立即联系报名确认点。",
    "The telephone of your examination account was changed to {phone}. If it was not you, tell your confirmation place at"
    " once.",
)


@candidate_page
def contact(request: Request) -> HttpResponse:
    """Telephone, e-mail and language: where and how every message of every exam reaches the candidate."""
    own = request.candidate
    form = MyContact(
        request.POST or None, initial={"phone": own.phone, "email": own.email, "language": own.language}
    )
    if request.method == "POST" and form.is_valid():
        kept, by, at = Contact(own.pk, **form.cleaned_data), actor(request), now()
        if own.phone != kept.phone:
            # To the former number: whoever has the new one can set a new password.
            words = CHANGED.format(phone=mask_phone(kept.phone or ""))
            tell_owner(own.pk, "accounts.contact.changed", words, by, at)
        keep_contact(contacts=[kept], by=by, at=at)
        messages.success(request, t("联系方式已保存。", "Your contact details are saved."))
        return redirect("my-contact")
    return render(request, "site/contact.html", {"form": form}, status=422 if form.errors else 200)
