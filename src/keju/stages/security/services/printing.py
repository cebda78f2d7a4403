"""Papers of precautions in the print ledger."""

from datetime import datetime

from keju.kernel.audit import record, write
from keju.kernel.documents.services import Printed, print_document
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office
from keju.rulebook.words import t
from keju.stages.security import documents, events
from keju.stages.security.queries import inspecting as queries
from keju.stages.security.queries import people

OUTCOMES = {
    "": t("", ""),
    "right": t("符合", "right"),
    "wrong": t("有问题", "wrong"),
    "absent": t("不适用", "n/a"),
}
SEVERITY = {"grave": t("严重", "Grave"), "major": t("较重", "Major"), "minor": t("一般", "Minor")}


@write("security:record:read")
def print_inspection(*, exam: Exam, inspection_id: int, language: str, by: Actor, at: datetime) -> Printed:
    """The form of the inspection to take along or, once it is done, its record with the findings."""
    row = queries.inspection(exam, inspection_id, viewer=by)
    looked = queries.looked(row)
    found = [f for one in looked for f in one.findings]
    owners = queries.owners(found)
    chosen = next((one for one in queries.lists(exam) if one.code == row.checklist), None)
    data = documents.inspection(
        exam=exam.name,
        office=office(row.office_code).name,
        code=row.office_code,
        checklist=chosen.name if chosen else t(row.checklist, row.checklist),
        version=row.list_version,
        rule=row.rule,
        day=row.planned_on,
        team=sorted(people.names_by_id(row.team, row.office_path).values()),
        done_at=row.done_at,
        items=[
            {
                "words": one.words,
                "rule": one.rule,
                "outcome": OUTCOMES[one.answer.outcome if one.answer else ""],
                "note": one.answer.note if one.answer else "",
            }
            for one in looked
        ],
        findings=[
            {
                "number": f.pk,
                "words": f.words,
                "severity": SEVERITY[f.severity],
                "owner": f"{f.owner_code} {owners.get(f.owner_id, '')}",
                "due": f.due_on,
            }
            for f in found
        ],
    )
    printed = print_document(
        kind="inspection",
        template="security/inspection",
        data=data,
        exam=exam,
        subject=f"inspection:{row.pk}",
        office_path=row.office_path,
        language=language,
        by=by,
        at=at,
    )
    record(
        events.INSPECTION_PRINTED,
        by=by,
        at=at,
        subject=f"inspection:{row.pk}",
        exam=exam.slug,
        office_path=row.office_path,
        rules=[row.rule],
        data={"copy": printed.record.copy},
    )
    return printed
