"""People: who works at every host and site, appointed, declared, trained and rostered."""

from collections.abc import Callable

from keju.web.rehearsal.steps import people, rosters, training
from keju.web.rehearsal.world import Tick, World

Part = Callable[[World], dict[str, int]]
#: in this order, people first: each part's own file beside this one, a function `run(world)`
PARTS: tuple[Part, ...] = (people.run, training.run, rosters.run)


def run(world: World, tick: Tick) -> dict[str, int]:
    """Afterwards every host and site has its people, and nobody in force is barred."""
    counted: dict[str, int] = {}
    for part in PARTS:
        counted |= part(world)
    tick(len(world.regions))
    return counted
