"""A site to be printed, without a database: rooms of 30 over buildings and floors, everybody with a name and a photo."""

import io
import os
import platform
import resource
import tempfile
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keju.web.settings")
os.environ.setdefault("KEJU_DATA", tempfile.mkdtemp(prefix="keju-bench-"))

import django

django.setup()

from PIL import Image  # noqa: E402  after Django is set up

from keju.algorithms.seating import s_order  # noqa: E402
from keju.rulebook import load_programme  # noqa: E402
from keju.stages.tickets.documents import Hall, Holder, Place, RoomSheet, SitePapers, Stamp  # noqa: E402
from keju.stages.tickets.tests import odd_site  # noqa: E402

CATEGORY = load_programme("veterinarian").categories[0].name
ROOM, COLUMNS, ROWS = 30, 6, 5
ON_A_FLOOR, FLOORS = 8, 5
FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
GIVEN = "伟芳娜敏静秀丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华玉建文辉力"


def name(n: int) -> str:
    """Two or three characters; some thousand different ones."""
    given = GIVEN[n % 30] + (GIVEN[n // 30 % 30] if n % 3 else "")
    return FAMILY[n // 7 % 20] + given


def portraits(count: int) -> list[bytes]:
    """JPEGs as registration keeps them: 230 by 334, some 30 KB, each another one."""
    base = Image.radial_gradient("L").resize((230, 334))
    found = []
    for n in range(count):
        face = base.rotate(n % 360).convert("RGB")
        grain = Image.effect_noise((230, 334), 12 + n % 5).convert("RGB")
        buffer = io.BytesIO()
        Image.blend(face, grain, 0.35).save(buffer, "JPEG", quality=88)
        found.append(buffer.getvalue())
    return found


def hall(number: int) -> Hall:
    """Eight rooms a floor, five floors a building, two stairways."""
    building, rest = divmod(number - 1, ON_A_FLOOR * FLOORS)
    floor, place = divmod(rest, ON_A_FLOOR)
    stair = "东楼梯" if place < ON_A_FLOOR // 2 else "西楼梯"
    return Hall(
        number,
        f"教学楼{'ABCDEFGH'[building]}座",
        floor + 1,
        "exam",
        f"{floor + 1}{place + 1:02d}",
        stair,
        True,
    )


def room(number: int, photos: int) -> RoomSheet:
    here = hall(number)
    first = (number - 1) * ROOM
    people = [
        Holder(
            f"111301{first + i + 1:04d}", name(first + i), ("male", "female")[i % 2], "130102********1234", i + 1,
            f"p{(first + i) % photos}", CATEGORY,
        )
        for i in range(ROOM)
    ]  # fmt: skip
    place = Place(odd_site.SITE, odd_site.ADDRESS, "", here.building, here.floor, number, here.name)
    seats = [(s.serial, s.column, s.row) for s in s_order(COLUMNS, ROWS, ROOM)]
    return RoomSheet(place, CATEGORY, COLUMNS, ROWS, people, seats)


def site(rooms: int, photos: int) -> SitePapers:
    others = [
        Hall(rooms + n, "教学楼A座", 1, kind)
        for n, kind in enumerate(("rest", "medical", "seal", "office"), 1)
    ]
    return SitePapers(
        exam=odd_site.EXAM, region=odd_site.POINTS[0], point=odd_site.POINTS[1], code="1301-01", site=odd_site.SITE,
        address=odd_site.ADDRESS, surroundings=odd_site.SURROUNDINGS, stamp=Stamp(1, "f" * 64),
        rooms=[room(n, photos) for n in range(1, rooms + 1)], halls=[*(hall(n) for n in range(1, rooms + 1)), *others],
        sittings={CATEGORY.zh: odd_site.sittings()}, phone="0000-000000",
    )  # fmt: skip


def machine() -> str:
    load = os.getloadavg()[0]
    return f"{platform.machine()}, Python {platform.python_version()}, {os.cpu_count()} CPUs, load {load:.1f}"


def peak() -> float:
    """The most that this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def spent() -> float:
    """Processor seconds of this process and its threads."""
    return time.process_time()
