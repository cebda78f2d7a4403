"""Looking at an upload before anything is kept: what is wrong with it, and whether we can mend it ourselves."""

from dataclasses import dataclass

from keju.algorithms.photo import CannotRecompress, PhotoExamination, examine, recompress
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.rulebook import Refusal
from keju.stages.registration.params import Params
from keju.stages.registration.services.photos import limits, refusals_of


@dataclass(frozen=True)
class Seen:
    """An upload as examined. `mended`: the same photo cut and compressed by us so that nothing measured refuses it."""

    found: PhotoExamination
    refusals: tuple[Refusal, ...]
    mended: bytes | None = None


def look_at(*, exam: Exam, data: bytes) -> Seen:
    """Examine the bytes and, where something measured refuses them, try to mend. Keeps nothing."""
    asked = limits(exams.params(exam, Params))
    found = examine(data, limits=asked)
    refusals = tuple(refusals_of(found))
    if not refusals:
        return Seen(found, refusals)
    try:
        mended = recompress(data, limits=asked)
    except CannotRecompress:
        return Seen(found, refusals)
    return Seen(found, refusals, None if examine(mended, limits=asked).refused_measured else mended)
