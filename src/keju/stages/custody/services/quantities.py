"""The centre sets the day; every region prints its form, has it stamped, and confirms (V9.1)."""

from dataclasses import astuple
from datetime import datetime

from keju.kernel.audit import Stale, record, write
from keju.kernel.documents.services import Printed, print_document
from keju.kernel.duties import services as duties
from keju.kernel.exams.models import Exam
from keju.kernel.files import scans
from keju.kernel.files.services import store
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office
from keju.rulebook import enforce
from keju.stages.custody import events, queries, rules
from keju.stages.custody.documents.quantities import form
from keju.stages.custody.models import Confirmation
from keju.stages.seating import services as seating


@write("custody:quantities:set")
def set_due(*, exam: Exam, due: datetime, by: Actor, at: datetime) -> None:
    """By then every region sends its form; the duty of V9.1 is open, or moved if nobody is hurt by it."""
    duties.reach(exam=exam, key="paper_quantities_due", when=due, by=by, at=at)
    record(
        events.DUE_SET, by=by, at=at, subject="quantities", exam=exam.slug, rules=["V9.1"], data={"due": due}
    )


@write("custody:quantities:confirm")
def confirm(
    *,
    exam: Exam,
    region_code: str,
    digest: str,
    receiver: str,
    address: str,
    phone: str,
    scan: bytes,
    by: Actor,
    at: datetime,
) -> Confirmation:
    """The quantities of now are confirmed with the stamped form; the duty of V9.1 is done.

    `digest` is that of the quantities that were stamped: `Stale` if seats were planned anew since. A later confirmation
    takes the place of an earlier one. ValidationError for a scan that cannot be read.
    """
    path = queries.own_region(by, region_code)
    enforce(rules.check_form(receiver, address, phone, bool(scan)))
    page = scans.prepare(scan)
    seating.hold(exam, region_code)  # nobody plans anew meanwhile, and of two clicks one comes second
    needed = queries.quantities(exam, region_code, viewer=by)
    enforce(rules.check_known(needed.lines))
    if digest != needed.digest:
        raise Stale
    name = f"quantities-{region_code}"
    sha = store(data=page.data, name=name, content_type=page.content_type, office_path=path, by=by, at=at)
    former = queries.confirmations(exam, viewer=by).get(region_code)
    row = Confirmation.objects.create(
        exam=exam,
        office_path=path,
        region_code=region_code,
        version=former.version + 1 if former else 1,
        receiver=receiver.strip(),
        address=address.strip(),
        phone=phone.strip(),
        lines=[astuple(line) for line in needed.lines],
        digest=needed.digest,
        scan=sha,
        confirmed_by=by.ref,
        confirmed_at=at,
    )
    duties.discharge(
        exam=exam, rule="V9.1", owner=region_code, evidence=f"confirmation:{row.pk}", by=by, at=at
    )
    record(
        events.CONFIRMED,
        by=by,
        at=at,
        subject=f"region:{region_code}",
        exam=exam.slug,
        office_path=path,
        rules=["V9.1"],
        data={
            "version": row.version,
            "digest": row.digest,
            "scan": sha,
            "copies": sum(line.all_copies for line in needed.lines),
        },
    )
    return row


@write("custody:quantities:confirm")
def print_form(*, exam: Exam, region_code: str, language: str = "zh", by: Actor, at: datetime) -> Printed:
    """The form to fill in and stamp, with the quantities of now."""
    path = queries.own_region(by, region_code)
    needed = queries.quantities(exam, region_code, viewer=by)
    enforce(rules.check_known(needed.lines))
    sessions, categories = queries.names_of(exam)
    printed = print_document(
        kind="paper_quantities",
        template="custody/quantities",
        data=form(
            exam=exam.name,
            region=office(region_code).name,
            at=at,
            digest=needed.digest,
            lines=needed.lines,
            sums=rules.totals(needed.lines, region_code),
            names=needed.names,
            sessions=sessions,
            categories=categories,
        ),
        exam=exam,
        subject=f"region:{region_code}",
        office_path=path,
        plan_version=needed.digest,
        language=language,
        by=by,
        at=at,
    )
    record(
        events.FORM_PRINTED,
        by=by,
        at=at,
        subject=f"region:{region_code}",
        exam=exam.slug,
        office_path=path,
        rules=["V9.1"],
        data={"digest": needed.digest},
    )
    return printed
