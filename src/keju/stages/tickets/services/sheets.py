"""The papers of a site: one kind as one PDF (V7.4, V14.6, V14.7). A kind is data and a template; nothing here knows which."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.documents.composing import Part, compose
from keju.kernel.documents.services import Ready, enter_ready
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook import enforce
from keju.stages.seating.services import hold
from keju.stages.tickets import documents, events, queries, rules
from keju.stages.tickets.documents import KINDS, LAYOUTS, SitePapers
from keju.stages.tickets.queries import Standing
from keju.stages.tickets.services.scene import Scene, chunks, drawing, papers, photos, scene, site_path

ROOMS = 4
"""Rooms rendered at once. The renderer remembers the pictures of its last ten runs: more rooms are more memory, fewer
carry the typeface more often."""


@dataclass(frozen=True)
class Order:
    """What is to be printed, read and allowed: the site's papers, the kinds, how labels are cut."""

    here: Scene
    standing: Standing
    whole: SitePapers
    kinds: Sequence[str]
    subject: str
    layout: str
    language: str


@dataclass(frozen=True)
class Made:
    """A finished file and its row for the ledger."""

    kind: str
    pdf: bytes
    ready: Ready


@write("tickets:sheets:print")
def print_sheets(
    *,
    exam: Exam,
    site_code: str,
    kind: str,
    room_number: int | None = None,
    layout: str = "",
    language: str = "zh",
    by: Actor,
    at: datetime,
) -> bytes:
    """The site's papers of that kind (one of `KINDS`) as one PDF, or those of one room; in the print ledger.

    The host prints them also for candidates who registered at another point. Refused where the kind says what nobody has
    entered, while the region has yet to number its present plans, and where seats changed meanwhile.
    `NotPermitted(hidden=True)` for a site out of scope or without tickets. `layout`: the labels in the tray.
    """
    order = placed(exam, site_code, [kind], room_number, layout, language, by)
    (made,) = produced(order)
    entered(order, [made.ready], by, at)
    record(
        events.SHEETS_PRINTED,
        by=by,
        at=at,
        subject=f"site:{site_code}",
        exam=exam.slug,
        office_path=order.here.office_path,
        rules=list(KINDS[kind].clauses),
        data={
            "kind": kind,
            "rooms": len(order.whole.rooms),
            "candidates": sum(len(r.holders) for r in order.whole.rooms),
            "pages": made.ready.pages,
        },
    )
    return made.pdf


def placed(
    exam: Exam, site_code: str, kinds: Sequence[str], room_number: int | None, layout: str, language: str, by: Actor
) -> Order:  # fmt: skip
    """The order with everything that it needs; refused before anything is rendered."""
    if not site_path(site_code).startswith(by.office_path or "-"):
        raise NotPermitted("tickets:sheets:print", hidden=True)
    enforce(rules.check_listed(kinds, KINDS, layout, LAYOUTS))
    standing = queries.standing(exam, site_code)
    people = queries.room_tickets(viewer=by, exam=exam, site_code=site_code, room_number=room_number)
    if not people:
        raise NotPermitted("tickets:sheets:print", hidden=True)
    enforce(rules.check_numbers_current(standing.current))
    # The newest, where a change of the plan gave some tickets a later one.
    here = scene(exam, site_code, max(queries.plan_ids(viewer=by, exam=exam, site_code=site_code)))
    enforce(rules.check_phone(any(KINDS[kind].needs_phone for kind in kinds), here.phone))
    subject = f"site:{site_code}" if room_number is None else f"site:{site_code}/{room_number}"
    return Order(here, standing, papers(here, people), kinds, subject, layout, language)


def produced(order: Order, step: Callable[[], None] = lambda: None) -> Iterator[Made]:
    """Every kind of the order, rendered and read again, one after the other. `step` is called after each."""
    for code in order.kinds:
        made = compose(
            template=f"tickets/{code}",
            parts=_parts(order, code),
            rehearsal=order.here.exam.is_rehearsal,
            language=order.language,
            tagged=False,
        )
        ready = Ready(
            code,
            f"tickets/{code}",
            order.subject,
            order.here.office_path,
            made.data_hash,
            hashlib.sha256(made.pdf).hexdigest(),
            made.pages,
            plan_version=order.here.plan,
        )
        yield Made(code, made.pdf, ready)
        step()


def entered(order: Order, ready: Sequence[Ready], by: Actor, at: datetime) -> None:
    """They stand in the ledger; refused where seats or numbers changed since they were read.

    Until the transaction ends nobody changes them: whoever does so afterwards finds these prints and declares them void.
    """
    here = order.here
    hold(here.exam, here.code[:2])
    enforce(rules.check_not_overtaken(queries.standing(here.exam, here.code) != order.standing))
    enter_ready(documents=ready, exam=here.exam, language=order.language, by=by, at=at)


def _parts(order: Order, code: str) -> Iterator[Part]:
    kind = KINDS[code]
    labels = documents.labels_of(kind, order.layout)
    for some in chunks(order.whole, ROOMS) if kind.by_room else [order.whole]:
        yield Part(
            documents.data_of(kind, some, labels),
            photos(some, kind.photo) if kind.photo else drawing(order.here) if kind.drawing else {},
            documents.names(some.rooms) if kind.names else (),
            kind.pages(some, labels) if kind.pages else None,
        )
