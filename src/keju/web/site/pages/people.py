"""Who works for the examination, and what each may do, where, until when."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render

from keju.kernel.accounts import queries, services
from keju.kernel.accounts.models import Person, Posting
from keju.kernel.accounts.permissions import Permission
from keju.kernel.approvals import joining
from keju.kernel.audit import NotPermitted
from keju.kernel.calendar import now, today
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.paging import Page, after_of, cut
from keju.kernel.offices.queries import office
from keju.rulebook.words import Words, t
from keju.web.site.forms import EndOn, Grant, Identify, NewPerson, PeopleFilter

PAGE = 50


@dataclass(frozen=True)
class Held:
    """A posting as listed; `state` as the part `chip` wants it."""

    posting: Posting
    state: str
    words: Words


@office_page("accounts:people:read")
def people(request: Request) -> HttpResponse:
    filters = PeopleFilter(request.GET or None)
    found = queries.people(viewer=actor(request))
    if filters.is_valid() and (asked := filters.cleaned_data["q"].strip()):
        found = found.filter(Q(name__icontains=asked) | Q(employer__icontains=asked))
    rows, page = _page(found, after_of(request))
    return render(request, "site/people.html", {"filters": filters, "rows": rows, "page": page})


@office_page("accounts:people:read")
def person(request: Request, person_id: int) -> HttpResponse:
    return _person(request, person_id, _grant())


@office_page("accounts:people:manage")
def add(request: Request) -> HttpResponse:
    form = NewPerson(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data | {"office": office(form.cleaned_data["office"])}
        try:
            made = services.add_person(**data, by=actor(request), at=now())
        except ValidationError as refused:
            form.add_error(None if hasattr(refused, "error_dict") else "username", refused)
        else:
            messages.success(
                request, t("人员已登记，请授予岗位。", "The person is on record. Now give them a role.")
            )
            return redirect("people-person", person_id=made.pk)
    return render(request, "site/person_add.html", {"form": form}, status=422 if form.errors else 200)


@office_page("accounts:people:manage")
def grant(request: Request, person_id: int) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    form = Grant(request.POST)
    if not form.is_valid():
        return _person(request, person_id, form)
    data = form.cleaned_data | {"office": office(form.cleaned_data["office"])}
    try:
        services.post(person=queries.person(person_id), **data, by=actor(request), at=now())
    except ValidationError as refused:
        form.add_error("role", refused)
        return _person(request, person_id, form)
    messages.success(request, t("岗位已授予。", "The role is given."))
    return redirect("people-person", person_id=person_id)


@office_page("accounts:people:manage")
def identify(request: Request, person_id: int) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    form = Identify(request.POST)
    if not form.is_valid():
        return _person(request, person_id, _grant(), form)
    try:
        done = joining.identify(person_id=person_id, **form.cleaned_data, by=actor(request), at=now())
    except ValidationError as refused:
        form.add_error(None, refused)
        return _person(request, person_id, _grant(), form)
    messages.success(request, _said(done))
    return redirect("people-person", person_id=person_id)


def _said(done: joining.Identified) -> Words:
    if not done.joined:
        return t("身份证号码已登记。", "The identity number is on record.")
    if done.both_signed:
        return t(
            "已合并。注意：在{n}份已办结的提请中，两个条目都有签署，请核查。",
            "Joined. Note: both had a part in {n} proposals that are over; have that looked into.",
        ).format(n=len(done.both_signed))
    return t("已合并：两个条目今后算作一人。", "Joined: both entries count as one human from now on.")


@office_page("accounts:people:manage")
def end(request: Request, person_id: int, posting_id: int) -> HttpResponse:
    """The role ends with the day given; the page names what is lost before it is."""
    found = queries.person(person_id)
    posting = next((p for p in queries.postings(found) if p.pk == posting_id), None)
    if posting is None:
        raise NotPermitted(hidden=True)
    form = EndOn(request.POST or None, initial={"ends_on": today()})
    if request.method == "POST" and form.is_valid():
        last = form.cleaned_data["ends_on"]
        if last < posting.starts_on:
            form.add_error("ends_on", str(t("早于起始日。", "That is before it started.")))
        else:
            services.end_posting(posting_id=posting_id, ends_on=last, by=actor(request), at=now())
            messages.success(request, t("岗位的截止日已设定。", "The role's last day is set."))
            return redirect("people-person", person_id=person_id)
    facts = {"form": form, "person": found, "posting": posting}
    return render(request, "site/posting_end.html", facts, status=422 if form.errors else 200)


def _grant() -> Grant:
    return Grant(initial={"starts_on": today()})


def _person(
    request: Request, person_id: int, form: Grant, identify_form: Identify | None = None
) -> HttpResponse:
    found = queries.person(person_id)
    joined = queries.joined_entries(person_id, viewer=actor(request))
    facts = {
        "person": found,
        "held": [_held(p) for p in queries.postings(found)],
        "form": form,
        "identify_form": identify_form or Identify(),
        "joined": joined,
        "may_manage": actor(request).may(Permission.ACCOUNTS_PEOPLE_MANAGE),
    }
    wrong = form.errors or (identify_form is not None and identify_form.errors)
    return render(request, "site/person.html", facts, status=422 if wrong else 200)


def _held(posting: Posting) -> Held:
    if posting.starts_on > today():
        return Held(posting, "none", t("尚未开始", "Not yet"))
    if posting.ends_on is not None and posting.ends_on < today():
        return Held(posting, "none", t("已结束", "Ended"))
    return Held(posting, "done", t("有效", "In force"))


def _page(found: QuerySet[Person], after: int) -> tuple[list[Person], Page]:
    """A page of people by key (office, name, id); `after` is the last id of the page before."""
    found = found.select_related("login").order_by("office_path", "name", "pk")
    last = Person.objects.filter(pk=after).first() if after else None
    if last is not None:
        beyond = Q(office_path=last.office_path, name=last.name, pk__gt=last.pk)
        beyond |= Q(office_path=last.office_path, name__gt=last.name) | Q(office_path__gt=last.office_path)
        found = found.filter(beyond)
    return cut(found[: PAGE + 1], PAGE, last)
