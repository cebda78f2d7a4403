"""Stores are entered, accepted, looked at and answered for; a single one is a batch of one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.calendar import CHINA
from keju.kernel.duties import services as duties
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.files import photographs, scans
from keju.kernel.files.services import NewFile, store_many
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office, path_of
from keju.rulebook import Refusal, RuleRefused, enforce
from keju.stages.custody import events
from keju.stages.custody.models import Acceptance, Store, StoreCheck
from keju.stages.custody.queries import stores as queries
from keju.stages.custody.rules import stores as rules
from keju.stages.custody.rules.stores import NewStore

AT = ("region", "point")
RECEIVED = {"region": "papers_received", "point": "point_papers_received"}
"""Kind of office → the milestone that its first receipt reaches."""
Facts = Mapping[str, object]


@write("custody:store:manage")
def enter_stores(
    *, exam: Exam, stores: Sequence[tuple[str, NewStore]], by: Actor, at: datetime
) -> list[Store]:
    """Each office (by its code, one of the actor's) has that store; in order. Nothing is ready yet: papers may not come in.

    A host that is not one of the preferred needs a reason (V12.2.1, in principle); it stands with the store.
    """
    found: list[Refusal] = []
    known = set(
        Store.objects.filter(exam=exam, office_code__in={code for code, _ in stores}).values_list(
            "office_code", "name"
        )
    )
    for code, new in stores:
        if str(office(code).kind) not in AT or not path_of(code).startswith(by.office_path or "-"):
            raise NotPermitted("custody:store:manage", hidden=True)
        found += rules.check_store(new)
        if (code, new.name.strip()) in known:
            found.append(Refusal("V12.2.0", "stores_known", {"store": new.name.strip()}, field="name"))
        known.add((code, new.name.strip()))
    enforce(found)
    rows = Store.objects.bulk_create(
        [
            Store(
                exam=exam, office_path=path_of(code), office_code=code, name=new.name.strip(),
                address=new.address.strip(), host_kind=new.host_kind,
                host_name=new.host_name.strip() if new.host_kind else "",
                reason=new.reason.strip() if new.host_kind else "", remote=new.remote, made_by=by.ref, made_at=at,
            )
            for code, new in stores
        ],
        batch_size=1000,
    )  # fmt: skip
    reasons = {f"store:{row.pk}": row.reason for row in rows if row.reason}
    noted(events.STORE_ENTERED, exam, rows, ["V12.2.0", "V12.2.1"], {"reasons": reasons}, by, at)
    return rows


@write("custody:store:manage")
def change_store(
    *,
    exam: Exam,
    store_id: int,
    new: NewStore,
    expected: int,
    lease: bytes = b"",
    agreement: bytes = b"",
    by: Actor,
    at: datetime,
) -> Store:
    """The store is as given; the scans that came take the place of earlier ones. Stale if somebody changed it meanwhile.

    ValidationError for a scan that cannot be read.
    """
    row = held(exam, store_id, by)
    if row.version != expected:
        raise Stale
    enforce(rules.check_store(new))
    same = Store.objects.filter(exam=exam, office_code=row.office_code, name=new.name.strip()).exclude(
        pk=row.pk
    )
    if same.exists():
        raise RuleRefused([Refusal("V12.2.0", "stores_known", {"store": new.name.strip()}, field="name")])
    row.name, row.address, row.remote = new.name.strip(), new.address.strip(), new.remote
    row.host_kind = new.host_kind
    row.host_name, row.reason = (new.host_name.strip(), new.reason.strip()) if new.host_kind else ("", "")
    kept = _kept(row, {"lease": lease, "agreement": agreement} if new.host_kind else {}, by, at)
    row.lease = kept.get("lease", row.lease) if new.host_kind else ""
    row.agreement = kept.get("agreement", row.agreement) if new.host_kind else ""
    row.version += 1
    row.save()
    noted(events.STORE_CHANGED, exam, [row], ["V12.2.1"], {"scans": kept, "reason": row.reason}, by, at)
    return row


@dataclass(frozen=True)
class NewAcceptance:
    """The secrecy authority accepted a store on that day."""

    store_id: int
    authority: str
    accepted_on: date


@write("custody:store:manage")
def accept_stores(
    *, exam: Exam, accepted: Sequence[NewAcceptance], scan: bytes, by: Actor, at: datetime
) -> list[Acceptance]:
    """The acceptances stand with their scan (one for all); the centre sees them, and the offices' duty of V12.2.2 is done.

    ValidationError for a scan that cannot be read.
    """
    rows = own_stores(exam, [one.store_id for one in accepted], by)
    today = at.astimezone(CHINA).date()
    enforce(
        r
        for one in accepted
        for r in rules.check_acceptance(one.authority, one.accepted_on, today, bool(scan))
    )
    page = scans.prepare(scan)
    files = [
        NewFile(page.data, f"acceptance-{one.store_id}", page.content_type, rows[one.store_id].office_path)
        for one in accepted
    ]
    shas = store_many(files=files, by=by, at=at)
    made = Acceptance.objects.bulk_create(
        [
            Acceptance(
                exam=exam, store_id=one.store_id, office_path=rows[one.store_id].office_path,
                authority=one.authority.strip(), accepted_on=one.accepted_on, scan=sha, sent_by=by.ref, sent_at=at,
            )
            for one, sha in zip(accepted, shas, strict=True)
        ],
        batch_size=1000,
    )  # fmt: skip
    duties.discharge_many(
        exam=exam,
        rule="V12.2.2",
        owners={row.office_code for row in rows.values()},
        evidence=f"acceptance:{made[0].pk}" if len(made) == 1 else f"acceptances:{len(made)}",
        by=by,
        at=at,
    )
    data = {"scan": sorted(set(shas))}
    noted(events.STORE_ACCEPTED, exam, list(rows.values()), ["V12.2.1", "V12.2.2"], data, by, at)
    return made


@dataclass(frozen=True)
class Look:
    """What somebody found of an item of the standard."""

    store_id: int
    item: str
    settled: bool
    note: str = ""


@write("custody:store:manage")
def check_stores(
    *, exam: Exam, looks: Sequence[Look], photos: Sequence[bytes] = (), by: Actor, at: datetime
) -> int:
    """`by` answers for what was found; the photos are of all of it. Returns how many entries were made.

    A later entry takes the place of an earlier one, which stays to be read. ValidationError for a photo that cannot be read.
    """
    rows = own_stores(exam, [look.store_id for look in looks], by)
    standard = {item.code: item for item in queries.items(exam)}
    if any(look.item not in standard for look in looks):
        raise NotPermitted(hidden=True)
    enforce(
        r
        for look in looks
        for r in rules.check_entry(
            standard[look.item], settled=look.settled, note=look.note, photos=len(photos)
        )
    )
    kept = {
        path: photographs.keep(photos=photos, name="store", office_path=path, by=by, at=at)
        for path in sorted({row.office_path for row in rows.values()})
    }
    StoreCheck.objects.bulk_create(
        [
            StoreCheck(
                exam=exam, store_id=look.store_id, office_path=rows[look.store_id].office_path, item=look.item,
                rule=standard[look.item].rule, settled=look.settled, note=look.note.strip(),
                photos=kept[rows[look.store_id].office_path], by=by.ref, at=at,
            )
            for look in looks
        ],
        batch_size=1000,
    )  # fmt: skip
    data = {
        "looked": len(looks),
        "failing": [[look.store_id, look.item] for look in looks if not look.settled][:200],
        "photos": [photo["sha"] for found in kept.values() for photo in found][:200],
    }
    noted(events.STORE_CHECKED, exam, list(rows.values()), ["V12.2.3"], data, by, at)
    return len(looks)


@write(None)
def papers_came(*, exam: Exam, store_ids: Iterable[int], by: Actor, at: datetime) -> int:
    """The offices of these stores have papers: from now on they owe a report each day (V12.4). Returns how many are new.

    For whoever closes a receipt into a store; again it changes nothing, and leaves no trace but that it was asked.
    """
    rows = list(Store.objects.filter(exam=exam, pk__in=list(store_ids)))
    new: list[str] = []
    for kind, key in RECEIVED.items():
        paths = {r.office_code: r.office_path for r in rows if str(office(r.office_code).kind) == kind}
        known = exams.milestone_by_office(exam, key, paths.values())
        mine = sorted(code for code, path in paths.items() if path not in known)
        if mine:
            duties.reach(exam=exam, key=key, when=at, offices=mine, by=by, at=at)
        new += mine
    noted(events.STORE_RECEIVED, exam, rows, ["V12.4"], {"offices": new}, by, at)
    return len(new)


def held(exam: Exam, store_id: int, by: Actor) -> Store:
    """The store, locked, of the actor's own office or below; NotPermitted (hidden) otherwise."""
    return own_stores(exam, [store_id], by)[store_id]


def own_stores(exam: Exam, store_ids: Iterable[int], by: Actor) -> dict[int, Store]:
    ids = set(store_ids)
    rows = queries.stores(exam, viewer=by).select_for_update(of=("self",)).filter(pk__in=ids)
    found = {row.pk: row for row in rows.order_by("pk")}
    if not ids or len(found) < len(ids):
        raise NotPermitted("custody:store:manage", hidden=True)
    return found


def _kept(row: Store, files: Mapping[str, bytes], by: Actor, at: datetime) -> dict[str, str]:
    """What each upload is called: its SHA-256."""
    pages = {name: scans.prepare(data) for name, data in files.items() if data}
    new = [NewFile(p.data, f"{name}-{row.pk}", p.content_type, row.office_path) for name, p in pages.items()]
    shas = store_many(files=new, by=by, at=at) if new else []
    return dict(zip(pages, shas, strict=True))


def noted(
    kind: str, exam: Exam, rows: Sequence[Store], clauses: Sequence[str], data: Facts, by: Actor, at: datetime
) -> None:
    """That this was done to these stores is on record: at the office of a single one, at the actor's for several."""
    single = rows[0] if len(rows) == 1 else None
    record(
        kind,
        by=by,
        at=at,
        subject=single.place if single else f"stores:{len(rows)}",
        exam=exam.slug,
        office_path=single.office_path if single else by.office_path,
        rules=clauses,
        data={**data, "stores": [row.pk for row in rows[:500]]},
    )
