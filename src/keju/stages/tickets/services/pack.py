"""The site print pack: every paper of a site in one archive for the print shop, a PDF for each kind, in the shop's order."""

import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import IO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from keju.kernel.audit import record, write
from keju.kernel.documents.services import Ready
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.stages.tickets import events
from keju.stages.tickets.documents import KINDS
from keju.stages.tickets.services.sheets import Order, entered, placed, produced

SMALL = 8 << 20
"""Bytes above which the archive lies on disk while it is made."""
BEGINNING = (1980, 1, 1, 0, 0, 0)


@write("tickets:sheets:print")
def print_pack(
    *,
    exam: Exam,
    site_code: str,
    kinds: Sequence[str] = tuple(KINDS),
    layout: str = "",
    language: str = "zh",
    step: Callable[[], None] = lambda: None,
    by: Actor,
    at: datetime,
) -> IO[bytes]:
    """A ZIP with the papers of those kinds and a list of contents; each kind is a print of its own in the ledger.

    All or nothing: whoever stops it (`step` raises) has printed nothing. The same bytes for the same plan. Refused, and
    not begun, where a kind says what nobody has entered; for the rest as `print_sheets`.
    """
    order = placed(exam, site_code, kinds, None, layout, language, by)
    archive = tempfile.SpooledTemporaryFile(max_size=SMALL)  # noqa: SIM115  handed to the caller, who closes it
    try:
        ready = _filled(archive, order, step)
        entered(order, ready, by, at)
    except BaseException:
        archive.close()
        raise
    record(
        events.PACK_PRINTED,
        by=by,
        at=at,
        subject=f"site:{site_code}",
        exam=exam.slug,
        office_path=order.here.office_path,
        rules=sorted({clause for kind in kinds for clause in KINDS[kind].clauses}),
        data={
            "kinds": list(kinds),
            "rooms": len(order.whole.rooms),
            "candidates": sum(len(r.holders) for r in order.whole.rooms),
            "pages": sum(r.pages for r in ready),
        },
    )
    archive.seek(0)
    return archive


def _filled(archive: IO[bytes], order: Order, step: Callable[[], None]) -> list[Ready]:
    ready: list[Ready] = []
    with ZipFile(archive, "w", ZIP_STORED) as pack:
        for number, made in enumerate(produced(order, step), start=1):
            pack.writestr(_entry(f"{number:02d}-{made.kind}-{KINDS[made.kind].name.zh}.pdf"), made.pdf)
            ready.append(made.ready)
        pack.writestr(_entry("00-contents-目录.txt"), _contents(order, ready).encode("utf-8-sig"))
    return ready


def _entry(name: str) -> ZipInfo:
    return ZipInfo(name, BEGINNING)


def _contents(order: Order, ready: Sequence[Ready]) -> str:
    """What the print shop reads first: which file on what paper, how many pages, and whether it is the whole."""
    head = [
        f"{order.whole.exam.zh} {order.whole.code} {order.whole.site.zh}",
        order.whole.stamp.words.zh,
        "",
    ]
    lines = [
        f"{n:02d}\t{KINDS[r.kind].name.zh} {KINDS[r.kind].name.en}\t{KINDS[r.kind].paper.zh}\t{r.pages} 页 pages\t"
        f"{', '.join(KINDS[r.kind].clauses)}\tSHA-256 {r.pdf_hash}"
        for n, r in enumerate(ready, start=1)
    ]
    return "\r\n".join([*head, *lines, ""])
