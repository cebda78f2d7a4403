"""Whose copy is this? Asked by few, and every asking is on record. The photograph is read and forgotten."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError

from keju.algorithms.pagemarks.reading import LONG_SIDE, codes_in
from keju.kernel.audit import record, write
from keju.kernel.exams.models import Exam
from keju.kernel.files import scans
from keju.kernel.offices import Actor
from keju.rulebook.words import t
from keju.stages.custody import events
from keju.stages.custody.models import Container, LookUp
from keju.stages.custody.queries import cases
from keju.stages.custody.queries import tracing as queries
from keju.stages.custody.rules.tracing import PaperCode, Verdict, judge, read_paper

UNREADABLE = t(
    "照片里没有读出试卷的二维码。请靠近些，拍清楚有方形码的页边；"
    "看得见淡色字母的，直接输入八位字母（看不清的用 ? 代替，最多两个）。",
    "No code of a paper could be read. Photograph an edge of the page with a square code closer and sharper; or type the eight "
    "pale letters, with ? for those not readable, two at most.",
)
NO_CODE = t(
    "这不是试卷上印的编号。请输入页脚整行、八位字母（看不清的用 ? 代替，最多两个），或袋号。",
    "This does not stand on a paper. Type the line at its foot, its eight letters (? for those not readable, two at most), or "
    "the bag's code.",
)


@dataclass(frozen=True)
class Traced:
    """What one page says; `bag`: named only where the verdict is proven or likely."""

    read: PaperCode
    verdict: Verdict
    bag: Container | None


@write("custody:evidence:make")
def trace(
    *,
    exam: Exam,
    typed: str = "",
    photo: bytes | None = None,
    case_id: int | None = None,
    by: Actor,
    at: datetime,
) -> list[Traced]:
    """The bags that the pages came from, as far as the actor may know them: one for each copy seen on the photograph, or the
    one that was typed. ValidationError for what cannot be read; NotPermitted for a case out of sight.

    A row and an event say who asked, by what, and what the answer was. Of a photograph only its SHA-256 stays.
    """
    case = cases.one(exam, case_id, viewer=by) if case_id else None
    read = _photographed(photo) if photo is not None else [found] if (found := read_paper(typed)) else []
    if not read:
        raise ValidationError(str(NO_CODE if photo is None else UNREADABLE))
    fitting = queries.fitting(exam, read, viewer=by)
    judged = [(one, *judge(one, *fitting[one])) for one in read]
    rows = queries.containers(exam, (made.code for _, _, made in judged if made))
    found = [Traced(one, verdict, rows[made.code] if made else None) for one, verdict, made in judged]
    sha = hashlib.sha256(photo).hexdigest() if photo is not None else ""
    LookUp.objects.bulk_create(
        LookUp(
            exam=exam, office_path=by.office_path, case=case, container=one.bag, serial=one.read.serial,
            verdict=one.verdict, photo_sha=sha, by=by.ref, name=by.name[:80], at=at,
        )
        for one in found
    )  # fmt: skip
    record(
        events.COPY_TRACED, by=by, at=at, subject=f"case:{case.pk}" if case else _subject(found), exam=exam.slug,
        office_path=by.office_path, rules=["V12.5", "V12.6.1"] if case else ["V12.5"],
        data={"pages": [{"bag": one.bag.code if one.bag else one.read.bag, "serial": one.read.serial,
                         "verdict": one.verdict} for one in found], "photo": sha},
    )  # fmt: skip
    return found


def _subject(found: Sequence[Traced]) -> str:
    bag = found[0].bag
    return f"container:{bag.code}" if bag else "copy"


def _photographed(photo: bytes) -> list[PaperCode]:
    """What the codes of the page say, without those that are not ours."""
    with scans.opened(photo, LONG_SIDE) as image:
        texts = codes_in(image)
    read = (read_paper(text) for text in texts)
    return list(dict.fromkeys(one for one in read if one and one.serial))
