"""Precautions: letters, plans, inspections, drills, devices, and the board that says what is missing."""

from collections.abc import Callable

from keju.web.rehearsal.steps import letters, precautions
from keju.web.rehearsal.world import Tick, World

Part = Callable[[World], dict[str, int]]
#: in this order: each part's own file beside this one, a function `run(world)`
PARTS: tuple[Part, ...] = (letters.run, precautions.run)


def run(world: World, tick: Tick) -> dict[str, int]:
    """Afterwards what can be done before the papers come is done at every host and site."""
    counted: dict[str, int] = {}
    for part in PARTS:
        counted |= part(world)
    tick(len(world.regions))
    return counted
