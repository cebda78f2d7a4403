"""What goes into an archive: every table of every earlier stage, found by itself so that none can be forgotten."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import connection, models

from keju.algorithms.identity import mask
from keju.kernel.accounts.sealed import SealedField, index_of
from keju.kernel.audit.reading import COLUMNS, body_of
from keju.kernel.audit.sequencing import signer
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook.words import Words, t
from keju.stages.archive.models import Bag, Check
from keju.stages.registration.queries import mask_phone

KERNEL = ("exams", "notices", "duties", "documents", "approvals", "readiness")
#: tables that no exam owns, and why they stay outside
OUTSIDE: dict[str, str] = {
    "fees_written": "what one transaction still has to balance: empty once it has ended",
    "notices_gateway": "the state of a line to the outside, the same for every exam",
    "notices_silence": "a candidate's wish about e-mail, for all their exams",
}
#: columns that mean something only inside this one database
INNER = {("fees_entry", "tx"), ("staffing_watch", "fence")}
#: tables that belong to an exam by another way than a key: the column of others' rows that names theirs, and which of theirs
POINTED_AT = {
    "registration_photo_check": ("registration", "Registration", "photo_sha256", "pk"),
    "staffing_member": ("staffing", "Watch", "member_id", "pk"),  # whoever was appointed or has declared
    "security_device": ("security", "DeviceUse", "device_id", "pk"),  # what was used in the exam
    "security_device_test": ("security", "DeviceUse", "device_id", "device_id"),
}
STAGES = {
    "announcement": t("公告", "Announcement"),
    "registration": t("报名", "Registration"),
    "fees": t("考务费", "Fees"),
    "review": t("资格审核", "Review"),
    "venues": t("考点考场", "Venues"),
    "seating": t("编排座位", "Seating"),
    "tickets": t("准考证", "Tickets"),
    "staffing": t("考务人员", "Staff"),
    "security": t("安全保密", "Security"),
    "custody": t("试卷保管", "Custody"),
    "examday": t("考试日", "Exam day"),
    "marking": t("阅卷", "Marking"),
    "results": t("成绩", "Results"),
    "certificates": t("证书", "Certificates"),
    "exams": t("考试", "Exam"),
    "notices": t("通知", "Notices"),
    "duties": t("应办事项", "Duties"),
    "documents": t("印制台账", "Print ledger"),
    "approvals": t("会签", "Approvals"),
    "readiness": t("准备情况", "Readiness"),
    "audit": t("审计日志", "Audit log"),
}


@dataclass(frozen=True)
class Table:
    """A table of the archive: its stage, its model, and which of its rows belong to an exam."""

    stage: str
    name: str
    model: type[models.Model]
    rows_of: Callable[[Exam], "models.QuerySet[Any]"]

    @property
    def what(self) -> Words:
        kind = self.name.removeprefix(f"{self.stage}_")
        return t("{stage}：{kind}", "{stage}: {kind}").format(
            stage=STAGES.get(self.stage, t(self.stage, self.stage)), kind=kind
        )


def tables() -> list[Table]:
    """Every table that goes into the archive, by name. LookupError for one that no exam owns and nobody exempted."""
    found = []
    for config in apps.get_app_configs():
        stage = config.label
        if not (config.name.startswith("keju.stages.") and stage != "archive") and stage not in KERNEL:
            continue
        for model in config.get_models():
            name = model._meta.db_table
            if name in OUTSIDE:
                continue
            found.append(Table(stage, name, model, _rows_of(model)))
    return sorted(found, key=lambda table: table.name)


def _rows_of(model: type[models.Model]) -> Callable[[Exam], "models.QuerySet[Any]"]:
    name, manager = model._meta.db_table, model._default_manager
    if name in POINTED_AT:
        app, other, column, own = POINTED_AT[name]
        pointing = apps.get_model(app, other)._default_manager
        return lambda exam: manager.filter(**{f"{own}__in": pointing.filter(exam=exam).values(column)})
    if any(f.name == "exam_slug" for f in model._meta.concrete_fields):
        return lambda exam: manager.filter(exam_slug=exam.slug)
    way = _way(model, ())
    if way is None:
        raise LookupError(f"no way from table {name} to its exam: say in archive.queries where it belongs")
    return lambda exam: manager.filter(**{way: exam.pk})


def _way(model: type[models.Model], seen: tuple[type[models.Model], ...]) -> str | None:
    """The look-up that leads from the model to its exam: "exam", "room__exam", "pk" for the exam itself."""
    if model is Exam:
        return "pk"
    keys = [f for f in model._meta.concrete_fields if f.is_relation and f.related_model not in (*seen, model)]
    if any(f.name == "exam" for f in keys):
        return "exam"
    for field in keys:
        further = _way(field.related_model, (*seen, model))  # type: ignore[arg-type]
        if further is not None:
            return f"{field.name}__{further}"
    return None


def records(table: Table, exam: Exam) -> Iterator[bytes]:
    """The table's rows of the exam as JSON lines, by primary key, in constant memory."""
    fields = [f for f in table.model._meta.concrete_fields if (table.name, f.column) not in INNER]
    plain = [(f.column, _writer(table.name, f)) for f in fields]
    rows = table.rows_of(exam).order_by("pk").values_list(*(f.attname for f in fields))
    for row in rows.iterator(chunk_size=2000):
        yield line({name: write(value) for (name, write), value in zip(plain, row, strict=True)})


