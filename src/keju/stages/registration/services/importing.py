"""Forms that came on paper, entered in a workbook with a zip of photos: all of them, or row by row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from keju.algorithms.identity import COUNTRIES, NAMES, Document, IdentityRefused, check_document
from keju.kernel.audit import record, write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.files.services import NewFile, store, store_many
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.kernel.sheets import XLSX, CellError, Column, Row, Table, errors_workbook, read_table
from keju.rulebook import Programme, RuleRefused
from keju.rulebook.words import Words, t
from keju.stages.registration import events, queries
from keju.stages.registration.documents import (
    DEGREES,
    FACTS,
    FACTS_OF,
    FIELDS,
    MAJORS,
    SEXES,
    SHORT_ROUTES,
    TITLES,
)
from keju.stages.registration.params import Params
from keju.stages.registration.rules import Submission
from keju.stages.registration.services.judging import SubmitResult
from keju.stages.registration.services.photos import bared, limits, remember
from keju.stages.registration.services.registering import bring_in
from keju.stages.registration.services.zipped import photos_of

MAX_ROWS = 500
COUNTRY_NAMES = {code: t(*names) for code, names in COUNTRIES.items()}
YES = {"是", "已签", "yes", "y", "true", "1"}
OTHER_OFFICE = t("考点“{code}”不属于本单位。", "Point “{code}” is not of this office.")
UNKNOWN = t("“{title}”不能是“{value}”。可填：{known}。", "“{title}” cannot be “{value}”. Known: {known}.")

COLUMNS = (
    Column(
        "identity",
        FIELDS["identity"],
        required=True,
        max_length=40,
        unique=True,
        also=("身份证号码", "身份证号"),
    ),
    Column("name", FIELDS["name"], required=True, max_length=80),
    Column("phone", FIELDS["phone"], required=True, max_length=20),
    Column("email", FIELDS["email"], max_length=120),
    Column("address", FIELDS["address"], required=True, max_length=200),
    Column("employer", FIELDS["employer"], max_length=120),
    Column("category", FIELDS["category"], required=True, max_length=40),
    Column("route", FIELDS["route"], required=True, max_length=40),
    Column("degree", FACTS["degree"], max_length=40),
    Column("major", FACTS["major"], max_length=60),
    Column("school", FACTS["school"], max_length=120),
    Column("title", FACTS["title"], max_length=40),
    Column("title_on", FACTS["title_on"], kind="date"),
    Column("graduating_year", FACTS["graduating_year"], kind="int"),
    Column("point_code", t("考点代码", "Point code"), max_length=4),
    Column("pledge", t("已签承诺书（是/否）", "Pledge signed (yes/no)"), required=True, max_length=10),
    # only for documents other than the resident card
    Column("document_kind", FIELDS["document_kind"], max_length=40),
    Column("country", FIELDS["country"], max_length=60),
    Column("sex", FIELDS["sex"], max_length=10),
    Column("birth_on", FIELDS["birth_on"], kind="date"),
)


def columns(programme: Programme) -> tuple[Column, ...]:
    """The workbook of this programme: facts that none of its routes asks for have no column."""
    asked = {key for route in programme.routes for key in FACTS_OF.get(route.code, ())}
    further = {"document_kind", "country", "sex", "birth_on"}
    if programme.identity_documents != ("resident",):
        asked |= further
    return tuple(c for c in COLUMNS if c.key not in {*FACTS, *further} or c.key in asked)


def known_documents(programme: Programme) -> dict[str, Words]:
    """The identity documents that the programme admits, by their names; an empty cell is the first."""
    return {kind: t(*NAMES[kind]) for kind in programme.identity_documents}


def known_routes(programme: Programme) -> dict[str, Words]:
    """The routes as the workbook names them: in short where the full name is a sentence."""
    return {r.code: SHORT_ROUTES.get(r.code, r.name) for r in programme.routes}


@dataclass(frozen=True)
class Imported:
    """What became of the workbook. `errors_file`: the stored workbook of the rows that were refused, "" if none."""

    rows: int
    registered: int
    errors: tuple[CellError, ...] = ()
    errors_file: str = ""


class _Undone(Exception):
    """All or nothing was asked for, and it is nothing. Carries what the rules said."""


@write("registration:import:run")
def import_forms(
    *, exam: Exam, workbook: bytes, filename: str, photos: bytes, whole: bool, by: Actor, at: datetime
) -> Imported:
    """Each good row is registered with its photo ("<identity number>.jpg" in the zip); bad ones come back with reasons.

    `whole`: one bad row and nothing is registered. A file that cannot be read at all raises `ValidationError`.
    """
    programme = exams.programme(exam)
    table = read_table(workbook, filename=filename, columns=columns(programme), max_rows=MAX_ROWS)
    errors: list[CellError] = []
    pictures = _pictures(exam, photos_of(photos))
    good: list[tuple[Row, Submission]] = []
    for row in table.rows:
        wrong, submission = _submission(exam, row, pictures, by)
        errors += wrong
        if submission is not None:
            good.append((row, submission))
    ids: list[int] = []
    if good and not (whole and (errors or table.errors)):
        ids, refused = _brought_in(exam, good, whole, pictures, by, at)
        errors += refused
    if whole and (errors or table.errors):
        ids = []
    return _told(exam, table, errors, ids, whole, by, at)


def _pictures(exam: Exam, found: Mapping[str, bytes]) -> dict[str, tuple[str, bytes]]:
    """(SHA-256, content without metadata) by identity number; each content examined once."""
    asked = limits(exams.params(exam, Params))
    bare = {name: bared(data, asked) for name, data in found.items()}
    remember({seen.sha256: seen for _, seen in bare.values()})
    return {name: (seen.sha256, data) for name, (data, seen) in bare.items()}


def _submission(
    exam: Exam, row: Row, pictures: Mapping[str, tuple[str, bytes]], by: Actor
) -> tuple[list[CellError], Submission | None]:
    v = row.values
    programme = exams.programme(exam)
    names = {c.code: c.name for c in programme.categories}
    wrong: list[CellError] = []

    def choice(key: str, known: Mapping[str, Words]) -> str:
        text = _text(v.get(key))
        for code, name in known.items():
            if text.lower() in (code, name.zh.lower(), name.en.lower()):
                return code
        if text:
            listed = [n for code, n in known.items() if code != "other"][:12]
            words = UNKNOWN.format(title=_title(key), value=text, known=listed)
            wrong.append(CellError(row.number, key, words))
        return ""

    kind = choice("document_kind", known_documents(programme)) or programme.identity_documents[0]
    country = choice("country", COUNTRY_NAMES)
    sex = choice("sex", SEXES)
    route = choice("route", known_routes(programme))
    category = choice("category", names)
    point = v["point_code"] or (by.office_code if by.office_code.isdigit() else "")
    if not path_of(point).startswith(by.office_path) or path_of(point) == "/":
        wrong.append(CellError(row.number, "point_code", OTHER_OFFICE.format(code=point)))
    chosen: dict[str, Mapping[str, Words]] = {"degree": DEGREES, "major": MAJORS, "title": TITLES}
    facts = {
        key: choice(key, chosen[key]) if key in chosen else _text(v.get(key))
        for key in FACTS_OF.get(route, ())
    }
    if wrong:
        return wrong, None
    document = _document(kind, v["identity"], country)
    identity = document.number if document else v["identity"].strip().upper()
    sha = pictures.get(identity, pictures.get(v["identity"].upper(), ("", b"")))[0]
    return [], Submission(
        identity=identity,
        name=v["name"],
        phone=v["phone"],
        email=v["email"],
        address=v["address"],
        employer=v["employer"],
        category=category,
        route=route,
        route_facts={k: x for k, x in facts.items() if x},
        point_code=point,
        photo_sha256=sha,
        pledge=v["pledge"].strip().lower() in YES,
        document_kind=document.kind if document else kind,
        country=document.country if document else country,
        birth_on=_text(v.get("birth_on")),
        sex=sex,
    )


def _brought_in(
    exam: Exam,
    good: Sequence[tuple[Row, Submission]],
    whole: bool,
    pictures: Mapping[str, tuple[str, bytes]],
    by: Actor,
    at: datetime,
) -> tuple[list[int], list[CellError]]:
    results: list[SubmitResult] = []
    try:
        with transaction.atomic():
            try:
                with transaction.atomic():
                    results = bring_in(exam=exam, submissions=[s for _, s in good], by=by, at=at)
            except RuleRefused as refused:
                if len(good) > 1:
                    raise
                results = [SubmitResult(None, refused.refusals)]
            if whole and any(r.refusals for r in results):
                raise _Undone
            ids = [r.registration_id for r in results if r.registration_id is not None]
            _name_photos(exam, ids, dict(pictures.values()), by, at)
    except _Undone:
        ids = []
    programme = exams.programme(exam)
    errors = [
        CellError(row.number, refusal.field or "", refusal.words(programme))
        for (row, _), result in zip(good, results, strict=True)
        for refusal in result.refusals
    ]
    return ids, errors


def _name_photos(exam: Exam, ids: list[int], photos: Mapping[str, bytes], by: Actor, at: datetime) -> None:
    """The photos belong to their candidates, who see them after signing in."""
    files = [
        NewFile(photos[row.photo_sha256], "photo.jpg", "image/jpeg", row.office_path, row.candidate_id)
        for row in queries.rows_of(viewer=by, exam=exam, ids=ids).values()
        if row.photo_sha256 in photos
    ]
    if files:
        store_many(files=files, by=by, at=at)


def _told(
    exam: Exam, table: Table, errors: list[CellError], ids: list[int], whole: bool, by: Actor, at: datetime
) -> Imported:
    every = (*table.errors, *errors)
    sha = ""
    if every:
        sha = store(
            data=errors_workbook(table, errors),
            name=f"{exam.slug}-errors.xlsx",
            content_type=XLSX,
            office_path=by.office_path,
            by=by,
            at=at,
        )
    record(
        events.FORMS_IMPORTED,
        by=by,
        at=at,
        subject="registrations",
        exam=exam.slug,
        rules=["V5.3.1a", "V5.3.1b"],
        data={"rows": table.count, "registered": len(ids), "errors": len(every), "whole": whole},
    )
    return Imported(table.count, len(ids), tuple(sorted(every, key=lambda e: e.number)), sha)


def _title(key: str) -> Words:
    return next(c.title for c in COLUMNS if c.key == key)


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _document(kind: str, number: str, country: str) -> Document | None:
    """What is no such document stays as typed and is refused by its rule."""
    try:
        return check_document(kind, number, country)
    except IdentityRefused:
        return None
