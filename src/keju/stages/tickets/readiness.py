"""Tickets on the readiness board: a region's are generated, then opened."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.readiness import AMBER, GREEN, GREY, MUST, RED, Row, provides
from keju.rulebook.words import t
from keju.stages.tickets import queries

CLOSED = t("准考证已生成，还没有开放打印", "Tickets are generated, printing is not open")
NONE = t("准考证还没有生成", "Tickets are not generated")
EVE = timedelta(days=1)


@provides("V7.3", strength=MUST, title=t("准考证开放打印", "Ticket printing is open"))
def opened(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """A row for each region; red from the eve of the exam, grey while it generated none."""
    generated, done = queries.generated_regions(exam), queries.opened_regions(exam)
    regions = exams.openings_under(exam, path, "region")
    days = exams.milestone_by_office(exam, "exam_day", [o.office_path for o in regions])
    for region in regions:
        if region.office_id in done:
            yield Row(region.office_path, GREEN)
            continue
        made, day = region.office_id in generated, days.get(region.office_path)
        late = day is not None and at >= day - EVE
        yield Row(
            region.office_path,
            RED if late else AMBER if made else GREY,
            (CLOSED if made else NONE) if late or made else None,
            "tickets-home",
            mends="tickets:printing:open" if made else "tickets:numbers:generate",
            lacking=1,
        )
