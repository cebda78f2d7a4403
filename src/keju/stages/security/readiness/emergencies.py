"""Emergency plans and drills on the readiness board (P5.3, V4.1)."""

from collections.abc import Iterator
from datetime import datetime

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices.queries import path_of
from keju.kernel.readiness import AMBER, GREEN, MUST, RED, Row, provides
from keju.rulebook.words import t
from keju.stages.security.queries import board
from keju.stages.security.queries import emergencies as queries

NO_PLAN = t("{n}类突发事件没有批准的预案", "No approved plan for {n:class|classes} of emergency")
NO_DRILL = t("还没有按现行预案完成应急演练", "No emergency drill by the plans in force")


@provides("P5.3", strength=MUST, title=t("应急预案", "Emergency plans"))
def plans(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """Every region and host has a plan in force for each class of emergency."""
    if exams.programme(exam).clause("P5.3") is None:
        return
    places = board.places(exam, path)
    late = RED if board.has_begun(exam, at) else AMBER
    for one in queries.preparedness(exam, path, [*places.regions, *places.hosts]):
        missing = one.needed - one.in_force
        where = {"office": one.code}
        if missing:
            yield Row(
                path_of(one.code),
                late,
                NO_PLAN.format(n=missing),
                "security-emergency",
                where,
                lacking=missing,
            )
        else:
            yield Row(path_of(one.code), GREEN, None, "security-emergency", where)


@provides("V4.1", strength=MUST, title=t("应急演练", "Emergency drill"))
def drills(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """Every host has drilled an emergency by the plans in force."""
    late = RED if board.has_begun(exam, at) else AMBER
    for one in queries.preparedness(exam, path, board.places(exam, path).hosts):
        if one.drills:
            yield Row(path_of(one.code), GREEN, None, "security-drills")
        else:
            yield Row(path_of(one.code), late, NO_DRILL, "security-drills", lacking=1)
