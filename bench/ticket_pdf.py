"""Milliseconds for a one-page document with photo, signed code and QR, warm; and whether memory stays level.

    python bench/ticket_pdf.py [DOCUMENTS]

Everything is counted from data to PDF: signature, QR, layout. Judge by CPU, the machine may be shared. Ends with 1 if
a document takes more than 20 ms of CPU, or memory grows by more than 100 MB.
"""

import os
import platform
import resource
import statistics
import sys
import tempfile
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keju.web.settings")
os.environ.setdefault("KEJU_DATA", tempfile.mkdtemp(prefix="keju-bench-"))

import django

django.setup()

from keju.kernel.documents import codes, pictures  # noqa: E402  after Django is set up
from keju.kernel.documents.rendering import render  # noqa: E402  after Django is set up
from keju.kernel.documents.tests import sample  # noqa: E402  after Django is set up

PHOTOS = 50
WARM = 20
GOAL_MS = 20
GROWTH_MB = 100


def main(documents: int) -> int:
    photos = [sample.photo(n) for n in range(PHOTOS)]
    started = time.perf_counter()
    one(0, photos)
    print(f"{platform.machine()}, Python {platform.python_version()}, {os.cpu_count()} CPUs")
    print(f"first, with loading the typeface: {(time.perf_counter() - started) * 1000:.0f} ms")
    for n in range(1, WARM):
        one(n, photos)
    before = memory()
    cpu, wall, sizes = [], [], []
    for n in range(WARM, WARM + documents):
        at_cpu, at_wall = time.process_time(), time.perf_counter()
        sizes.append(len(one(n, photos)))
        cpu.append((time.process_time() - at_cpu) * 1000)
        wall.append((time.perf_counter() - at_wall) * 1000)
    typical, grown = statistics.median(cpu), memory() - before
    print(
        f"{documents} documents: median {typical:.1f} ms CPU, {statistics.median(wall):.1f} ms on the clock each"
    )
    print(
        f"{statistics.median(sizes) / 1024:.0f} KB each; memory {before:.0f} MB, {grown:+.0f} MB afterwards"
    )
    return 1 if typical > GOAL_MS or grown > GROWTH_MB else 0


def one(n: int, photos: list[bytes]) -> bytes:
    code = pictures.qr_svg(codes.sign_code("ticket", f"2026|6501{n:08d}"))
    return render(
        template=sample.TEMPLATE, data=sample.data(n), files={"photo": photos[n % PHOTOS], "qr": code}
    )


def memory() -> float:
    """The most that this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 500))
