"""The bank's statement comes in: each line once for ever, booked at once; what a reference names is matched at once (V8.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from keju.kernel.accounts.sealed import seal
from keju.kernel.audit import Stale, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.files import services as files
from keju.kernel.offices import Actor
from keju.kernel.offices.bulk import insert_rows_returning
from keju.kernel.offices.queries import path_of
from keju.kernel.sheets import sentences as say
from keju.kernel.sheets.raw import rows_of
from keju.rulebook import enforce
from keju.stages.fees import events, queries, rules
from keju.stages.fees.models import Kind, Statement, StatementLine
from keju.stages.fees.rules import BankLine
from keju.stages.fees.services.ledger import Draft, lock_regions, own, post
from keju.stages.fees.services.matching import match_automatically

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 20_000
MAX_BREAKS = 10 * MAX_ROWS
WORKBOOK = (b"PK", b"\xd0\xcf\x11\xe0")
COLUMNS = [
    *("exam_id", "region_code", "office_path", "statement_id", "row", "key", "serial", "booked_on", "amount"),
    *("open", "balance", "payer", "account", "remark"),
]


@dataclass(frozen=True)
class Imported:
    """What a file brought: lines new and known before, and of the new ones how many were explained at once."""

    statement: Statement | None
    added: int
    known: int
    matched: int
    layout: rules.Layout


def parse(data: bytes, filename: str, layout: str = "") -> tuple[rules.Layout, list[BankLine]]:
    """The lines of a file, oldest first. ValidationError if it cannot be read, RuleRefused with every row at fault.

    `layout`: the code of one, or "" to be recognised by its headings.
    """
    if len(data) > MAX_BYTES:
        raise say.refused(say.TOO_LARGE, limit=MAX_BYTES // (1024 * 1024))
    if not data.startswith(WORKBOOK) and data.count(b"\n") + data.count(b"\r") > MAX_BREAKS:
        raise say.refused(say.TOO_MANY, limit=MAX_ROWS)
    rows = rows_of(data, filename, max_rows=MAX_ROWS, max_columns=60)
    known = queries.layouts()
    chosen = known.get(layout) or rules.recognise(rows, known.values())
    if chosen is None:
        enforce(rules.check_statement(None, 0, []))
    try:
        lines, flaws = rules.read(rows, chosen)  # type: ignore[arg-type]
    except rules.NotThis:
        enforce(rules.check_statement(None, 0, []))
        raise
    enforce(rules.check_statement(chosen, len(lines), flaws))
    return chosen, lines  # type: ignore[return-value]


@write("fees:statement:book")
def import_statement(
    *,
    exam: Exam,
    region_code: str,
    data: bytes,
    filename: str,
    layout: str = "",
    by: Actor,
    at: datetime,
) -> Imported:
    """Every line that was not known is in the books: bank against suspense, or against what its reference names.

    A line is known by the bank's serial, or by all that it says: the same file twice adds nothing. All or none.
    """
    path = path_of(region_code)
    own(by, path)
    chosen, lines = parse(data, filename, layout)
    lock_regions(exam, [region_code])
    seen = set(
        StatementLine.objects.filter(
            exam=exam, region_code=region_code, key__among=[line.key for line in lines]
        ).values_list("key", flat=True)
    )
    fresh = [line for line in lines if line.key not in seen]
    statement, matched = None, 0
    if fresh:
        enforce(rules.check_joins(_opening(fresh), queries.closing_balance(exam, region_code)))
        statement = _keep(exam, region_code, data, filename, chosen, lines, fresh, by, at)
        rows = _insert(exam, statement, fresh)
        _book(exam, rows, by, at)
        matched = match_automatically(exam, region_code, rows, by, at)
    record(
        events.STATEMENT_IMPORTED,
        by=by,
        at=at,
        subject=f"statement:{statement.pk}" if statement else f"region:{region_code}",
        exam=exam.slug,
        office_path=path,
        rules=["V8.1"],
        data={
            "layout": chosen.code,
            "added": len(fresh),
            "known": len(lines) - len(fresh),
            "matched": matched,
            "amount": sum((line.amount for line in fresh), Decimal(0)),
            "file": statement.file if statement else "",
        },
    )
    return Imported(statement, len(fresh), len(lines) - len(fresh), matched, chosen)


def _opening(lines: Sequence[BankLine]) -> Decimal | None:
    """What the account held before the first of these lines, if the bank says so."""
    first = lines[0]
    return None if first.balance is None else first.balance - first.amount


def _keep(
    exam: Exam,
    region_code: str,
    data: bytes,
    filename: str,
    layout: rules.Layout,
    lines: Sequence[BankLine],
    fresh: Sequence[BankLine],
    by: Actor,
    at: datetime,
) -> Statement:
    path = path_of(region_code)
    sha = files.store(
        data=data, name=filename, content_type="application/octet-stream", office_path=path, by=by, at=at
    )
    return Statement.objects.create(
        exam=exam,
        region_code=region_code,
        office_path=path,
        file=sha,
        name=filename[-200:],
        layout=layout.code,
        lines=len(lines),
        added=len(fresh),
        opening=_opening(fresh),
        closing=fresh[-1].balance,
        imported_by=by.ref,
        imported_at=at,
    )


def _insert(exam: Exam, statement: Statement, fresh: Sequence[BankLine]) -> list[StatementLine]:
    path, code = statement.office_path, statement.region_code
    rows = [
        (exam.pk, code, path, statement.pk, x.row, x.key, x.serial, x.booked_on, x.amount, x.amount, x.balance, x.payer,
         seal(x.account), x.remark)
        for x in fresh
    ]  # fmt: skip
    try:
        with transaction.atomic():
            ids = insert_rows_returning("fees_statement_line", COLUMNS, rows)
    except IntegrityError as error:
        raise Stale from error
    return [
        StatementLine(
            pk=pk, exam=exam, region_code=code, office_path=path, statement=statement, key=x.key, serial=x.serial,
            booked_on=x.booked_on, amount=x.amount, open=x.amount, payer=x.payer, remark=x.remark,
        )
        for pk, x in zip(ids, fresh, strict=True)
    ]  # fmt: skip


def _book(exam: Exam, rows: Sequence[StatementLine], by: Actor, at: datetime) -> None:
    post(
        exam,
        [Draft(Kind.BOOKED, r.office_path, None, rules.booked(r.amount), f"line:{r.pk}") for r in rows],
        by,
        at,
    )
