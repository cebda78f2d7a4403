"""Chapter 9 on the readiness board: every region confirmed its paper quantities."""

from collections.abc import Iterator
from datetime import datetime

from keju.kernel.duties import queries as duties
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.readiness import AMBER, GREEN, GREY, PRINCIPLE, RED, Row, provides
from keju.rulebook.words import t
from keju.stages.custody import queries

UNCONFIRMED = t("试卷接收信息和用量还没有确认", "Receipt details and paper quantities are not confirmed")


@provides("V9.1", strength=PRINCIPLE, title=t("试卷用量确认表", "Paper quantities confirmed"))
def confirmed(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """A row for each region; grey until the centre has set the day."""
    regions = exams.openings_under(exam, path, "region")
    done = queries.confirmations(exam, viewer=Actor.system("custody", path))
    due = duties.due_by_owner(exam=exam, rule="V9.1", owners=[o.office_id for o in regions])
    for region in regions:
        term = due.get(region.office_id)
        open_state = GREY if term is None else RED if at >= term else AMBER
        state = GREEN if region.office_id in done else open_state
        words = UNCONFIRMED if state in (RED, AMBER) else None
        yield Row(
            region.office_path,
            state,
            words,
            "custody-region",
            {"region": region.office_id},
            mends="custody:quantities:confirm",
            lacking=int(words is not None),
        )
