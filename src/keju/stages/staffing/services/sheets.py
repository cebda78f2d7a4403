"""Appointments from a spreadsheet: post, place, room and person; everybody, or nobody and the rows that are wrong."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from keju.kernel.accounts.queries import identity_index
from keju.kernel.audit import record, write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.models import Office
from keju.kernel.offices.queries import office
from keju.kernel.sheets import CellError, Column, Row, errors_workbook, read_table, write_table
from keju.rulebook.model import Programme
from keju.rulebook.words import t
from keju.stages.staffing import events
from keju.stages.staffing.models import Member
from keju.stages.staffing.services.appointing import NewAppointment, appoint, lock_posts, refused_each
from keju.stages.staffing.services.importing import NO, YES, ImportResult, choice_of
from keju.stages.staffing.services.people import one_form

COLUMNS = (
    Column("post", t("岗位", "Post"), required=True, max_length=80),
    Column("office", t("地点代码", "Place code"), required=True, max_length=20),
    Column("building", t("楼栋", "Building"), max_length=40),
    Column("floor", t("楼层", "Floor"), kind="int"),
    Column("room", t("考场号", "Room number"), kind="int"),
    Column("name", t("姓名", "Name"), required=True, max_length=80),
    Column("identity", t("身份证号码", "Identity number"), max_length=24),
    Column("substitute", t("替补", "Substitute"), max_length=5),
)
EXAMPLES = (
    ("监考员", "1101-01", "", None, None, "王伟", "11010119800101129X", ""),
    ("巡考员", "1101-01", "教学楼A座", 2, None, "李娜", "", ""),
    ("副主考", "1101", "", None, None, "张敏", "", ""),
)
NO_POST = t("没有名为“{name}”的岗位。", "There is no post called “{name}”.")
NO_PLACE = t("地点{code}不属于本机构。", "Place {code} is not one of yours.")
NOBODY = t("名册中没有{name}。请先登记。", "{name} is not in your registry. Register the person first.")
SEVERAL = t(
    "名册中有{n}人名叫{name}，请填身份证号码。",
    "{n} people in your registry are called {name}: enter the identity number.",
)
ANOTHER = t("这个身份证号码登记的不是{name}。", "This identity number is not registered for {name}.")


def appointments_template() -> bytes:
    """A workbook to fill in: headings in the reader's language and three example rows."""
    return write_table(COLUMNS, EXAMPLES, sheet=str(t("任用", "Appointments")))


@write("staffing:appointment:make")
def import_appointments(*, exam: Exam, data: bytes, filename: str, by: Actor, at: datetime) -> ImportResult:
    """Every row is an appointment that is proposed, or nothing is changed and `workbook` says which rows are wrong and why."""
    table = read_table(data, filename=filename, columns=COLUMNS)
    wrong = list(table.errors)
    programme, people = exams.programme(exam), _People(table.rows)
    read: list[tuple[Row, NewAppointment]] = []
    for row in table.rows:
        new = _appointment(row, programme, people, by, wrong)
        if new is not None:
            read.append((row, new))
    if read:
        lock_posts(exam, [a for _, a in read])
        refused = refused_each(exam, [a for _, a in read], by=by, at=at)
        wrong += [
            CellError(row.number, r.field or "", r.words(programme))
            for (row, _), against in zip(read, refused, strict=True)
            for r in against
        ]
    wrong.sort(key=lambda e: e.number)
    record(
        events.APPOINTMENTS_IMPORTED, by=by, at=at, exam=exam.slug, subject="appointments",
        data={"rows": table.count, "wrong": len({e.number for e in wrong})},
    )  # fmt: skip
    if wrong:
        further = [e for e in wrong if e not in table.errors]
        return ImportResult(0, 0, 0, wrong, errors_workbook(table, further))
    ids = appoint(exam=exam, appointments=[a for _, a in read], by=by, at=at) if read else []
    return ImportResult(len(ids), 0, 0, [])


class _People:
    """Who is meant by a name or an identity number, among those whom the scope shows; two look-ups for all rows."""

    def __init__(self, rows: Sequence[Row]) -> None:
        forms = {one_form(row.values["identity"]) for row in rows} - {""}
        names = {row.values["name"].strip() for row in rows}
        numbered = Member.objects.filter(identity_index__in=[identity_index(form) for form in forms])
        self.by_index = {
            bytes(i): (pk, name)
            for i, pk, name in numbered.values_list("identity_index", "pk", "person__name")
        }
        self.by_name: dict[str, list[int]] = defaultdict(list)
        named = Member.objects.filter(person__name__in=names, left_on=None)
        for pk, name in named.values_list("pk", "person__name"):
            self.by_name[name].append(pk)

    def find(self, row: Row, errors: list[CellError]) -> int | None:
        name, typed = row.values["name"].strip(), row.values["identity"]
        if typed:
            pk, known = self.by_index.get(identity_index(one_form(typed)), (None, name))
            if pk is None or known != name:
                words = NOBODY if pk is None else ANOTHER
                errors.append(CellError(row.number, "identity", words.format(name=name)))
                return None
            return pk
        found = self.by_name[name]
        if len(found) != 1:
            words = SEVERAL.format(n=len(found), name=name) if found else NOBODY.format(name=name)
            errors.append(CellError(row.number, "name", words))
            return None
        return found[0]


def _appointment(
    row: Row, programme: Programme, people: _People, by: Actor, errors: list[CellError]
) -> NewAppointment | None:
    before = len(errors)
    typed = row.values["post"].strip()
    post = next(
        (
            p
            for p in programme.posts
            if typed in (p.code, p.name.zh) or typed.casefold() == p.name.en.casefold()
        ),
        None,
    )
    if post is None:
        errors.append(CellError(row.number, "post", NO_POST.format(name=typed)))
    code = row.values["office"].strip()
    if not _ours(code, by):
        errors.append(CellError(row.number, "office", NO_PLACE.format(code=code)))
    substitute = choice_of(row, "substitute", {"1": YES, "0": NO}, COLUMNS, errors)
    member = people.find(row, errors)
    if len(errors) > before or post is None or member is None:
        return None
    place = (row.values["building"].strip(), row.values["floor"], row.values["room"])
    return NewAppointment(member, post.code, code, *place, substitute == "1")


def _ours(code: str, by: Actor) -> bool:
    try:
        return office(code).path.startswith(by.office_path or "-")
    except Office.DoesNotExist:
        return False
