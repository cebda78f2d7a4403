"""Stores, entries, the days' reports and watching over the API."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Field, Router, Schema

from keju.kernel.calendar import CHINA, now
from keju.kernel.exams.access import Request, actor, office_api
from keju.kernel.exams.queries import programme
from keju.stages.custody.queries import entries as log
from keju.stages.custody.queries import stores as queries
from keju.stages.custody.queries import watching
from keju.stages.custody.services import daily, entries
from keju.stages.custody.services import watching as watch

router = Router(tags=["custody"])
Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
Text = Annotated[str, Field(max_length=300)]


class StoreOut(Schema):
    """`lacking`: why papers may not come in, in Chinese; empty where they may."""

    id: int
    office: str
    name: str
    address: str
    rented: bool
    lacking: list[str]


class EntryIn(Schema):
    """`key`: made on the device; `codes`: person id of a keyholder → the code typed by them."""

    key: UUID
    people: Annotated[list[Id], Field(min_length=1, max_length=20)]
    purpose: Annotated[str, Field(pattern="^(receive|withdraw|inspect|other)$")]
    codes: dict[Id, Annotated[str, Field(max_length=20)]]
    subject: Annotated[str, Field(max_length=60)] = ""
    note: Text = ""


class EntryOut(Schema):
    id: int
    person: int
    admitted: bool
    refusals: list[str]


class OutIn(Schema):
    entries: Annotated[list[Id], Field(min_length=1, max_length=50)]
    taken: Annotated[str, Field(max_length=60)] = ""
    note: Text = ""


class CountOut(Schema):
    count: int


class DailyIn(Schema):
    progress: Annotated[str, Field(max_length=1000)] = ""


class DailyOut(Schema):
    office: str
    day: date
    number: int
    safe: bool
    digest: str


class SpanIn(Schema):
    """`place`: "store:15", "seal_room:1301-01", "scoring"; `what`: which camera, or who watches."""

    place: Annotated[str, Field(max_length=60)]
    means: Literal["video", "persons"]
    what: Annotated[str, Field(max_length=120)]
    starts_at: datetime
    ends_at: datetime


class WatchIn(Schema):
    """`key`: made on the device."""

    key: UUID
    spans: Annotated[list[SpanIn], Field(min_length=1, max_length=100)]


class HoursOut(Schema):
    since: datetime
    until: datetime


class CoverageOut(Schema):
    place: str
    uncovered: list[HoursOut]


@router.get("/{exam}/stores", response=list[StoreOut], operation_id="custody_stores")
@office_api("custody:chain:read")
def stores(request: Request, exam: str) -> object:
    """The stores of the viewer's offices, and what each still lacks before papers may come in."""
    rows = list(queries.stores(request.exam, viewer=actor(request)))
    found = queries.standings(request.exam, [row.pk for row in rows], now(request.exam))
    law = programme(request.exam)
    return [
        {
            "id": row.pk,
            "office": row.office_code,
            "name": row.name,
            "address": row.address,
            "rented": row.is_rented,
            "lacking": [r.words(law).zh for r in found[row.pk].against],
        }
        for row in rows
    ]


@router.post(
    "/{exam}/stores/{store_id}/entries", response={201: list[EntryOut]}, operation_id="custody_store_enter"
)
@office_api("custody:store:enter")
def enter(request: Request, exam: str, store_id: Id, body: EntryIn) -> object:
    """They go in before both keyholders, or are refused; either is on record, once for a key."""
    made = entries.enter(
        exam=request.exam, key=body.key, store_id=store_id, person_ids=body.people, purpose=body.purpose,
        codes=body.codes, subject=body.subject, note=body.note, by=actor(request), at=now(request.exam),
    )  # fmt: skip
    return [
        {
            "id": e.pk,
            "person": e.person_id,
            "admitted": e.admitted,
            "refusals": [r.code for r in log.refusals(e)],
        }
        for e in made
    ]


@router.post("/{exam}/stores/{store_id}/exits", response={201: CountOut}, operation_id="custody_store_exit")
@office_api("custody:store:enter")
def come_out(request: Request, exam: str, store_id: Id, body: OutIn) -> object:
    """They are outside again."""
    n = entries.come_out(
        exam=request.exam, store_id=store_id, entry_ids=body.entries, taken=body.taken, note=body.note,
        by=actor(request), at=now(request.exam),
    )  # fmt: skip
    return {"count": n}


@router.post("/{exam}/daily", response={201: DailyOut}, operation_id="custody_daily_send")
@office_api("custody:store:manage")
def send(request: Request, exam: str, body: DailyIn) -> object:
    """The office's report of today goes up as the log has it."""
    by = actor(request)
    said = {by.office_code: body.progress}
    (row,) = daily.send_daily(
        exam=request.exam, office_codes=[by.office_code], progress=said, by=by, at=now(request.exam)
    )
    return {
        "office": row.office_code,
        "day": row.day,
        "number": row.number,
        "safe": row.safe,
        "digest": row.digest,
    }


@router.post("/{exam}/watch", response={201: CountOut}, operation_id="custody_watch_enter")
@office_api("custody:store:manage")
def enter_watch(request: Request, exam: str, body: WatchIn) -> object:
    """These stretches count as watched, once for a key (P7.2)."""
    spans = [watch.NewSpan(**one.dict()) for one in body.spans]
    made = watch.enter_watch(
        exam=request.exam, key=body.key, spans=spans, by=actor(request), at=now(request.exam)
    )
    return {"count": len(made)}


@router.get("/{exam}/coverage", response=list[CoverageOut], operation_id="custody_coverage")
@office_api("custody:chain:read")
def coverage(request: Request, exam: str, since: datetime, until: datetime) -> object:
    """Places where papers or cards lay in the span, with what neither video nor persons covered (P7.2)."""
    during = tuple(at if at.tzinfo else at.replace(tzinfo=CHINA) for at in (since, until))
    found = watching.coverage(request.exam, (during[0], during[1]), viewer=actor(request))
    return [
        {"place": c.place, "uncovered": [{"since": a, "until": b} for a, b in c.uncovered]} for c in found
    ]
