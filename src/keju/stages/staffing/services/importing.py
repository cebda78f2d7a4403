"""The registry from a spreadsheet: everybody, or nobody and the wrong rows; or the good rows and a workbook of the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from keju.kernel.accounts.queries import identity_index
from keju.kernel.audit import record, write
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import everything
from keju.kernel.sheets import CellError, Column, Row, Table, errors_workbook, read_table, write_table
from keju.rulebook import load_programme
from keju.rulebook.words import Words, t
from keju.stages.staffing import events, queries
from keju.stages.staffing.rules import SEXES, NewMember
from keju.stages.staffing.services.people import (
    Known,
    add_members,
    change_members,
    known_by_index,
    normalised,
    one_form,
    refused_each,
)

YES, NO = t("是", "Yes"), t("否", "No")
SURE = t("否，已核实", "No, looked into")
COLUMNS = (
    Column("name", t("姓名", "Name"), required=True, max_length=80),
    Column("identity", t("身份证号码", "Identity number"), required=True, max_length=24, unique=True),
    Column("sex", t("性别", "Sex"), max_length=10),
    Column("employer", t("工作单位", "Employer"), max_length=120),
    Column("in_sector", t("属本行业系统", "Employer in the sector"), required=True, max_length=20),
    Column("phone", t("手机号码", "Mobile number"), max_length=20),
    Column("permanent", t("正式职工", "Permanent staff"), max_length=5),
    Column("languages", t("语言", "Languages"), max_length=120),
    Column("certificates", t("证书", "Certificates"), max_length=200),
    Column("home", t("所属机构代码", "Home office"), max_length=20),
)
EXPORTED = (*COLUMNS, Column("place", t("考点、地点", "Point or site")), Column("post", t("岗位", "Post")))
"""As imported, with where and in what post the person serves (P5.2)."""
EXAMPLES = (
    ("王伟", "11010119800101129X", "男", "第一中学", "否", "13800000001", "是", "普通话", "", "1101"),
    ("李娜", "110101198506152245", "女", "动物疫病预防控制中心", "是", "13800000002", "是", "普通话、英语", "急救证", "1101"),
)  # fmt: skip
UNKNOWN = t("“{title}”应是{choices}之一。", "“{title}” must be one of: {choices}.")
NO_OFFICE = t("机构代码{code}不属于本机构。", "Office {code} is not one of yours.")
WORDS = "veterinarian"
"""The registry belongs to no exam; refusals of its rows are said in the words of the programme that others adopt."""


@dataclass(frozen=True)
class ImportResult:
    """So many `added`, `changed` and left as they were; `workbook`: the wrong rows with their reasons."""

    added: int
    changed: int
    same: int
    errors: list[CellError]
    workbook: bytes = b""


def template_workbook() -> bytes:
    """A workbook to fill in: headings in the reader's language and two example rows."""
    return write_table(COLUMNS, EXAMPLES, sheet=str(t("工作人员", "Staff")))


@write("staffing:people:edit")
def import_members(
    *, data: bytes, filename: str, whole: bool = True, by: Actor, at: datetime
) -> ImportResult:
    """Every row is somebody in the registry: new, or of the actor's offices and then as the row says.

    `whole`: one wrong row, and nothing is changed. Otherwise the good rows are taken. Somebody of another office, the same
    number twice in the file, a wrong identity number are errors of their rows; `workbook` holds those rows to be mended.
    """
    table = read_table(data, filename=filename, columns=COLUMNS)
    wrong, places = list(table.errors), _places(by)
    read = []
    for row in table.rows:
        member, home = _member(row, wrong), _home(row, places, wrong)
        if member is not None and home is not None:
            read.append((row, member, home))
    known = _known(read, by)
    ours = [known.get(row.number) for row, _, _ in read]
    refused = refused_each([m for _, m, _ in read], by=by, at=at, but={k.id for k in ours if k})
    programme = load_programme(WORDS)
    wrong += [
        CellError(row.number, r.field or "", r.words(programme))
        for (row, _, _), against in zip(read, refused, strict=True)
        for r in against
    ]
    bad = {error.number for error in wrong}
    wrong.sort(key=lambda e: e.number)
    workbook = errors_workbook(table, [e for e in wrong if e not in table.errors]) if wrong else b""
    if wrong and whole:
        _event(by, at, table, ImportResult(0, 0, 0, wrong))
        return ImportResult(0, 0, 0, wrong, workbook)
    good = [(row, m, home) for row, m, home in read if row.number not in bad]
    result = _kept(good, known, by, at, wrong, workbook)
    _event(by, at, table, result)
    return result


