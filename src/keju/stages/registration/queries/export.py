"""A list as a spreadsheet: exactly the rows that the same filters show, identity numbers masked as on the screen."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO, Any

from keju.algorithms.identity import DOCUMENT_KINDS, mask
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import points
from keju.kernel.sheets import Column, write_table_to
from keju.rulebook.words import Words, t
from keju.stages.registration import documents
from keju.stages.registration.documents import FIELDS
from keju.stages.registration.queries.needs import granted_needs
from keju.stages.registration.queries.rows import Filters, number_of, values

COLUMNS = (
    Column("number", t("报名号", "Registration number")),
    Column("name", FIELDS["name"]),
    Column("sex", t("性别", "Sex")),
    Column("document_kind", FIELDS["document_kind"]),
    Column("identity", FIELDS["identity"]),
    Column("category", FIELDS["category"]),
    Column("route", FIELDS["route"]),
    Column("point_code", t("考点代码", "Point code")),
    Column("point", FIELDS["point_code"]),
    Column("employer", FIELDS["employer"]),
    Column("needs", t("考试时的需要", "Needs at the exam")),
    Column("state", t("状态", "State")),
    Column("submitted_at", t("报名时间", "Registered at"), kind="date"),
    Column("reason", t("原因", "Reason")),
)
FIELDS_READ = (
    *("pk", "name", "sex", "document_kind", "identity", "category", "route"),
    *("point_code", "employer", "state", "submitted_at", "reason"),
)


@contextmanager
def exported(*, viewer: Actor, exam: Exam, filters: Filters) -> Iterator[IO[bytes]]:
    """The xlsx in the reader's language as an open temporary file, gone afterwards; constant memory whatever its size."""
    with TemporaryFile() as file:
        write_table_to(file, COLUMNS, _rows(viewer, exam, filters))
        file.seek(0)
        yield file


def export(*, viewer: Actor, exam: Exam, filters: Filters) -> bytes:
    """As `exported`, as bytes."""
    with exported(viewer=viewer, exam=exam, filters=filters) as file:
        return file.read()


def _rows(viewer: Actor, exam: Exam, filters: Filters) -> Iterator[tuple[Any, ...]]:
    programme = exams.programme(exam)
    points_ = {o.code: str(o.name) for o in points()}
    kinds = {kind: str(documents.document_name(kind)) for kind in DOCUMENT_KINDS}
    sexes, states = _said(documents.SEXES), _said(documents.STATES)
    categories = {c.code: str(c.name) for c in programme.categories}
    routes = {r.code: str(r.name) for r in programme.routes}
    needs = {n.code: str(n.name) for n in programme.needs}
    granted = granted_needs(exam, viewer.office_path)
    for row in values(viewer=viewer, exam=exam, filters=filters, fields=FIELDS_READ):
        pk, name, sex, kind, identity, category, route, point, employer, state, submitted_at, reason = row
        yield (
            number_of(exam, pk), name, sexes.get(sex, sex), kinds.get(kind, kind), mask(identity),
            categories.get(category, category), routes.get(route, route), point, points_.get(point, point), employer,
            "；".join(needs.get(kind, kind) for kind in granted.get(pk, ())),
            states.get(state, state), submitted_at, reason,
        )  # fmt: skip


def _said(words: Mapping[str, Words]) -> dict[str, str]:
    return {key: str(value) for key, value in words.items()}
