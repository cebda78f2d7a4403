"""The printed roster and the printed directory, each copy in the print ledger; telephones in clear, on record."""

from datetime import datetime

from keju.kernel.audit import NotPermitted
from keju.kernel.documents.services import Printed, print_document
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office
from keju.rulebook.words import t
from keju.stages.staffing.documents import rosters as documents
from keju.stages.staffing.queries import rosters as queries
from keju.stages.staffing.services.filing import note_shown, take_directory

RESPONSIBLE = t("负责人", "Responsible")
MOST = 5000
"""Entries of one print: more is a job for the spreadsheet."""


def print_roster(*, exam: Exam, roster_id: int, language: str, by: Actor, at: datetime) -> Printed:
    """The version in force with telephones, as PDF. NotPermitted (hidden) before the first."""
    one = queries.roster(exam, roster_id, viewer=by)
    if not one.published:
        raise NotPermitted(hidden=True)
    kind, version = queries.kind_of(exam, one.kind), queries.version(one, one.published)
    rows = [row for row in queries.frozen(one, one.published) if not row.gone]
    made = queries.made(exam, [one])[0]
    note_shown(
        exam=exam, members=[row.member_id for row in rows], where=f"print of roster:{one.pk}", by=by, at=at
    )
    data = documents.roster(
        exam=exam.name,
        office=office(one.office_code).name,
        kind=kind.name,
        rule=kind.rule,
        number=one.published,
        digest=version.content_hash,
        published_at=version.published_at,
        rows=[
            {
                "starts_at": r.starts_at, "ends_at": r.ends_at, "name": r.name, "post": queries.post_name(exam, r.post),
                "place": r.place, "phone": r.phone,
            }
            for r in rows
        ],
        gaps=[]
        if made.changed
        else [
            {"starts_at": g.starts_at, "ends_at": g.ends_at, "place": g.place, "short": g.short} for g in made.gaps
        ],
    )  # fmt: skip
    return print_document(
        kind="roster",
        template="staffing/roster",
        data=data,
        exam=exam,
        subject=f"roster:{one.pk}",
        office_path=one.office_path,
        plan_version=version.content_hash,
        language=language,
        by=by,
        at=at,
    )


def print_directory(
    *,
    exam: Exam,
    text: str = "",
    office_code: str = "",
    kind: str = "",
    language: str,
    by: Actor,
    at: datetime,
) -> Printed:
    """The directory as the filters leave it, with telephones, as PDF."""
    entries = take_directory(exam=exam, text=text, office_code=office_code, kind=kind, by=by, at=at)[:MOST]
    kinds = {k.code: k.name for k in queries.kinds(exam)}
    data = documents.directory(
        exam=exam.name,
        office=office(by.office_code).name,
        at=at,
        entries=[
            {
                "code": e.office_code, "office": office(e.office_code).name, "name": e.name,
                "post": queries.post_name(exam, e.post), "kind": kinds.get(e.kind, RESPONSIBLE), "place": e.place,
                "starts_at": e.starts_at, "ends_at": e.ends_at, "phone": e.phone,
            }
            for e in entries
        ],
    )  # fmt: skip
    return print_document(
        kind="phone_directory",
        template="staffing/directory",
        data=data,
        exam=exam,
        subject=f"office:{by.office_code}",
        office_path=by.office_path,
        language=language,
        by=by,
        at=at,
    )
