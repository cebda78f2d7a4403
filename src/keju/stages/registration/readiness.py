"""Chapter 5 on the readiness board: confirmation places before registration opens."""

from collections.abc import Iterator
from datetime import datetime

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.readiness import AMBER, GREEN, PRINCIPLE, RED, Gate, Row, provides
from keju.rulebook.words import t

LACKING = t("确认点还没有填写：{what}", "The confirmation place lacks: {what}")
FIELDS = {
    "address": t("地址", "address"),
    "contact": t("联系人", "contact"),
    "phone": t("电话", "phone"),
}


@provides(
    "V5.1.1",
    strength=PRINCIPLE,
    title=t("报名确认点的地址和联系方式", "Confirmation places with address and contacts"),
)
def confirmation_places(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """Each point says where and whom to reach; red once its region's registration is open."""
    opened = exams.openings_under(exam, path, "point")
    begins = exams.milestone_by_office(exam, "registration_opens", [o.office_path for o in opened])
    for point in opened:
        missing = [words for field, words in FIELDS.items() if not getattr(point, field)]
        late = point.office_path in begins and begins[point.office_path] <= at
        yield Row(
            point.office_path,
            (RED if late else AMBER) if missing else GREEN,
            LACKING.format(what=t("、".join(w.zh for w in missing), ", ".join(w.en for w in missing)))
            if missing
            else None,
            "registration-point",
            lacking=len(missing),
            gate=Gate.REGISTRATION,
        )
