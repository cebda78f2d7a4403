"""What lies in the folder against what the print ledger says was printed."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from keju.kernel.documents.counting import page_count
from keju.rulebook.words import t
from keju.web.rehearsal.proof.checks import Check, rows
from keju.web.rehearsal.world import World

#: folder → kind in the ledger, where they are called otherwise
KINDS = {
    "receipts": "registration_receipt",
    "summaries": "registration_summary",
    "consignments": "registration_consignment",
    "forms": "registration_form",
    "form_checks": "registration_form_check",
    "fiscal_receipts": "fiscal_receipt",
    "tickets": "ticket",
    "room_records": "room_record",
    "cards": "answer_card",
    "transcripts": "transcript",
    "registers": "register_of_passes",
    "certificates": "certificate",
}


def papers(world: World) -> Iterator[Check]:
    """Every page that the ledger says was printed lies in the folder, and no other."""
    ledger = Counter(
        {
            kind: int(pages)
            for kind, pages in rows(
                "SELECT kind, sum(pages) FROM documents_print WHERE exam_slug = %s GROUP BY kind",
                world.exam.slug,
            )
        }
    )
    found = _found(world.papers) if world.papers else Counter()
    wrong = sorted(kind for kind in {*ledger, *found} if ledger[kind] != found[kind])
    yield Check(
        t("印制台账上的每一页都在输出文件夹里", "every page of the print ledger lies in the folder"),
        not wrong and found.total() > 0,
        f"{found.total():,} pages of {len(found)} kinds"
        + "".join(f"; {kind}: {ledger[kind]:,} printed, {found[kind]:,} there" for kind in wrong),
    )


def _found(folder: Path) -> Counter[str]:
    pages: Counter[str] = Counter()
    for path in folder.rglob("*.pdf"):
        kind = path.relative_to(folder).parts[0]
        if kind != "archive":
            pages[KINDS.get(kind, kind)] += page_count(path.read_bytes())
    return pages
