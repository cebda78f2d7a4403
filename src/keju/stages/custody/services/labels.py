"""Labels of containers, printed box by box."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.documents.composing import Part, compose
from keju.kernel.documents.pictures import code128_svg, qr_svg
from keju.kernel.documents.services import Ready, enter_ready
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.stages.custody import events, queries
from keju.stages.custody.documents.labels import Label, labels
from keju.stages.custody.models import Container, Holding
from keju.stages.custody.queries.naming import KINDS

TEMPLATE = "custody/labels"


@write("custody:containers:pack")
def print_labels(
    *,
    exam: Exam,
    containers: Sequence[Container],
    outer_only: bool = False,
    language: str = "zh",
    by: Actor,
    at: datetime,
) -> bytes:
    """A label for each container and, but for `outer_only`, for everything in it, outer ones first, as one PDF; one copy more in
    the ledger. What holds the papers of one half-day of one site says so (V15.2).

    NotPermitted for containers out of sight, or none.
    """
    held = queries.held(exam, [c.pk for c in containers])
    if not containers or len(held) != len(containers):
        raise NotPermitted(hidden=True)
    inside = queries.contents(exam, list(held))
    sessions, categories = queries.names_of(exam)
    rows = sorted(held.values(), key=lambda h: h.container.code)
    lots = [[_label(row, inside[row.container_id]), *map(_label, inside[row.container_id])] for row in rows]
    if outer_only:  # one sheet of labels after another, instead of a sheet for each
        lots = [[lot[0] for lot in lots]]
    parts = []
    for ones in lots:
        data = labels(ones, exam=exam.name, sessions=sessions, categories=categories)
        files = {f"qr-{one.code}": qr_svg(one.code) for one in ones}
        files |= {f"bars-{one.code}": code128_svg(one.code) for one in ones}
        parts.append(Part(data, files))
    made = compose(
        template=TEMPLATE, parts=parts, rehearsal=exam.is_rehearsal, language=language, tagged=False
    )
    path = min((row.office_path for row in held.values()), key=len)
    subject = f"container:{containers[0].code}" if len(containers) == 1 else f"office:{path}"
    pdf_hash = hashlib.sha256(made.pdf).hexdigest()
    ready = Ready("container_labels", TEMPLATE, subject, path, made.data_hash, pdf_hash, made.pages)
    enter_ready(documents=[ready], exam=exam, language=language, by=by, at=at)
    count = sum(map(len, lots))
    record(
        events.LABELS_PRINTED, by=by, at=at, subject=subject, exam=exam.slug, office_path=path, rules=["V11.2.2"],
        data={"labels": count, "pages": made.pages},
    )  # fmt: skip
    return made.pdf


def _label(row: Holding, lying: Sequence[Holding] = ()) -> Label:
    c = row.container
    serves = {(h.container.site_code, h.container.session) for h in lying}
    site, session = serves.pop() if len(serves) == 1 else (c.site_code, c.session)
    office = site or row.office_path.rstrip("/").rpartition("/")[2]
    return Label(
        c.code, KINDS[c.kind], row.seal, office, c.room, session, c.category, c.copies, c.first_serial, c.last_serial,
        len(lying),
    )  # fmt: skip
