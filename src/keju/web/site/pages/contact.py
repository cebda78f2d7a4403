"""A candidate's own contact details."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from keju.kernel.accounts.services import Contact, keep_contact
from keju.kernel.calendar import now
from keju.kernel.exams.access import actor, candidate_page
from keju.rulebook.words import t
from keju.web.site.forms import MyContact


@candidate_page
def contact(request: HttpRequest) -> HttpResponse:
    """Telephone, e-mail and language: where and how every message of every exam reaches the candidate."""
    own = request.candidate  # type: ignore[attr-defined]
    form = MyContact(
        request.POST or None, initial={"phone": own.phone, "email": own.email, "language": own.language}
    )
    if request.method == "POST" and form.is_valid():
        kept = Contact(own.pk, **form.cleaned_data)
        keep_contact(contacts=[kept], by=actor(request), at=now())
        messages.success(request, t("联系方式已保存。", "Your contact details are saved."))
        return redirect("my-contact")
    return render(request, "site/contact.html", {"form": form}, status=422 if form.errors else 200)
