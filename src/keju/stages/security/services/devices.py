"""Devices: entered or imported, tested, placed for a time, taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from keju.kernel.audit import record, write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import path_of
from keju.kernel.sheets import Column, read_table, write_table
from keju.rulebook import Refusal, RuleRefused, enforce
from keju.rulebook.words import t
from keju.stages.security import events
from keju.stages.security.models import Device, DeviceTest, DeviceUse, Entrance
from keju.stages.security.params import Params
from keju.stages.security.queries import devices as queries
from keju.stages.security.queries.people import region_of
from keju.stages.security.rules import devices as rules
from keju.stages.security.services.importing import ImportResult, refused
from keju.stages.venues import queries as venues

COLUMNS = (
    Column("tag", t("设备编号", "Device number"), required=True, max_length=40, unique=True),
    Column("kind", t("种类", "Kind"), required=True, max_length=40),
    Column("model", t("型号", "Model"), max_length=80),
)
NOBODY = Actor.system("security")


@dataclass(frozen=True)
class NewDevice:
    kind: str
    tag: str
    model: str = ""


@dataclass(frozen=True)
class Placing:
    """A device at a room (its number), at an entrance (its id), or at the site as a whole."""

    device_id: int
    room: int | None = None
    entrance_id: int | None = None


@write("security:device:manage")
def add_devices(
    *, exam: Exam, office_code: str, devices: Sequence[NewDevice], by: Actor, at: datetime
) -> list[Device]:
    """Each is in the office's inventory, not tested yet: all or none."""
    against = _refused_each(exam, office_code, devices)
    enforce([r for one in against for r in one])
    made = Device.objects.bulk_create(
        Device(
            office_path=path_of(office_code),
            office_code=office_code,
            kind=one.kind,
            tag=one.tag.strip(),
            model=one.model.strip(),
            made_by=by.ref,
            made_at=at,
        )
        for one in devices
    )
    record(
        events.DEVICES_ADDED,
        by=by,
        at=at,
        subject=f"devices:{len(made)}",
        exam=exam.slug,
        office_path=path_of(office_code),
        rules=["P2.3"],
        data={"tags": [row.tag for row in made]},
    )
    return made


@write("security:device:manage")
def import_devices(*, exam: Exam, data: bytes, filename: str, by: Actor, at: datetime) -> ImportResult:
    """Every row is a device of the actor's office, or nothing is changed and `errors` say which rows are wrong and why."""
    table = read_table(data, filename=filename, columns=COLUMNS, max_rows=5000)
    words = {
        str(w).casefold(): kind.code
        for kind in queries.kinds(exam)
        for w in (kind.name.zh, kind.name.en, kind.code)
    }
    rows = [
        NewDevice(
            words.get(r.values["kind"].strip().casefold(), r.values["kind"]),
            r.values["tag"],
            r.values["model"],
        )
        for r in table.rows
    ]
    against = _refused_each(exam, by.office_code, rows)
    event, subject = events.DEVICE_IMPORT_REFUSED, "devices"
    if wrong := refused(event, exam=exam, table=table, against=against, subject=subject, by=by, at=at):
        return wrong
    made = add_devices(exam=exam, office_code=by.office_code, devices=rows, by=by, at=at)
    return ImportResult(len(made), [])


def template_workbook(exam: Exam) -> bytes:
    """A workbook to fill in, with an example of each kind."""
    rows = ((f"A{n:03}", str(kind.name), "") for n, kind in enumerate(queries.kinds(exam), 1))
    return write_table(COLUMNS, rows)


@write("security:device:manage")
def test_devices(
    *, exam: Exam, device_ids: Sequence[int], passed: bool, note: str = "", by: Actor, at: datetime
) -> int:
    """Each was tried with this result; where it is placed it counts, or no longer does. Returns how many.

    `Device.DoesNotExist` if one of them is not in the actor's inventory: none is left out in silence.
    """
    enforce(rules.check_test(passed, note))
    rows = list(queries.devices(viewer=by).filter(pk__in=device_ids))
    if len(rows) < len(set(device_ids)):
        raise Device.DoesNotExist
    DeviceTest.objects.bulk_create(
        DeviceTest(
            device=row, office_path=row.office_path, passed=passed, note=note.strip(), by_ref=by.ref, at=at
        )
        for row in rows
    )
    ids = [row.pk for row in rows]
    Device.objects.filter(pk__in=ids).update(passed=passed, tested_at=at)
    with acting(NOBODY):  # wherever it is used, also outside of the owner's own office
        DeviceUse.objects.filter(device_id__in=ids, ended_at=None).update(fit=passed)
    record(
        events.DEVICES_TESTED,
        by=by,
        at=at,
        subject=f"device:{ids[0]}" if len(ids) == 1 else f"devices:{len(ids)}",
        exam=exam.slug,
        rules=["P2.3"],
        data={"devices": ids, "passed": passed},
    )
    return len(ids)


