"""Tickets and room papers on paper: a warm single one, bulk per page.

    python bench/tickets.py [PAGES]

Goal: a single ticket ≤ 20 ms warm, everything included: data, photo, QR, signature, PDF.
"""

import os
import resource
import statistics
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keju.web.settings")
os.environ.setdefault("KEJU_DATA", tempfile.mkdtemp(prefix="keju-bench-"))

import django

django.setup()

from keju.algorithms.seating import s_order  # noqa: E402
from keju.kernel.documents import codes, pictures  # noqa: E402
from keju.kernel.documents.rendering import render  # noqa: E402
from keju.kernel.documents.tests.sample import photo  # noqa: E402
from keju.rulebook import load_programme, t  # noqa: E402
from keju.stages.tickets import documents  # noqa: E402
from keju.stages.tickets.documents import Holder, Place, RoomSheet, Sitting  # noqa: E402

CHINA = timezone(timedelta(hours=8))
PROGRAMME = load_programme("veterinarian")
CATEGORY = PROGRAMME.categories[0].name
EXAM = t("2011年全国执业兽医资格考试", "National licensed veterinarian examination 2011")
SITE = t("第一中学", "No. 1 Middle School")
POINTS = (t("河北省", "Hebei"), t("石家庄市", "Shijiazhuang"))
PLACE = Place(SITE, "学府路118号", "地铁2号线学府站A口向北200米", "教学楼A座", 3, 7, "307")
SITTINGS = [
    Sitting(
        s.name,
        [x.name for x in PROGRAMME.subjects if x.session == s.number],
        datetime(2011, 10, 16, 9 + 5 * (s.number - 1), tzinfo=CHINA),
        datetime(2011, 10, 16, 11 + 5 * (s.number - 1), 30, tzinfo=CHINA),
    )
    for s in PROGRAMME.sessions
]
ROOM = 30


def main(pages: int) -> None:
    photos = [photo(n) for n in range(50)]
    started = time.perf_counter()
    ticket(0, photos)
    print(f"first ticket, with the typeface: {(time.perf_counter() - started) * 1000:.0f} ms")
    for n in range(1, 20):
        ticket(n, photos)
    times = sorted(timed(lambda n=n: ticket(n, photos)) for n in range(20, 20 + pages))
    median, slow = statistics.median(times), times[int(pages * 0.95)]
    print(f"{pages} tickets warm: median {median:.1f} ms, 95 % {slow:.1f} ms each (goal 20)")
    for kind in ("stubs", "sign_in", "desk_stickers", "door_stickers", "room_table", "allocation"):
        site(kind, 20, photos)


def ticket(n: int, photos: list[bytes]) -> bytes:
    number = f"111301{n + 1:04d}"
    data = documents.ticket(
        exam=EXAM,
        holder=holder(n, n % ROOM + 1, "photo"),
        seat=(1, 2),
        place=PLACE,
        sittings=SITTINGS,
        points=POINTS,
    )
    code = codes.sign_code("ticket", f"vet-2011|{number}|0123456789abcdef")
    return render(
        template="tickets/ticket", data=data, files={"photo": photos[n % 50], "qr": pictures.qr_svg(code)}
    )


def site(kind: str, rooms: int, photos: list[bytes]) -> None:
    """A site of 600 in one PDF."""
    seats = [(s.serial, s.column, s.row) for s in s_order(5, 6, ROOM)]
    halls = [
        RoomSheet(
            Place(SITE, PLACE.address, "", "教学楼A座", 1 + r // 10, r + 1, f"{r + 101}"), CATEGORY, 5, 6,
            [holder(r * ROOM + i, i + 1, f"p{(r * ROOM + i) % 50}") for i in range(ROOM)], seats,
        )
        for r in range(rooms)
    ]  # fmt: skip
    data = documents.sheets(exam=EXAM, points=POINTS, rooms=halls, sittings={CATEGORY.zh: SITTINGS})
    files = {f"p{n}": data for n, data in enumerate(photos)} if kind in ("stubs", "sign_in") else {}
    sizes: list[int] = []
    took = timed(lambda: sizes.append(len(render(template=f"tickets/{kind}", data=data, files=files))))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{kind}: {rooms} rooms in {took:.0f} ms, {took / rooms:.1f} ms a room, {sizes[0] / 1024:.0f} KB (peak {peak:.0f} MB)"
    )


def holder(n: int, seat: int, photo: str) -> Holder:
    return Holder(
        f"111301{n + 1:04d}", "阿依古丽·买买提江", "female", "130102********1234", seat, photo, CATEGORY
    )


def timed(fn) -> float:
    started = time.perf_counter()
    fn()
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
