"""Papers leave, are heard of on the way, and arrive (V10.2.3, V10.2.4, V11.3.1)."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from keju.kernel.accounts import services as accounts
from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.rulebook import Refusal, RuleRefused, enforce
from keju.stages.custody import events
from keju.stages.custody.models import Journey, JourneyCrew, JourneyEntry
from keju.stages.custody.models.journeys import ARRIVED, ENTRIES, SETTLED, UNDER_WAY
from keju.stages.custody.queries import journeys as queries
from keju.stages.custody.rules import journeys as rules
from keju.stages.custody.rules.journeys import AUTHORITIES, Mode
from keju.stages.custody.services.journey_notices import advise, tell_above
from keju.stages.custody.services.journeys import against, distinct, subject_of

SYSTEM = Actor.system("custody journeys")
FREE = frozenset(ENTRIES) - {"departed", "route_changed", "arrived"}  # what anybody of the journey may enter
PLACES = Decimal("0.00001")  # of a position: about a metre


@dataclass(frozen=True)
class Departure:
    """A journey leaves. `key`: the operation's id from the device; `attested`: what those on the spot vouch for."""

    journey_id: int
    key: UUID
    attested: Collection[str] = ()


@dataclass(frozen=True)
class Entry:
    """Something for the book of a journey. `told`: the authority that was told of trouble; `route`: the one asked for."""

    journey_id: int
    key: UUID
    kind: str = "report"
    words: str = ""
    happened_at: datetime | None = None
    lat: Decimal | None = None
    lng: Decimal | None = None
    told: str = ""
    route: str = ""


@write("custody:journey:plan")
def depart(
    *, exam: Exam, departures: Sequence[Departure], reason: str = "", by: Actor, at: datetime
) -> list[Journey]:
    """The journeys are under way, and their receivers know who brings what and when (V11.3.1). Refused with everything that
    is missing, for none of them leaves then. One that left by the same key stays as it is; Stale for another key.

    People, vehicles and papers are looked at once more: somebody may have been barred since the plan was settled.
    """
    wanted = {d.journey_id: d for d in departures}
    rows = _locked(exam, wanted, by)
    again = {r.pk for r in rows if _has_left(r, wanted[r.pk].key)}
    going = [row for row in rows if row.pk not in again]
    loaded = queries.aboard(exam, list(wanted))
    refusals: list[Refusal] = []
    for row in going:
        facts = (Mode(row.mode), wanted[row.pk].attested, row.state == SETTLED, loaded.get(row.pk, 0))
        refusals += rules.check_departure(*facts)
    for pk, found in against(exam, going).items():
        # what holds in principle was weighed when the plan was settled with a reason
        weighed = next(bool(row.reason) for row in going if row.pk == pk)
        refusals += [r for r in found if r.strength == "must" or not weighed]
    enforce(distinct(refusals), reason=reason, may_override=by.may("custody:journey:approve"))
    for row in going:
        row.state, row.departed_at, row.last_heard_at, row.version = UNDER_WAY, at, at, row.version + 1
        row.attested = sorted(wanted[row.pk].attested)
    Journey.objects.bulk_update(going, ["state", "departed_at", "last_heard_at", "attested", "version"])
    _write([(row, Entry(row.pk, wanted[row.pk].key, "departed", happened_at=at)) for row in going], by, at)
    record(
        events.JOURNEY_DEPARTED if going else events.REPEATED, by=by, at=at, subject=subject_of(rows), exam=exam.slug,
        office_path=rows[0].office_path if len(rows) == 1 else None, rules=["V10.2.3", "V10.2.4", "V11.3.1"],
        data={"journeys": [[r.pk, loaded.get(r.pk, 0), r.attested] for r in going], "again": len(again), "reason": reason},
    )  # fmt: skip
    for row in going:
        advise(exam, row, loaded.get(row.pk, 0), by, at)
    return rows


@write(None)
def departure_refused(*, exam: Exam, journey_id: int, refused: RuleRefused, by: Actor, at: datetime) -> None:
    """That somebody wanted to leave, and what stood against it, is on record; the edge says so after the refusal."""
    row = queries.one(exam, journey_id, viewer=by)
    record(
        events.JOURNEY_REFUSED, by=by, at=at, subject=f"journey:{row.pk}", exam=exam.slug, office_path=row.office_path,
        rules=sorted({r.rule for r in refused.refusals}), data={"codes": [r.code for r in refused.refusals]},
    )  # fmt: skip


