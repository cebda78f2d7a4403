"""An evidence file as one plain value."""

from datetime import datetime
from typing import Any

from keju.kernel.audit import queries as audit
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.stages.custody import queries
from keju.stages.custody.models import Container
from keju.stages.custody.queries import life as lives
from keju.stages.custody.queries import naming
from keju.stages.custody.queries.evidence.around import around
from keju.stages.custody.queries.evidence.chain import About, Chain, chain, life, proved
from keju.stages.custody.queries.evidence.parts import both, instant
from keju.stages.custody.rules.evidence import FORMAT
from keju.stages.custody.rules.watch import Span


def evidence(exam: Exam, asked: About, *, reason: str, by: Actor, at: datetime) -> dict[str, Any]:
    """Everything that is known of it, with proofs under the newest signed head, as `rules.evidence.check` reads it.

    NotYet while an event of it waits for its place in the log.
    """
    found = chain(exam, asked)
    with acting(by):
        more = around(exam, found)
        ids = set(found.events.values()) | set(audit.ids_about(more.subjects, exam=exam.slug))
        open_spans = _unwatched(exam, found, by, at)
    log = proved(ids)
    position = {one.event: n for n, one in enumerate(log.events)}
    return {
        "format": FORMAT,
        "exam": {"slug": exam.slug, **both(exam.name), "rehearsal": exam.is_rehearsal},
        "about": {"kind": asked.kind, "code": asked.code, **both(asked.name)},
        "made": {"at": instant(at), "by": by.name, "office": by.office_code, "scope": by.office_path, "reason": reason},
        "head": log.note,
        "events": [
            {"event": one.body.decode(), "index": one.index, "proof": [h.hex() for h in one.proof]}
            for one in log.events
        ],
        "operations": {
            str(pk): {
                "event": position[event],
                "steps": found.written[pk],
                **({"identities": found.made[pk]} if pk in found.made else {}),
            }
            for pk, event in sorted(found.events.items())
        },
        "containers": _containers(exam, asked, found),
        "life": life(exam, found, viewer=by),
        "unwatched": open_spans,
        **more.parts,
        "photos": sorted(more.photos),
    }  # fmt: skip


def _containers(exam: Exam, asked: About, found: Chain) -> dict[str, dict[str, Any]]:
    sessions, categories = queries.names_of(exam)
    mine = {row.pk for row in asked.containers}

    def facts(row: Container) -> dict[str, Any]:
        return {
            "code": row.code,
            "kind": row.kind,
            "kind_words": both(naming.KINDS[row.kind]),
            "role": "asked" if row.pk in mine else "outer",
            "site": row.site_code,
            "room": row.room,
            "session": row.session,
            "session_words": both(sessions.get(row.session, "")),
            "category": both(categories.get(row.category, row.category)),
            "copies": row.copies,
            "first_serial": row.first_serial,
            "last_serial": row.last_serial,
        }

    return {str(pk): facts(row) for pk, row in found.containers.items()}


def _unwatched(exam: Exam, found: Chain, by: Actor, at: datetime) -> list[dict[str, Any]]:
    """The spans in which one of the bags stood open and nobody is on record as watching it."""
    first = min(step.at for steps in found.steps.values() for step in steps)
    codes = {row.code for row in found.containers.values()}
    mine = [one for one in lives.unwatched(exam, Span(first, at), viewer=by) if one.code in codes]
    places = naming.place_names(exam, {one.place or "" for one in mine})
    return [
        {
            "code": one.code, "since": instant(span.since), "until": instant(span.until), "place": one.place or "",
            "place_words": both(places[one.place or ""]),
        }
        for one in mine
        for span in one.spans
    ]  # fmt: skip
