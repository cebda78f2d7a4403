"""Tickets on paper: a warm single one as its holder asks for it, and those of a site, thirty set together.

    python bench/tickets.py [TICKETS]

From data to PDF: photo shrunk, code signed and drawn, two pages set, typeface subset; in bulk also read again and joined.
What the database and the disk add is not here. By processor time, for machines are shared. Ends with 1 unless a single
one takes at most 15 ms, bulk makes 60 a second on a core, and a ticket in bulk has at most 40 KB.
"""

import statistics
import sys
import time

import _printing as site  # first: sets Django up

from keju.algorithms.photo import for_print
from keju.kernel.documents import codes, pictures
from keju.kernel.documents.composing import Part, compose
from keju.stages.tickets import documents
from keju.stages.tickets.services.printing import PAGES, PHOTO, TEMPLATE, TOGETHER
from keju.stages.tickets.tests import odd_site

PHOTOS = 300
WARM, SINGLES = 10, 60
SINGLE_MS, A_SECOND, KB = 15, 60, 40


def main(tickets: int) -> int:
    tickets = max(tickets, WARM + SINGLES)
    portraits = site.portraits(PHOTOS)
    papers = site.site(-(-tickets // site.ROOM), PHOTOS)
    people = [(room, holder) for room in papers.rooms for holder in room.holders][:tickets]
    print(site.machine())
    started = time.perf_counter()
    printed(people[:1], papers, portraits)
    print(f"first, with loading the typeface: {(time.perf_counter() - started) * 1000:.0f} ms by the clock")
    times, sizes = [], []
    for n in range(WARM + SINGLES):
        began = site.spent()
        pdf = printed(people[n : n + 1], papers, portraits)
        if n >= WARM:
            times.append((site.spent() - began) * 1000)
            sizes.append(len(pdf) / 1024)
    single, alone = statistics.median(times), statistics.median(sizes)
    print(f"a single one, warm: median {single:.1f} ms of processor time (goal {SINGLE_MS}), {alone:.0f} KB")
    began = site.spent()
    pdf = printed(people, papers, portraits)
    took = site.spent() - began
    rate, each = len(people) / took, len(pdf) / 1024 / len(people)
    print(
        f"{len(people)} in one file: {rate:.0f} a second (goal {A_SECOND}), {each:.1f} KB each (goal {KB}); "
        f"peak {site.peak():.0f} MB"
    )
    return 0 if single <= SINGLE_MS and rate >= A_SECOND and each <= KB else 1


def printed(people: list, papers: documents.SitePapers, portraits: list[bytes]) -> bytes:
    """As the service does it: so many at a time, read again where they are several."""
    parts = (
        part(people[n : n + TOGETHER], papers, portraits, len(people) > 1)
        for n in range(0, len(people), TOGETHER)
    )
    return compose(template=TEMPLATE, parts=parts, tagged=False).pdf


def part(people: list, papers: documents.SitePapers, portraits: list[bytes], several: bool) -> Part:
    tickets, files, names = [], {}, []
    for room, holder in people:
        tickets.append(
            documents.ticket(
                exam=papers.exam, holder=holder, seat=(1, 2), place=room.place, sittings=odd_site.sittings(),
                points=odd_site.POINTS, stamp=papers.stamp, halls=papers.halls,
            )
        )  # fmt: skip
        code = codes.sign_code("ticket", f"vet-2011|{holder.number}|0123456789abcdef")
        files[holder.photo] = for_print(portraits[int(holder.photo[1:])], PHOTO)
        files[f"q{holder.number}"] = pictures.qr_png(code)
        names += [holder.number, holder.name]
    return Part({"tickets": tickets}, files, names if several else (), PAGES * len(people))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 600))
