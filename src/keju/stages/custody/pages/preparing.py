"""Preparing a handover: first the kind and the two offices; then the place, what is handed over, and who is named."""

import uuid
from collections.abc import Iterable

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.refusing import explain
from keju.kernel.offices.queries import office
from keju.rulebook import Refusal, RuleRefused
from keju.rulebook.handovers import HandoverKind
from keju.stages.custody import queries
from keju.stages.custody.forms import handovers as typed
from keju.stages.custody.queries import destinations
from keju.stages.custody.queries import handovers as reads
from keju.stages.custody.queries.naming import ROLES, SIDES
from keju.stages.custody.rules.containers import read_code
from keju.stages.custody.rules.handovers import Named
from keju.stages.custody.services import handovers as services

MAKE = "custody:handover:make"


@require_http_methods(["GET", "POST"])
@office_page(MAKE)
def new(request: Request) -> HttpResponse:
    """What is ready is offered; the handover is prepared, or the page says what stands against it, everything still chosen."""
    exam, by = request.exam, actor(request)
    data = request.POST if request.method == "POST" else request.GET
    own = office(by.office_code) if by.office_code else None
    kinds, others = destinations.kinds_of(exam, own), destinations.others(exam, own) if own else []
    chosen = "kind" in data
    form = typed.KindForm(own, kinds, others, data if chosen else None)
    facts: dict[str, object] = {"form": form}
    if chosen and form.is_valid():
        way = form.cleaned_data
        of = reads.kind_of(exam, way["kind"])
        able = reads.qualified(exam, of, way["sender"], way["receiver"])
        posts = {post.code: post.name for post in exams.programme(exam).posts}
        parts = [
            (
                f"p-{n.side}-{n.role}", SIDES[n.side], ROLES[n.role], reads.least(exam, n),
                [
                    (c, str(c.person_id) in data.getlist(f"p-{n.side}-{n.role}"), posts.get(c.post, ""))
                    for (side, role, _), c in able.items()
                    if (side, role) == (n.side, n.role)
                ],
            )
            for n in of.people
        ]  # fmt: skip
        waiting = destinations.waiting(exam, of, way["sender"], way["receiver"], viewer=by)
        facts |= {
            "way": way,
            "of": of,
            "parts": parts,
            "places": destinations.places(exam, of, way["sender"], way["receiver"]),
            "place": data.get("place", ""),
            "codes": data.get("codes") or "\n".join(waiting),
            "key": data.get("key") or uuid.uuid4(),
        }
        if request.method == "POST":
            try:
                if not data.get("place"):
                    raise RuleRefused([Refusal("V11.1", "handover_place")])
                key = uuid.UUID(str(facts["key"]))
                row = services.prepare(
                    exam=exam, key=key, kind=of.code, container_ids=_containers(request, data.get("codes", "")),
                    sender_office=way["sender"], receiver_office=way["receiver"], place=data.get("place", ""),
                    people=list(_named(of, data)), by=by, at=now(exam),
                )  # fmt: skip
            except RuleRefused as refused:
                explain(form, refused, exam)
            except ValueError:
                form.add_error(None, str(typed.ANEW))
            else:
                return redirect("custody-handover", exam=exam.slug, handover_id=row.pk)
    elif own is not None:
        facts["ready"] = destinations.ready(exam, own, viewer=by)
    return render(request, "custody/handovers/new.html", facts, status=422 if form.errors and chosen else 200)


def _containers(request: Request, text: str) -> list[int]:
    """The containers typed. RuleRefused for none, and for each code that is unknown here: none is passed over in silence."""
    read = {word: read_code(word) for word in text.split()}
    known = queries.by_codes(request.exam, {code for code in read.values() if code}, viewer=actor(request))
    strange = [word[:20] for word, code in read.items() if code not in known]
    if strange:
        facts = {"codes": "、".join(strange[:10]), "count": len(strange)}
        raise RuleRefused([Refusal("V12.2.0", "handover_unknown", facts)])
    if not known:
        raise RuleRefused([Refusal("V12.2.0", "handover_nothing")])
    return [container.pk for container in known.values()]


def _named(of: HandoverKind, data: QueryDict) -> Iterable[Named]:
    for need in of.people:
        for value in data.getlist(f"p-{need.side}-{need.role}"):
            if value.isdecimal():
                yield Named(need.side, need.role, int(value))
