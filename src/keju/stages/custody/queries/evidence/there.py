"""What happened at the places where the containers in question were, while they were there: journeys, entries, alarms."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from keju.kernel.exams.models import Exam
from keju.kernel.offices import acting
from keju.kernel.offices import queries as offices
from keju.stages.custody.models import Alarm, Entry, Journey
from keju.stages.custody.queries import store_names
from keju.stages.custody.queries.evidence.chain import NATION, Chain
from keju.stages.custody.queries.evidence.parts import Around, both, instant
from keju.stages.custody.rules.places import Spot, read

MOST_ENTRIES = 5_000  # of one store
Spans = Mapping[str, tuple[datetime, datetime | None]]


def spans(found: Chain) -> Spans:
    """Place → from when to when any of the containers was there, None while one still is."""
    there: dict[str, tuple[datetime, datetime | None]] = {}
    for steps in found.steps.values():
        for step, following in zip(steps, [*steps[1:], None], strict=True):
            if step.place:
                since, until = step.at, following.at if following else None
                first, last = there.get(step.place, (since, since))
                there[step.place] = (
                    min(first, since),
                    None if last is None or until is None else max(last, until),
                )
    return there


def _keys(there: Spans, spot: Spot) -> dict[int, tuple[datetime, datetime | None]]:
    known = {place: read(place) for place in there}
    return {int(where.key): there[place] for place, where in known.items() if where.spot == spot}


def journeys(exam: Exam, there: Spans, made: Around) -> Iterable[dict[str, Any]]:
    rows = list(
        Journey.objects.filter(exam=exam, pk__in=list(_keys(there, Spot.JOURNEY))).order_by("depart_at", "pk")
    )
    ends = offices.names({code for row in rows for code in (row.sender_code, row.receiver_code)})
    with acting(NATION):  # the people of either side, as the plan names them
        crews = {row.pk: list(row.crew.select_related("person").order_by("pk")) for row in rows}
        books = {
            row.pk: list(row.entries.select_related("person").order_by("happened_at", "pk")) for row in rows
        }
    for row in rows:
        made.subjects.add(f"journey:{row.pk}")
        if row.proposal_id is not None:
            made.proposals.add(row.proposal_id)
        yield {
            "journey": row.pk,
            "mode": row.mode,
            "from": both(ends[row.sender_code]),
            "to": both(ends[row.receiver_code]),
            "carrier": row.carrier,
            "route": row.route,
            "vehicles": [v["plate"] for v in row.vehicles],
            "departed_at": instant(row.departed_at),
            "arrived_at": instant(row.arrived_at),
            "crew": [{"name": c.person.name, "duty": c.duty} for c in crews[row.pk]],
            "entries": [
                {"kind": e.kind, "words": e.words, "at": instant(e.happened_at), "name": e.person.name if e.person else ""}
                for e in books[row.pk]
            ],
        }  # fmt: skip


def entries(exam: Exam, there: Spans) -> Iterable[dict[str, Any]]:
    """Who was in the stores, or was refused, while one of the containers lay there."""
    for store, (since, until) in sorted(_keys(there, Spot.STORE).items()):
        while_there = Q(ended__at__gte=since) | Q(ended=None, admitted=True) | Q(at__gte=since)
        rows = Entry.objects.filter(while_there, exam=exam, store_id=store)
        rows = rows.filter(at__lte=until) if until else rows
        seen = list(rows.order_by("at", "pk").values_list("pk", flat=True)[:MOST_ENTRIES])
        with acting(NATION):  # whoever went in, of whatever office, as the entry log names them
            named = Entry.objects.select_related("store", "person", "holder_a", "holder_b", "ended")
            found = list(named.filter(pk__in=seen).order_by("at", "pk"))
        for row in found:
            out = getattr(row, "ended", None)
            yield {
                "store": both(row.store.name),
                "name": row.person.name,
                "purpose": both(store_names.PURPOSES[row.purpose]),
                "admitted": row.admitted,
                "refusals": [code for code, _ in row.refusals],
                "keyholders": [p.name for p in (row.holder_a, row.holder_b) if p],
                "in_at": instant(row.at),
                "out_at": instant(out.at) if out else "",
                "taken": out.taken if out else "",
            }


def alarms(exam: Exam, there: Spans, made: Around) -> Iterable[dict[str, Any]]:
    """Alarms about these containers, their handovers, cases and journeys, and about the stores while they lay there."""
    stores = {f"store:{pk}": span for pk, span in _keys(there, Spot.STORE).items()}
    rows = Alarm.objects.filter(exam=exam, subject__in=[*made.subjects, *stores])
    for row in rows.order_by("since", "pk"):
        since, until = stores.get(row.subject, (row.since, None))
        if (row.cleared_at is None or row.cleared_at >= since) and (until is None or row.raised_at <= until):
            yield {
                "kind": row.kind,
                "rule": row.rule,
                "subject": row.subject,
                "words": {"zh": row.words_zh, "en": row.words_en},
                "since": instant(row.since),
                "raised_at": instant(row.raised_at),
                "cleared_at": instant(row.cleared_at),
            }
