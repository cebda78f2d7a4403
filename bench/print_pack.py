"""The print pack of a site: every kind of paper for 3,000 candidates, rendered, read again, archived.

    python bench/print_pack.py [CANDIDATES]

As the service does it, ten rooms at a time, without what the database and the vault of files add. By processor time, for
machines are shared. Ends with 1 if it takes more than 60 s, or holds more than 1 GB at its peak.
"""

import sys
import tempfile
from zipfile import ZIP_STORED, ZipFile

import _printing as bench  # first: sets Django up

from keju.algorithms.photo import for_print
from keju.kernel.documents.composing import Part, compose
from keju.stages.tickets import documents
from keju.stages.tickets.documents import KINDS, SitePapers
from keju.stages.tickets.services.scene import chunks
from keju.stages.tickets.services.sheets import ROOMS

GOAL_S, GOAL_MB = 60, 1024


def main(candidates: int) -> int:
    rooms = candidates // bench.ROOM
    portraits = bench.portraits(candidates)
    whole = bench.site(rooms, candidates)
    print(bench.machine())
    print(f"{rooms} rooms, {rooms * bench.ROOM} candidates; before: {bench.peak():.0f} MB")
    began = bench.spent()
    with tempfile.TemporaryFile() as file, ZipFile(file, "w", ZIP_STORED) as pack:
        for code in KINDS:
            at = bench.spent()
            made = compose(template=f"tickets/{code}", parts=parts(code, whole, portraits), tagged=False)
            pack.writestr(f"{code}.pdf", made.pdf)
            print(
                f"  {code:16} {bench.spent() - at:6.2f} s {made.pages:5} pages {len(made.pdf) / 2**20:6.1f} MB; "
                f"peak {bench.peak():.0f} MB"
            )
    took, peak = bench.spent() - began, bench.peak()
    print(f"whole: {took:.1f} s of processor time (goal {GOAL_S}), peak {peak:.0f} MB (goal {GOAL_MB})")
    return 0 if took <= GOAL_S and peak <= GOAL_MB else 1


def parts(code: str, whole: SitePapers, portraits: list[bytes]):
    kind = KINDS[code]
    labels = documents.labels_of(kind)
    for some in chunks(whole, ROOMS) if kind.by_room else [whole]:
        files = {}
        if kind.photo:
            names = {h.photo for room in some.rooms for h in room.holders}
            files = {name: for_print(portraits[int(name[1:])], kind.photo) for name in sorted(names)}
        yield Part(
            documents.data_of(kind, some, labels),
            files,
            documents.names(some.rooms) if kind.names else (),
            kind.pages(some, labels) if kind.pages else None,
        )


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3000))
