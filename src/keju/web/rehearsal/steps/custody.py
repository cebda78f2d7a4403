"""The centre asks for the paper quantities; every region has its form stamped and confirms (V9.1); its papers are made."""

import io
from datetime import timedelta
from functools import cache

from PIL import Image

from keju.kernel.offices import acting
from keju.kernel.offices.models import Office
from keju.stages.custody import queries, services
from keju.stages.custody.queries import Quantities
from keju.web.rehearsal.world import Tick, World

PRINTED = timedelta(days=10)


def run(world: World, tick: Tick) -> dict[str, int]:
    """Afterwards every region's quantities are confirmed and its papers stand in sealed boxes at the printing house."""
    counted = {"bags": 0, "copies": 0, "containers": 0}
    ask(world)
    for region in world.regions:
        needed = confirm(world, region)
        counted["containers"] += make(world, region) if needed.lines else 0
        counted["bags"] += len(needed.bags)
        counted["copies"] += sum(line.all_copies for line in needed.lines)
        tick(1)
    return counted


def ask(world: World) -> None:
    """The regions know until when their confirmation is awaited."""
    centre, at = world.national("centre_exam"), world.calendar.opened
    with acting(centre):
        services.set_due(exam=world.exam, due=at + timedelta(days=7), by=centre, at=at)


def confirm(world: World, region: Office) -> Quantities:
    """The region's stamped form is in, if it needs any papers: what it says."""
    exam, officer = world.exam, world.actor("region_officer", region)
    with acting(officer):
        needed = queries.quantities(exam, region.code, viewer=officer)
        if needed.lines:
            services.confirm(
                exam=exam,
                region_code=region.code,
                digest=needed.digest,
                receiver=f"{region.name_zh}考区办公室",
                address=f"{region.name_zh}保密室",
                phone="0000-000000",
                scan=_stamped(),
                by=officer,
                at=world.calendar.opened,
            )
    return needed


def make(world: World, region: Office) -> int:
    """The region's papers stand in sealed boxes at the printing house. How many containers."""
    printer = world.national("centre_custody")
    with acting(printer):
        return services.make(
            exam=world.exam,
            region_code=region.code,
            key=world.key(f"make {region.code}"),
            by=printer,
            at=world.calendar.opened + PRINTED,
        )


@cache
def _stamped() -> bytes:
    """The scan of a form, as good as blank."""
    buffer = io.BytesIO()
    Image.new("RGB", (420, 594), "white").save(buffer, "PNG")
    return buffer.getvalue()
