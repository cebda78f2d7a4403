"""A list as a spreadsheet: exactly the rows that the same filters show, identity numbers masked as on the screen."""

from collections.abc import Iterator
from typing import Any

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import points
from keju.kernel.sheets import Column, write_table
from keju.rulebook.words import t
from keju.stages.registration import documents
from keju.stages.registration.documents import FIELDS
from keju.stages.registration.queries.rows import Filters, stream

COLUMNS = (
    Column("number", t("报名号", "Registration number")),
    Column("name", FIELDS["name"]),
    Column("sex", t("性别", "Sex")),
    Column("identity", FIELDS["identity"]),
    Column("category", FIELDS["category"]),
    Column("route", FIELDS["route"]),
    Column("point_code", t("考点代码", "Point code")),
    Column("point", FIELDS["point_code"]),
    Column("employer", FIELDS["employer"]),
    Column("state", t("状态", "State")),
    Column("submitted_at", t("报名时间", "Registered at"), kind="date"),
    Column("reason", t("原因", "Reason")),
)


def export(*, viewer: Actor, exam: Exam, filters: Filters) -> bytes:
    """The xlsx, in the reader's language; rows are streamed."""
    return write_table(COLUMNS, _rows(viewer, exam, filters))


def _rows(viewer: Actor, exam: Exam, filters: Filters) -> Iterator[tuple[Any, ...]]:
    programme = exams.programme(exam)
    names = {o.code: str(o.name) for o in points()}
    for r in stream(viewer=viewer, exam=exam, filters=filters):
        yield (
            r.number,
            r.name,
            str(documents.SEXES.get(r.sex, r.sex)),
            r.identity_masked,
            str(documents.category_name(programme, r.category)),
            str(documents.route_name(programme, r.route)),
            r.point_code,
            names.get(r.point_code, r.point_code),
            r.employer,
            str(documents.STATES.get(r.state, r.state)),
            r.submitted_at,
            r.reason,
        )