@write("security:device:manage")
def add_entrance(*, exam: Exam, site_code: str, name: str, by: Actor, at: datetime) -> Entrance:
    """The site has one more way in where candidates are checked."""
    site = venues.site(exam, site_code, viewer=by)
    enforce([] if name.strip() else [Refusal("P2.3", "security_no_entrance", field="name")])
    row, _ = Entrance.objects.get_or_create(
        exam=exam, site_code=site_code, name=name.strip(), defaults={"office_path": site.office_path}
    )
    record(
        events.ENTRANCE_ADDED,
        by=by,
        at=at,
        subject=f"site:{site_code}",
        exam=exam.slug,
        office_path=site.office_path,
        rules=["P2.3"],
        data={"name": row.name},
    )
    return row


@write("security:device:manage")
def place_devices(
    *, exam: Exam, site_code: str, placings: Sequence[Placing], from_at: datetime, until_at: datetime, by: Actor, at: datetime
) -> list[DeviceUse]:  # fmt: skip
    """Each device is at its place of the site for that time, and nowhere else: all or none."""
    site = venues.site(exam, site_code, viewer=by)
    rooms = set(queries.rooms_of(exam, site_code, viewer=by))
    doors = {row.pk for row in queries.entrances(exam, site_code)}
    scope = Actor.system("security", region_of(site.office_path))
    with acting(scope):  # the region's devices may be lent to a site
        found = Device.objects.in_bulk([p.device_id for p in placings])
    taken = queries.taken(found, from_at, until_at)
    refusals: list[Refusal] = []
    for p in placings:
        row = found.get(p.device_id)
        known = row is not None and (p.entrance_id is None or p.entrance_id in doors)
        free = known and p.device_id not in taken
        refusals += rules.check_use(free, bool(row and row.retired_at), from_at, until_at, p.room, rooms)
    enforce(refusals)
    days = exams.params(exam, Params).device_test_days
    rows = [
        DeviceUse(
            exam=exam,
            device_id=p.device_id,
            office_path=site.office_path,
            site_code=site_code,
            kind=found[p.device_id].kind,
            room=p.room,
            entrance_id=p.entrance_id,
            from_at=from_at,
            until_at=until_at,
            fit=rules.is_fit(found[p.device_id].passed, found[p.device_id].tested_at, from_at, days),
            made_by=by.ref,
            made_at=at,
        )
        for p in placings
    ]
    try:
        with transaction.atomic():
            DeviceUse.objects.bulk_create(rows)
    except IntegrityError as twice:
        raise RuleRefused([Refusal("P2.3", "security_device_taken", field="devices")]) from twice
    record(
        events.DEVICES_PLACED,
        by=by,
        at=at,
        subject=f"site:{site_code}",
        exam=exam.slug,
        office_path=site.office_path,
        rules=["P2.3"],
        data={
            "devices": [[p.device_id, p.room, p.entrance_id] for p in placings],
            "from": from_at,
            "until": until_at,
        },
    )
    return rows


@write("security:device:manage")
def take_back(*, exam: Exam, site_code: str, use_ids: Sequence[int], by: Actor, at: datetime) -> int:
    """The devices are no longer at the site and may be placed elsewhere. Returns how many."""
    site = venues.site(exam, site_code, viewer=by)
    mine = DeviceUse.objects.filter(exam=exam, site_code=site_code, ended_at=None, pk__in=list(use_ids))
    ended = mine.update(ended_at=at)
    record(
        events.DEVICES_TAKEN_BACK,
        by=by,
        at=at,
        subject=f"site:{site_code}",
        exam=exam.slug,
        office_path=site.office_path,
        rules=["P2.3"],
        data={"uses": sorted(use_ids), "ended": ended},
    )
    return ended


def _refused_each(exam: Exam, office_code: str, devices: Sequence[NewDevice]) -> list[list[Refusal]]:
    kinds = {kind.code for kind in queries.kinds(exam)}
    tags = [one.tag.strip() for one in devices]
    known = set(Device.objects.filter(office_code=office_code, tag__in=tags).values_list("tag", flat=True))
    found = []
    for one in devices:
        found.append(list(rules.check_device(one.kind, kinds, one.tag, known)))
        known.add(one.tag.strip())
    return found
