"""Appointment slips on paper, one a person with the one-time link as a code: for those without a telephone."""

from collections.abc import Sequence
from datetime import datetime

from keju.kernel.audit import write
from keju.kernel.calendar import CHINA
from keju.kernel.documents import pictures
from keju.kernel.documents.services import print_document
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office
from keju.rulebook.words import Words
from keju.stages.staffing.models import Appointment
from keju.stages.staffing.services.answering import LASTS, invite

KIND, TEMPLATE = "appointment_slips", "staffing/slips"


@write("staffing:appointment:make")
def print_slips(*, exam: Exam, appointment_ids: Sequence[int], base: str, by: Actor, at: datetime) -> bytes:
    """One file with a slip for each, each with a fresh link that ends the earlier one; in the print ledger."""
    links = invite(exam=exam, appointment_ids=appointment_ids, base=base, printed=True, by=by, at=at)
    rows = Appointment.objects.select_related("member__person").in_bulk(
        [link.appointment_id for link in links]
    )
    slips, files = [], {}
    for link in links:
        row = rows[link.appointment_id]
        url = base + link.token
        files[f"qr{row.pk}"] = pictures.qr_png(url)
        slips.append(_slip(exam, row, url, at + LASTS))
    data = {"exam": _pair(exam.name), "office": _pair(office(by.office_code).name), "slips": slips}
    made = print_document(
        kind=KIND, template=TEMPLATE, data=data, files=files, exam=exam, subject=f"point:{by.office_code}",
        office_path=by.office_path, by=by, at=at,
    )  # fmt: skip
    return made.pdf


def _slip(exam: Exam, row: Appointment, url: str, until: datetime) -> dict[str, object]:
    post = exams.programme(exam).post(row.post)
    return {
        "name": row.member.person.name,
        "employer": row.member.person.employer,
        "post": _pair(post.name if post else row.post),
        "place": _pair(office(row.office_code).name),
        "where": " ".join(
            part
            for part in (row.building, f"{row.floor}F" if row.floor is not None else "", str(row.room or ""))
            if part
        ),
        "until": f"{until.astimezone(CHINA):%Y-%m-%d}",
        "url": url,
        "qr": f"qr{row.pk}",
    }


def _pair(words: Words | str) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en} if isinstance(words, Words) else {"zh": words, "en": words}
