"""Rows as a spreadsheet."""

from collections.abc import Sequence

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices.queries import names
from keju.kernel.readiness.asking import Found, code_of
from keju.kernel.readiness.boards import NATION
from keju.kernel.readiness.forms import STRENGTHS
from keju.kernel.readiness.registry import titles
from keju.kernel.readiness.showing import STATE_WORDS
from keju.kernel.sheets import Column, write_table
from keju.rulebook.stages import STAGE_NAMES
from keju.rulebook.words import t

COLUMNS = (
    Column("code", t("单位代码", "Office code")),
    Column("name", t("单位", "Office")),
    Column("room", t("考场", "Room"), kind="int"),
    Column("stage", t("阶段", "Stage")),
    Column("rule", t("条款", "Clause")),
    Column("title", t("内容", "What")),
    Column("strength", t("要求", "Strength")),
    Column("state", t("状态", "State")),
    Column("lacking", t("缺少", "Lacking"), kind="int"),
    Column("words", t("缺什么", "What is missing")),
)


def workbook(exam: Exam, found: Sequence[Found]) -> bytes:
    """One line a row, by office, room and clause."""
    clauses, said = exams.programme(exam).rules, names({code_of(f.row.office_path) for f in found})
    known, strengths = titles(), dict(STRENGTHS)
    ordered = sorted(found, key=lambda f: (f.row.office_path, f.row.room or 0, f.rule))
    return write_table(
        COLUMNS,
        (
            (
                code_of(f.row.office_path),
                str(said.get(code_of(f.row.office_path), NATION)),
                f.row.room,
                str(STAGE_NAMES[clauses[f.rule].stage]),
                f.rule,
                str(known.get(f.rule, clauses[f.rule].text)),
                str(strengths[f.strength]),
                str(STATE_WORDS[f.row.state]),
                f.row.lacking,
                str(f.row.words or ""),
            )
            for f in ordered
        ),
    )
