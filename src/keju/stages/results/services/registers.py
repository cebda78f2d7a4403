"""The register of passes (V17.2.1): to each region as PDF and spreadsheet, with receipt."""

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction

from keju.kernel.audit import record, write
from keju.kernel.documents import services as printing
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.files import services as files
from keju.kernel.notices import services as notices
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office, path_of
from keju.kernel.sheets import XLSX
from keju.kernel.sheets.columns import Column
from keju.kernel.sheets.writing import write_table
from keju.rulebook import Refusal, RuleRefused, enforce
from keju.rulebook.words import t
from keju.stages.registration.queries import SEXES
from keju.stages.results import documents, events, queries, rules
from keju.stages.results.models import Register

TITLE = t("{exam}合格人员名册（{region}）", "{exam}: register of passes, {region}")
BODY = t(
    "随文发送合格人员名册，共{n}人。请签收、保管并归档（V17.2.1）；电子表格可在“成绩 · 合格人员名册”下载。",
    "The register of passes is attached: {n:person|people}. Acknowledge it, keep it and archive it (V17.2.1); the spreadsheet is "
    "under Results, registers of passes.",
)
COLUMNS = (
    Column("ticket", t("准考证号", "Ticket number")),
    Column("name", t("姓名", "Name")),
    Column("sex", t("性别", "Sex")),
    Column("identity", t("证件号码", "Identity number")),
    Column("point", t("考点", "Point")),
    Column("employer", t("工作单位", "Employer")),
    Column("category", t("类别", "Category")),
    Column("level", t("资格等级", "Level")),
)


@write("results:register:send")
def send_register(*, exam: Exam, region_code: str, by: Actor, at: datetime) -> Register:
    """The region has its register as PDF and spreadsheet in a notice that it acknowledges. Each region once."""
    out = queries.release(exam)
    sent = Register.objects.filter(exam=exam, region_code=region_code).exists()
    enforce(rules.check_register(released=out is not None, sent=sent))
    region, programme = office(region_code), exams.programme(exam)
    wanted = queries.Filters(region_code=region_code)
    rows = [_line(r) for r in queries.stream_passes(viewer=by, exam=exam, filters=wanted)]
    path = path_of(region_code)
    data = documents.register(
        programme,
        exam=exam.name,
        region=region.name,
        rows=rows,
        counts=queries.pass_counts(viewer=by, exam=exam).get(region_code, {}),
        digest=out.digest if out else "",
        at=at,
    )
    pdf = printing.print_document(
        kind="register_of_passes",
        template="results/register",
        data=data,
        exam=exam,
        subject=f"register:{region_code}",
        office_path=path,
        language="zh",
        by=by,
        at=at,
    ).pdf
    book = write_table(COLUMNS, (_named(programme, row) for row in rows), sheet="合格人员名册")
    name = TITLE.format(exam=exam.name, region=region.name)
    pdf_sha, book_sha = files.store_many(
        files=[
            files.NewFile(pdf, f"{name.zh}.pdf", "application/pdf", path),
            files.NewFile(book, f"{name.zh}.xlsx", XLSX, path),
        ],
        by=by,
        at=at,
    )
    notice = notices.send(
        exam=exam,
        title=name,
        body=BODY.format(n=len(rows)),
        to=[region_code],
        kind="register_of_passes",
        file=pdf_sha,
        by=by,
        at=at,
    )
    try:
        with transaction.atomic():
            register = Register.objects.create(
                exam=exam,
                office_path=path,
                region_code=region_code,
                count=len(rows),
                pdf_sha256=pdf_sha,
                xlsx_sha256=book_sha,
                notice_id=notice.pk,
                sent_by=by.ref,
                sent_at=at,
            )
    except IntegrityError as error:
        raise RuleRefused([Refusal("V17.2.1", "results_register_sent")]) from error
    record(
        events.REGISTER_SENT,
        by=by,
        at=at,
        subject=f"register:{region_code}",
        exam=exam.slug,
        office_path=path,
        rules=["V17.2.1"],
        data={"count": len(rows), "pdf": pdf_sha, "xlsx": book_sha, "results": out.digest if out else ""},
    )
    return register


def passes_table(*, exam: Exam, rows: Iterable[queries.PassRow]) -> bytes:
    """The passes as a spreadsheet with the register's columns. Writes nothing."""
    programme = exams.programme(exam)
    return write_table(COLUMNS, (_named(programme, _line(r)) for r in rows))


def _line(r: queries.PassRow) -> tuple[str, ...]:
    return (
        r.ticket_number,
        r.name,
        str(SEXES.get(r.sex, r.sex)),
        r.identity_masked,
        str(office(r.point_code).name),
        r.employer,
        r.category,
        r.level,
    )


def _named(programme: documents.Programme, row: tuple[str, ...]) -> list[str]:
    *plain, category, level = row
    return [
        *plain,
        str(documents.category_name(programme, category)),
        str(documents.level_name(programme, level)),
    ]
