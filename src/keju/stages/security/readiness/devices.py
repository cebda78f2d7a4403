"""Devices on the readiness board (P2.3)."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from keju.kernel.exams.models import Exam
from keju.kernel.readiness import AMBER, GREEN, MUST, RED, Row, provides
from keju.rulebook.words import t
from keju.stages.security.queries import board
from keju.stages.security.queries import devices as queries

LACKING = t("缺{n}台已测试合格的设备（{what}）", "{n} tested devices are lacking ({what})")
PART = t("{kind}{n}", "{n} {kind}")


@provides("P2.3", strength=MUST, title=t("设备", "Devices"))
def devices(exam: Exam, path: str, at: datetime) -> Iterator[Row]:
    """Every site has the devices that its rooms and entrances need, tested and placed."""
    late = RED if board.has_begun(exam, at) else AMBER
    by_site: dict[tuple[str, str], list[queries.Need]] = defaultdict(list)
    for need in queries.needs(exam, path):
        by_site[need.site, need.office_path].append(need)
    for (site, office_path), found in by_site.items():
        n = sum(need.lacking for need in found)
        what = [PART.format(kind=need.kind.name, n=need.lacking) for need in found if need.lacking]
        words = LACKING.format(n=n, what=what) if n else None
        yield Row(
            office_path, late if n else GREEN, words, "security-site-devices", {"site": site}, lacking=n
        )