def _kept(
    good: Sequence[tuple[Row, NewMember, str]],
    known: Mapping[int, Known],
    by: Actor,
    at: datetime,
    wrong: list[CellError],
    workbook: bytes,
) -> ImportResult:
    new = [(m, home) for row, m, home in good if row.number not in known]
    old = [(known[row.number], m, home) for row, m, home in good if row.number in known]
    if new:
        homes = [home or by.office_path for _, home in new]
        add_members(members=[m for m, _ in new], homes=homes, by=by, at=at)
    before = queries.facts_of([k.id for k, _, _ in old])
    changes = {
        k.id: (replace(k, home=home or k.home), m)
        for k, m, home in old
        if (normalised(m), home or k.home) != (before[k.id], k.home)
    }
    if changes:
        change_members(changes=changes, by=by, at=at)
    return ImportResult(len(new), len(changes), len(old) - len(changes), wrong, workbook)


def _known(read: Sequence[tuple[Row, NewMember, str]], by: Actor) -> dict[int, Known]:
    """Row number → who of the actor's offices it is already; who has left comes back as if new."""
    keys = {row.number: identity_index(one_form(m.identity)) for row, m, _ in read if one_form(m.identity)}
    found = known_by_index(list(keys.values()))
    there = {number: found[key] for number, key in keys.items() if key in found}
    return {n: k for n, k in there.items() if k.home.startswith(by.office_path or "-") and not k.left}


def _member(row: Row, errors: list[CellError]) -> NewMember | None:
    before = len(errors)
    sex = choice_of(row, "sex", SEXES, COLUMNS, errors)
    sector = choice_of(row, "in_sector", {"1": YES, "0": NO, "sure": SURE}, COLUMNS, errors)
    permanent = choice_of(row, "permanent", {"1": YES, "0": NO}, COLUMNS, errors)
    if len(errors) > before:
        return None
    plain = {
        key: row.values[key] for key in ("name", "identity", "employer", "phone", "languages", "certificates")
    }
    return NewMember(
        **plain, sex=sex, in_sector=sector == "1", permanent=permanent == "1", sector_sure=sector == "sure"
    )


def _home(row: Row, places: Mapping[str, str], errors: list[CellError]) -> str | None:
    """The home office's path; "" where none is named, None with an error where it is none of the actor's."""
    code = row.values["home"].strip()
    if not code:
        return ""
    if code in places:
        return places[code]
    errors.append(CellError(row.number, "home", NO_OFFICE.format(code=code)))
    return None


def _places(by: Actor) -> dict[str, str]:
    """Code → path of the actor's office and the regions and points under it."""
    found = {o.code: o.path for o in everything() if o.path.startswith(by.office_path or "-")}
    return {**found, by.office_code: by.office_path}


def choice_of(
    row: Row, key: str, choices: Mapping[str, Words], columns: Sequence[Column], errors: list[CellError]
) -> str:
    """The value whose words (in either language) stand in the cell; "" if it is empty, or with an error."""
    typed = row.values[key].strip()
    for value, words in choices.items():
        if typed.casefold() in (value.casefold(), words.zh, words.en.casefold()):
            return value
    if typed:
        title = next(column.title for column in columns if column.key == key)
        errors.append(CellError(row.number, key, UNKNOWN.format(title=title, choices=list(choices.values()))))
    return ""


def sector_words(member: NewMember) -> Words:
    """As the cell of the sector says it."""
    return SURE if member.sector_sure and not member.in_sector else yes_no(member.in_sector)


def yes_no(value: bool) -> Words:
    """As a cell says it."""
    return YES if value else NO


def code_of(path: str) -> str:
    """The code of the office at the path, as a sheet names it; "" for the nation's."""
    parts = [part for part in path.split("/") if part]
    return "-".join(parts[1:]) if len(parts) == 3 else parts[-1] if parts else ""


def _event(by: Actor, at: datetime, table: Table, result: ImportResult) -> None:
    record(
        events.MEMBERS_IMPORTED,
        by=by,
        at=at,
        subject="members",
        rules=["P5.2"],
        data={
            "rows": table.count,
            "added": result.added,
            "changed": result.changed,
            "wrong": len({e.number for e in result.errors}),
        },
    )