def line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _writer(table: str, field: Any) -> Callable[[Any], Any]:
    if isinstance(field, SealedField):
        return _sealed(table, field.name)
    return plain_value


def _sealed(table: str, name: str) -> Callable[[str], Any]:
    """Sealed fields leave masked and indexed: the same index for the same number wherever it stands."""
    masks: dict[str, Callable[[str], str]] = {"identity": mask, "phone": mask_phone}
    masked, purpose = masks.get(name), name if name in masks else f"archive {table}.{name}"

    def write(value: str) -> Any:
        if not value:
            return ""
        index = {"index": index_of(value, purpose).hex()}
        return {"masked": masked(value), **index} if masked else index

    return write


def plain_value(value: Any) -> Any:
    """A column's value as JSON: instants in UTC, bytes in hex, decimals as text."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date | UUID):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if value is None or isinstance(value, str | int | bool | float | dict | list):
        return value
    return str(value)


def audit_events(exam: Exam) -> Iterator[tuple[bytes, bool]]:
    """The exam's audit events as JSON lines with leaf and hash; True where the event has its place in the tree."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            f"SELECT l.index, l.hash, {COLUMNS} FROM audit_event e LEFT JOIN audit_leaf l ON l.event_id = e.id"  # noqa: S608
            " WHERE e.exam = %s ORDER BY l.index NULLS LAST, e.id",
            [exam.slug],
        )
        for index, digest, *row in cursor:
            event = json.loads(body_of(tuple(row)))
            mac, hashed = bytes(row[-1]).hex(), bytes(digest).hex() if digest is not None else None
            yield line({"leaf": index, "hash": hashed, "mac": mac, "event": event}), index is not None


def audit_leaves(size: int) -> Iterator[bytes]:
    """The first `size` leaf hashes of the whole log, one a line in hex."""
    with connection.chunked_cursor() as cursor:
        cursor.execute("SELECT hash FROM audit_leaf WHERE index < %s ORDER BY index", [size])
        for (digest,) in cursor:
            yield bytes(digest).hex().encode() + b"\n"


def checkpoint() -> tuple[int, str]:
    """Size and note of the latest signed checkpoint; (0, "") before the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT size, note FROM audit_checkpoint ORDER BY size DESC LIMIT 1")
        return cursor.fetchone() or (0, "")


def verifier() -> str:
    """The public key under which checkpoints verify, as a C2SP verifier key."""
    return str(signer().verifier)


def bags(*, viewer: Actor, exam: Exam) -> list[Bag]:
    """Every bag sealed of the exam, the latest first."""
    return list(Bag.objects.filter(exam=exam).order_by("-pk"))


def bag(*, viewer: Actor, exam: Exam, bag_id: int) -> Bag:
    """One bag in scope; `Bag.DoesNotExist` otherwise."""
    return Bag.objects.get(exam=exam, pk=bag_id)


def checks(*, viewer: Actor, exam: Exam) -> dict[int, Check]:
    """The latest check of each bag."""
    return {c.bag_id: c for c in Check.objects.filter(bag__exam=exam).order_by("pk")}


def folder_of(bag: Bag) -> Path:
    """Where the bag lies: below the installation's archive folder unless it was sealed elsewhere."""
    return home() / bag.folder


def home() -> Path:
    return Path(settings.DATA.path) / "archive"