@write("custody:journey:plan")
def enter(*, exam: Exam, entries: Sequence[Entry], by: Actor, at: datetime) -> list[JourneyEntry]:
    """The entries stand in the books of their journeys, each once by its key, however often it arrives. Returns those that
    stand, in the order given; trouble is known at every office above at once.
    """
    return _enter(exam, entries, by, at)


@write(None)
def enter_on_way(*, exam: Exam, card: queries.OnWay, entry: Entry, by: Actor, at: datetime) -> JourneyEntry:
    """As `enter`, by somebody of the journey with the address on their card, about this journey alone."""
    if entry.journey_id != card.journey.pk:
        raise NotPermitted(hidden=True)
    with acting(SYSTEM):
        return _enter(exam, [entry], by, at)[0]


@write(None)
def change_route(
    *, exam: Exam, journey_id: int, key: UUID, route: str, reason: str, code: str, by: Actor, at: datetime
) -> JourneyEntry | None:
    """The journey takes another route, because the person in charge of it agrees, by their own code; who signed in does not
    matter. None if the code does not prove that person: it does not raise, because a wrong try is remembered.
    """
    with acting(SYSTEM):
        row = Journey.objects.select_for_update().get(exam=exam, pk=journey_id)
        former = row.entries.filter(key=key).first()
        if former is not None:
            _changed(row, former, by, at)
            return former
        enforce(rules.check_route(route, reason))
        if row.state != UNDER_WAY or row.responsible_id is None:
            enforce([Refusal("V10.2.3", "custody_journey_not_under_way")])
        assert row.responsible_id is not None
        proof = accounts.prove(
            person_id=row.responsible_id, code=code, purpose=f"journey:{row.pk}:route", by=by, at=at
        )
        if proof is None:
            return None
        entry = Entry(row.pk, key, "route_changed", reason, happened_at=at, route=route)
        (made,) = _write([(row, entry)], by, at, person_id=row.responsible_id)
        Journey.objects.filter(pk=row.pk).update(last_heard_at=at, version=row.version + 1)
        _changed(row, made, by, at)
        return made


@write("custody:journey:plan")
def arrive(*, exam: Exam, arrivals: Mapping[int, UUID], by: Actor, at: datetime) -> list[Journey]:
    """The journeys (id → the operation's id) have arrived where they were to go; the papers are handed over next."""
    return _arrive(exam, arrivals, by, at)


@write(None)
def arrive_on_way(*, exam: Exam, card: queries.OnWay, key: UUID, by: Actor, at: datetime) -> Journey:
    """As `arrive`, by somebody of the journey with the address on their card."""
    with acting(SYSTEM):
        return _arrive(exam, {card.journey.pk: key}, by, at)[0]


@write("custody:journey:plan")
def new_cards(*, exam: Exam, journey_id: int, by: Actor, at: datetime) -> dict[int, str]:
    """Person → the secret part of the address on their card. Former cards of the journey open nothing any more."""
    row = queries.one(exam, journey_id, viewer=by)
    tokens = {}
    for c in JourneyCrew.objects.select_for_update().filter(journey=row).order_by("pk"):
        token = secrets.token_urlsafe(18)
        c.token_hash = queries.token_hash(token)
        c.save(update_fields=["token_hash"])
        tokens[c.person_id] = token
    record(
        events.JOURNEY_CARDS, by=by, at=at, subject=f"journey:{row.pk}", exam=exam.slug, office_path=row.office_path,
        rules=["V10.2.4"], data={"people": sorted(tokens)},
    )  # fmt: skip
    return tokens


@write("custody:handover:make")
def show_phones(*, exam: Exam, journey_id: int, by: Actor, at: datetime) -> dict[int, str]:
    """Person of the journey → their telephone in clear, for who sends or receives it; on record (V11.3.1)."""
    row = queries.one(exam, journey_id, viewer=by)
    found = queries.phones(queries.crew_of(row), clear=True)
    record(
        events.JOURNEY_PHONES, by=by, at=at, subject=f"journey:{row.pk}", exam=exam.slug, office_path=row.office_path,
        rules=["V11.3.1"], data={"people": sorted(found)},
    )  # fmt: skip
    return found


