"""On paper: the half-day's ways out of the store and back (V15.2, V16.1.1), and the report of spare papers (V15.6)."""

from collections.abc import Mapping
from datetime import datetime

from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.documents.services import Printed, print_document
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office, path_of
from keju.rulebook.words import Words, t
from keju.stages.custody import events
from keju.stages.custody.documents.day import spare_report
from keju.stages.custody.documents.handovers import moment, sheet
from keju.stages.custody.queries import day_sheets as queries
from keju.stages.custody.queries.naming import SEEN
from keju.stages.custody.queries.seal_room import spare_uses
from keju.stages.custody.rules.containers import LETTER, OUTER
from keju.stages.custody.services.half_day import HEAD, OFFICER, STAFF
from keju.stages.custody.services.handovers.printing import MEANS
from keju.stages.custody.services.spares import DEFECTS

PARTS: Mapping[str, Words] = {
    HEAD: t("主考", "Head"),
    OFFICER: t("机要员", "Confidential officer"),
    STAFF: t("工作人员", "Staff"),
}
OUTERS = {LETTER[kind] for kind in OUTER}
CLAUSES: Mapping[str, list[str]] = {queries.WITHDRAW: ["V15.2"], queries.BACK: ["V16.1.1"]}


@write("custody:chain:read")
def print_way(
    *,
    exam: Exam,
    site_code: str,
    session: int,
    proposal_id: int,
    language: str = "zh",
    by: Actor,
    at: datetime,
) -> Printed:
    """The sheet of a signed way: exactly what was signed, by whom, with which proof. A copy more in the ledger."""
    found = queries.signed_ways(exam, site_code, session, viewer=by)
    way = next((one for one in found if one.proposal.pk == proposal_id), None)
    if way is None:
        raise NotPermitted(hidden=True)
    row, content, point = way.proposal, way.proposal.content, office(site_code.partition("-")[0]).name
    path = path_of(site_code)
    whole = SEEN["intact"]  # with any other seal nobody would have been let sign
    printed = print_document(
        kind="half_day_sheet",
        template="custody/handover",
        data=sheet(
            exam=exam.name,
            number=row.pk,
            facts=[
                (t("交接", "Handover"), content.title),
                *((_words(name), value) for name, value in content.facts),
                (t("签字完毕", "Signed"), moment(row.decided_at)),
            ],
            items=[
                (str(code), str(seal), str(holds) if str(code)[0] in OUTERS else "", whole)
                for code, seal, holds in content.tables[0].rows
            ],
            people=[
                (
                    one.signer_name, PARTS[one.need.what], point, str(MEANS[one.proof.means]) + f" #{one.proof_id}",
                    moment(one.signed_at),
                )
                for one in way.signatures
            ],
            exceptions=[],
            digest=row.content_hash,
        ),
        exam=exam,
        subject=row.subject,
        office_path=path,
        plan_version=row.content_hash[:16],
        language=language,
        by=by,
        at=at,
    )  # fmt: skip
    record(
        events.HALF_DAY_PRINTED, by=by, at=at, subject=row.subject, exam=exam.slug, office_path=path,
        rules=CLAUSES[row.kind], data={"proposal": row.pk},
    )  # fmt: skip
    return printed


@write("custody:chain:read")
def print_spare_report(*, exam: Exam, language: str = "zh", by: Actor, at: datetime) -> Printed:
    """The report in writing of every spare paper used in the printer's scope, with who consented and by which proof (V15.6)."""
    names = {s.number: s.name for s in exams.sessions(exam)}
    uses = list(spare_uses(exam, viewer=by).order_by("office_path", "seal_room__session", "room", "pk"))
    printed = print_document(
        kind="spare_report",
        template="custody/spares",
        data=spare_report(
            exam=exam.name,
            office=office(by.office_code).name,
            at=at,
            uses=[
                (
                    u.seal_room.site_code, names[u.seal_room.session], u.room, u.ticket, DEFECTS[u.defect], u.note,
                    u.defective_serial, u.spare_serial, u.consented_by.name, u.at,
                )
                for u in uses
            ],
        ),
        exam=exam,
        subject=f"spares:{by.office_code}",
        office_path=by.office_path,
        language=language,
        by=by,
        at=at,
    )  # fmt: skip
    record(
        events.SPARES_PRINTED, by=by, at=at, subject=f"spares:{by.office_code}", exam=exam.slug,
        office_path=by.office_path, rules=["V15.6"], data={"uses": [u.pk for u in uses]},
    )  # fmt: skip
    return printed


def _words(text: Words | str) -> Words:
    return text if isinstance(text, Words) else t(text, text)
