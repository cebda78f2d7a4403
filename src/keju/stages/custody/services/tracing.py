"""Whose copy is this? Asked by few, and every asking is on record."""

import io
from dataclasses import dataclass
from datetime import datetime

import zxingcpp
from django.core.exceptions import ValidationError
from PIL import Image

from keju.kernel.audit import record, write
from keju.kernel.exams.models import Exam
from keju.kernel.files import scans
from keju.kernel.offices import Actor
from keju.rulebook.words import t
from keju.stages.custody import events
from keju.stages.custody.models import Container
from keju.stages.custody.rules.tracing import PaperCode, read_paper

UNREADABLE = t(
    "照片里没有读出试卷页脚的二维码。请靠近页脚、对正、避免反光再拍一张，或直接输入页脚的编号。",
    "No code of a paper's footer could be read. Photograph the foot of the page closer, straight and without glare, or type it.",
)
NO_CODE = t(
    "这不是试卷页脚的编号。请按页脚完整输入，或只输入袋号或六位暗记。",
    "This is not what stands at the foot of a paper. Type it whole, or the bag's code or the six letters alone.",
)


@dataclass(frozen=True)
class Traced:
    """`bag` None: none of the viewer's. `fits`: mark and serial are those of the bag, so the page is of that paper."""

    read: PaperCode
    bag: Container | None
    fits: bool


@write("custody:evidence:make")
def trace(*, exam: Exam, typed: str, photo: bytes | None, by: Actor, at: datetime) -> Traced:
    """The bag that the page came from, as far as the actor may know it. ValidationError for what cannot be read."""
    read = read_paper(typed) if photo is None else _photographed(photo)
    if read is None:
        raise ValidationError(str(NO_CODE if photo is None else UNREADABLE))
    path = by.office_path or "-"
    found = Container.objects.filter(
        exam=exam, first_serial__gt=0, office_path__gte=path, office_path__lt=path + "~"
    )
    bag = (found.filter(code=read.bag) if read.bag else found.filter(mark=read.mark)).first()
    fits = bag is not None and (not read.mark or read.mark == bag.mark)
    fits = (
        fits and bag is not None and (not read.serial or bag.first_serial <= read.serial <= bag.last_serial)
    )
    record(
        events.COPY_TRACED, by=by, at=at, subject=f"container:{bag.code if bag else read.bag or read.mark}",
        exam=exam.slug, office_path=by.office_path, rules=["V12.5"],
        data={"bag": read.bag, "serial": read.serial, "mark": read.mark, "found": bag is not None, "fits": fits,
              "photo": photo is not None},
    )  # fmt: skip
    return Traced(read, bag, fits)


def _photographed(photo: bytes) -> PaperCode | None:
    page = scans.prepare(photo)  # bounded in size, pixels and time, written anew
    if page.content_type == "application/pdf":
        raise ValidationError(str(UNREADABLE))
    with Image.open(io.BytesIO(page.data)) as image:
        codes = zxingcpp.read_barcodes(image.convert("L"))
    return next((read for code in codes if (read := read_paper(code.text)) and read.serial), None)