def _enter(exam: Exam, entries: Sequence[Entry], by: Actor, at: datetime) -> list[JourneyEntry]:
    rows = {row.pk: row for row in _locked(exam, {e.journey_id for e in entries}, by)}
    known = {
        (e.journey_id, e.key): e
        for e in JourneyEntry.objects.filter(journey_id__in=list(rows), key__in=[e.key for e in entries])
    }
    new = [e for e in entries if (e.journey_id, e.key) not in known]
    if any(
        (e.kind, e.words.strip()[:500]) != (was.kind, was.words)
        for e in entries
        if (was := known.get((e.journey_id, e.key)))
    ):
        raise Stale
    refusals: list[Refusal] = []
    for e in new:
        row = rows[e.journey_id]
        if e.kind not in FREE or (e.kind == "told") != (e.told in AUTHORITIES):
            raise Stale
        left = row.state == UNDER_WAY
        refusals += rules.check_entry(e.kind, e.words, left, e.happened_at or at, row.departed_at, at)
        refusals += rules.check_route(e.route, e.words) if e.kind == "route_asked" else []
    enforce(refusals)
    made = _write([(rows[e.journey_id], e) for e in new], by, at)
    for e in new:
        row = rows[e.journey_id]
        row.last_heard_at = at
        if e.kind == "trouble":
            row.trouble_since = row.trouble_since or e.happened_at or at
        if e.kind == "solved":
            row.trouble_since = None
    Journey.objects.bulk_update(list(rows.values()), ["last_heard_at", "trouble_since"])
    known |= {(e.journey_id, e.key): e for e in made}
    kinds = sorted({e.kind for e in new})
    what = events.JOURNEY_TROUBLE if "trouble" in kinds else events.JOURNEY_ENTERED
    record(
        what if new else events.REPEATED, by=by, at=at, subject=subject_of(list(rows.values())), exam=exam.slug,
        office_path=next(iter(rows.values())).office_path if len(rows) == 1 else None, rules=["V10.2.4"],
        data={"entries": [e.pk for e in made], "kinds": kinds, "again": len(entries) - len(new)},
    )  # fmt: skip
    for e in new:
        if e.kind == "trouble":
            tell_above(exam, rows[e.journey_id], e.words, by, at)
    return [known[e.journey_id, e.key] for e in entries]


def _arrive(exam: Exam, arrivals: Mapping[int, UUID], by: Actor, at: datetime) -> list[Journey]:
    rows = _locked(exam, arrivals, by)
    coming = [row for row in rows if row.state != ARRIVED]
    if any(row.state != UNDER_WAY for row in coming):
        enforce([Refusal("V10.2.4", "custody_journey_not_under_way")])
    for row in coming:
        row.state, row.arrived_at, row.last_heard_at, row.version = ARRIVED, at, at, row.version + 1
    Journey.objects.bulk_update(coming, ["state", "arrived_at", "last_heard_at", "version"])
    _write([(row, Entry(row.pk, arrivals[row.pk], "arrived", happened_at=at)) for row in coming], by, at)
    record(
        events.JOURNEY_ARRIVED if coming else events.REPEATED, by=by, at=at, subject=subject_of(rows), exam=exam.slug,
        office_path=rows[0].office_path if len(rows) == 1 else None, rules=["V10.2.4", "V11.3.1"],
        data={"journeys": [r.pk for r in coming], "again": len(rows) - len(coming)},
    )  # fmt: skip
    return rows


def _locked(exam: Exam, ids: Collection[int], by: Actor) -> list[Journey]:
    found = Journey.objects.select_for_update().filter(exam=exam, pk__in=list(ids))
    rows = list(found.order_by("pk"))
    if not rows or len(rows) != len(ids):
        raise NotPermitted(hidden=True)
    return rows


def _has_left(row: Journey, key: UUID) -> bool:
    """Whether it left by this very operation; Stale where it left by another."""
    if row.state not in (UNDER_WAY, ARRIVED):
        return False
    if not row.entries.filter(key=key, kind="departed").exists():
        raise Stale
    return True


def _write(
    entries: Sequence[tuple[Journey, Entry]], by: Actor, at: datetime, person_id: int | None = None
) -> list[JourneyEntry]:
    return JourneyEntry.objects.bulk_create(
        JourneyEntry(
            journey=row, office_path=row.office_path, key=e.key, kind=e.kind, words=e.words.strip()[:500],
            route=e.route.strip()[:500], told=e.told, lat=_rounded(e.lat), lng=_rounded(e.lng),
            happened_at=e.happened_at or at, at=at, person_id=person_id or by.person_id, by=by.ref,
        )
        for row, e in entries
    )  # fmt: skip


def _rounded(degrees: Decimal | None) -> Decimal | None:
    return None if degrees is None else degrees.quantize(PLACES)


def _changed(row: Journey, entry: JourneyEntry, by: Actor, at: datetime) -> None:
    record(
        events.JOURNEY_ROUTE, by=by, at=at, subject=f"journey:{row.pk}", exam=row.exam.slug, office_path=row.office_path,
        rules=["V10.2.3"], data={"entry": entry.pk, "consent": entry.person_id, "reason": entry.words},
    )  # fmt: skip
