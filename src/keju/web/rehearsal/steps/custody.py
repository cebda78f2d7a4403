"""The centre asks for the paper quantities; every region has its form stamped and confirms (V9.1); its papers are made."""

import io
from datetime import timedelta

from PIL import Image

from keju.kernel.offices import acting
from keju.stages.custody import queries, services
from keju.web.rehearsal.world import Tick, World

PRINTED = timedelta(days=10)


def run(world: World, tick: Tick) -> dict[str, int]:
    """Afterwards every region's quantities are confirmed and its papers stand in sealed boxes at the printing house."""
    exam, at = world.exam, world.calendar.opened
    counted = {"bags": 0, "copies": 0, "containers": 0}
    centre, printer = world.national("centre_exam"), world.national("centre_custody")
    with acting(centre):
        services.set_due(exam=exam, due=at + timedelta(days=7), by=centre, at=at)
    stamped = _stamped()
    for region in world.regions:
        officer = world.actor("region_officer", region)
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
                    scan=stamped,
                    by=officer,
                    at=at,
                )
        with acting(printer):
            if needed.lines:
                counted["containers"] += services.make(
                    exam=exam,
                    region_code=region.code,
                    key=world.key(f"make {region.code}"),
                    by=printer,
                    at=at + PRINTED,
                )
        counted["bags"] += len(needed.bags)
        counted["copies"] += sum(line.all_copies for line in needed.lines)
        tick(1)
    return counted


def _stamped() -> bytes:
    """The scan of a form, as good as blank."""
    buffer = io.BytesIO()
    Image.new("RGB", (420, 594), "white").save(buffer, "PNG")
    return buffer.getvalue()
