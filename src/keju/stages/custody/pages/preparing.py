"""Preparing a handover: first the kind and the two offices; then the place, what is handed over, and who is named."""

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from keju.kernel.calendar import now
from keju.kernel.exams import queries as exams
from keju.kernel.exams.access import Request, actor, office_page
from keju.kernel.exams.models import Exam
from keju.kernel.exams.refusing import explain
from keju.kernel.offices.queries import office
from keju.rulebook import Refusal, RuleRefused
from keju.rulebook.handovers import HandoverKind
from keju.rulebook.words import Words
from keju.stages.custody import queries
from keju.stages.custody.forms import handovers as typed
from keju.stages.custody.queries import destinations, escorting, packing
from keju.stages.custody.queries import handovers as reads
from keju.stages.custody.queries.naming import ROLES, SIDES, place_names
from keju.stages.custody.rules.containers import read_code
from keju.stages.custody.rules.handovers import Named
from keju.stages.custody.services import handovers as services

MAKE = "custody:handover:make"
ESCORT = "escort"


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
        places = destinations.places(exam, of, way["sender"], way["receiver"])
        stand = escorting.places_of(
            exam, destinations.waiting(exam, of, way["sender"], way["receiver"], viewer=by)
        )
        begins = data.get("begins", "") if data.get("begins", "") in stand.values() else ""
        waiting = sorted(code for code, place in stand.items() if begins in ("", place))
        place = data.get("place", "")
        crew = _crew(
            [place] if place in dict(places) else dict(places), [begins] if begins else stand.values()
        )
        facts |= {
            "way": way,
            "of": of,
            "parts": _parts(exam, of, way, data, crew, proposed=request.method == "GET"),
            "places": places,
            "place": place,
            "spots": _spots(exam, stand) if not begins else [],
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
        ready = destinations.ready(exam, own, viewer=by)
        facts["ready"] = [(r, r.kind.code in packing.COUNTED.values()) for r in ready]
    return render(request, "custody/handovers/new.html", facts, status=422 if form.errors and chosen else 200)


@dataclass(frozen=True)
class Choice:
    """Somebody who may take a part. `picked`: as the page is shown; `rides`: of the crew of the journey that is (un)loaded."""

    who: reads.Candidate
    post: object
    picked: bool
    rides: bool


def _parts(
    exam: Exam, of: HandoverKind, way: Mapping[str, str], data: QueryDict, crew: list[int], *, proposed: bool
) -> list[tuple[str, Words, Words, int, list[Choice]]]:
    """Each part with its field's name and who may take it. The crew comes first among escorts, who leads it first of all, since
    the first named answers (V10.1); `proposed`: they are ticked, since nobody has chosen yet."""
    able = reads.qualified(exam, of, way["sender"], way["receiver"])
    posts = {post.code: post.name for post in exams.programme(exam).posts}
    rank = {person: n for n, person in enumerate(crew)}
    parts = []
    for need in of.people:
        name = f"p-{need.side}-{need.role}"
        chosen = set(data.getlist(name))
        people = []
        for (side, role, person), one in able.items():
            if (side, role) == (need.side, need.role):
                rides = role == ESCORT and person in rank
                picked = str(person) in chosen or (proposed and rides)
                people.append(Choice(one, posts.get(one.post, ""), picked, rides))
        people.sort(key=lambda c: rank[c.who.person_id] if c.rides else len(rank))
        parts.append((name, SIDES[need.side], ROLES[need.role], reads.least(exam, need), people))
    return parts


def _crew(ends: Collection[str], begins: Collection[str]) -> list[int]:
    """Who rides on the journey that is loaded or unloaded, who leads first; nobody while it may be one of several."""
    crews = escorting.crews_at({*ends, *begins})
    return next(iter(crews.values())) if len(crews) == 1 else []


def _spots(exam: Exam, stand: Mapping[str, str]) -> list[tuple[str, Words, int]]:
    """(place, its name, how many stand there), where they stand at more than one: each is handed over by itself."""
    counted = Counter(stand.values())
    names = place_names(exam, counted)
    return [(place, names[place], n) for place, n in sorted(counted.items())] if len(counted) > 1 else []


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
