"""What the printing house gets so that every page names its bag: print data, overprint sheets, a specimen.

Whoever has the list of letters could print pages of other bags, so it leaves the system only for somebody who proves to be
there, and every leaving is on record with the file's SHA-256.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from keju.algorithms.pagemarks import places
from keju.kernel.accounts import services as accounts
from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.documents.composing import Part, compose
from keju.kernel.documents.pictures import data_matrix_svg
from keju.kernel.documents.services import Printed, Ready, enter_ready, print_document
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.kernel.sheets import Column, write_csv
from keju.rulebook.words import t
from keju.stages.custody import events, queries
from keju.stages.custody.documents.footers import MEASURES, Footer, footers
from keju.stages.custody.models import Container
from keju.stages.custody.queries import tracing
from keju.stages.custody.rules.containers import Kind, code, number_of
from keju.stages.custody.rules.tracing import SPECIMEN, grouped, paper_text, printed_code

TEMPLATE = "custody/footers"
TAKE = "custody:marks:take"
COPIES_AT_ONCE = 50
COLUMNS = [
    Column("bag", t("袋号", "Bag")),
    Column("session", t("场次", "Session"), kind="int"),
    Column("category", t("类别", "Category")),
    Column("serial", t("流水号", "Serial"), kind="int"),
    Column("letters", t("八位字母", "Letters")),
    Column("code", t("二维码内容", "Code says")),
    Column("line", t("页脚一行", "Line at the foot")),
]


@dataclass(frozen=True)
class Taken:
    """The file; `sha` its SHA-256, which the log keeps."""

    data: bytes
    content_type: str
    name: str
    sha: str


@write(TAKE)
def take(*, exam: Exam, region_code: str, form: str, code: str, by: Actor, at: datetime) -> Taken | None:
    """The print data of a region: `form` "csv", a row for each copy, or "json", an entry for each bag with all sizes.

    None if `code` does not prove the actor: no error is raised, because a wrong try is remembered. Neither site nor room stand
    in it. NotPermitted for a region out of sight or without papers.
    """
    queries.own_region(by, region_code)
    bags = list(tracing.bags(exam, path_of(region_code)))
    if not bags:
        raise NotPermitted(hidden=True)
    if not _proved(f"marks:{region_code}:{form}", code, by, at):
        return None
    if form == "csv":
        data, kind = write_csv(COLUMNS, _rows(exam, bags)), "text/csv"
    else:
        data, kind = _json(exam, bags), "application/json"
    taken = Taken(data, kind, f"page-marks-{region_code}.{form}", hashlib.sha256(data).hexdigest())
    _entered(exam, f"region:{region_code}", form, bags, taken, by, at)
    return taken


@write(TAKE)
def overprint(
    *, exam: Exam, bag: Container, code: str, language: str = "zh", by: Actor, at: datetime
) -> Taken | None:
    """A page to print over each page of each copy of the bag, as one PDF, and a copy more in the ledger; None as in `take`."""
    if not bag.first_serial or not bag.office_path.startswith(by.office_path or "-"):
        raise NotPermitted(hidden=True)
    if not _proved(f"marks:{bag.code}", code, by, at):
        return None
    made = compose(
        template=TEMPLATE,
        parts=list(_parts(exam, bag)),
        rehearsal=exam.is_rehearsal,
        language=language,
        tagged=False,
    )
    sha = hashlib.sha256(made.pdf).hexdigest()
    subject = f"container:{bag.code}"
    ready = Ready("paper_marks", TEMPLATE, subject, bag.office_path, made.data_hash, sha, made.pages)
    enter_ready(documents=[ready], exam=exam, language=language, by=by, at=at)
    taken = Taken(made.pdf, "application/pdf", f"page-marks-{bag.code}.pdf", sha)
    _entered(exam, subject, "pdf", [bag], taken, by, at)
    return taken


@write(TAKE)
def specimen(*, exam: Exam, language: str = "zh", by: Actor, at: datetime) -> Printed:
    """How it has to look, in its true size, with every measure; its letters name no bag, so it is no secret."""
    bag, letters = code(Kind.BAG, SPECIMEN), tracing.mark(exam, SPECIMEN)
    copy = _footer(bag, letters, 1)
    return print_document(
        kind="paper_marks", template=TEMPLATE, data=footers([copy], exam=exam.name, specimen=True),
        files={copy.code: data_matrix_svg(copy.code)}, exam=exam, subject="marks:specimen",
        office_path=by.office_path, language=language, by=by, at=at,
    )  # fmt: skip


def _proved(purpose: str, code: str, by: Actor, at: datetime) -> bool:
    if by.person_id is None:
        raise NotPermitted(hidden=True)
    return accounts.prove(person_id=by.person_id, code=code, purpose=purpose, by=by, at=at) is not None


def _entered(
    exam: Exam, subject: str, form: str, bags: list[Container], taken: Taken, by: Actor, at: datetime
) -> None:
    record(
        events.MARKS_TAKEN, by=by, at=at, subject=subject, exam=exam.slug, office_path=by.office_path, rules=["V12.5"],
        data={"form": form, "bags": len(bags), "copies": sum(b.copies for b in bags), "sha256": taken.sha},
    )  # fmt: skip


def _footer(bag: str, letters: str, serial: int) -> Footer:
    return Footer(printed_code(letters, serial), paper_text(bag, serial, letters), grouped(letters))


def _parts(exam: Exam, bag: Container) -> Iterator[Part]:
    letters = tracing.mark(exam, number_of(bag.code))
    copies = [_footer(bag.code, letters, n) for n in range(bag.first_serial, bag.last_serial + 1)]
    for start in range(0, len(copies), COPIES_AT_ONCE):
        some = copies[start : start + COPIES_AT_ONCE]
        files = {c.code: data_matrix_svg(c.code) for c in some}
        yield Part(footers(some, exam=exam.name), files, pages=len(some))


def _rows(exam: Exam, bags: Iterable[Container]) -> Iterator[tuple[object, ...]]:
    for bag in bags:
        letters = tracing.mark(exam, number_of(bag.code))
        for serial in range(bag.first_serial, bag.last_serial + 1):
            copy = _footer(bag.code, letters, serial)
            yield bag.code, bag.session, bag.category, serial, copy.letters, copy.code, copy.line


def _json(exam: Exam, bags: Iterable[Container]) -> bytes:
    rows = []
    for bag in bags:
        letters = tracing.mark(exam, number_of(bag.code))
        rows.append(
            {
                "bag": bag.code, "session": bag.session, "category": bag.category, "first_serial": bag.first_serial,
                "last_serial": bag.last_serial, "letters": grouped(letters),
                "code": f"{letters}{{serial:06d}}", "line": f"{bag.code}-{{serial:06d}}-{grouped(letters)}",
            }
        )  # fmt: skip
    layout = {
        "page_mm": places.PAGE, "code_mm": places.SIDE, "codes_mm": places.CODES, "symbology": "Data Matrix ECC 200",
        "modules": places.MODULES, "quiet_modules": places.QUIET, "line_y_mm": places.TEXT_Y,
        "measures": {w.en: size for w, size in MEASURES},
    }  # fmt: skip
    return json.dumps(
        {"exam": exam.slug, "layout": layout, "bags": rows}, ensure_ascii=False, indent=1
    ).encode()
