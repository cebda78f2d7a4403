"""Recusal on the readiness board: everybody declared, every hit decided, nobody barred in a post (V2.9, P1.2)."""

from collections.abc import Iterator
from datetime import datetime

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.readiness import AMBER, GREEN, MUST, RED, Row, provides
from keju.rulebook.words import t
from keju.stages.staffing.queries import recusal

BARRED = t("{n}人应当回避，仍在岗位上", "{n:person is|persons are} barred and still in a post")
UNDECLARED = t("{n}人未作回避申报", "{n:person has|persons have} not declared relatives")


@provides("V2.9", "P1.2", strength=MUST, title=t("回避", "Recusal"))
def free_of_recusal(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """Every office where somebody serves: red while somebody barred holds a post there, amber while somebody has not declared."""
    own = exams.programme(exam).own_rules
    for where, barred, undeclared in recusal.standing(exam, path):
        words = [w.format(n=n) for w, n in ((BARRED, barred), (UNDECLARED, undeclared)) if n]
        state = RED if barred else AMBER if undeclared else GREEN
        said = t("；".join(w.zh for w in words), "; ".join(w.en for w in words)) if words else None
        for rule in ("V2.9", "P1.2"):
            if rule == "V2.9" or rule in own:
                yield Row(where, state, said, "staffing-recusal", lacking=barred + undeclared, rule=rule)
