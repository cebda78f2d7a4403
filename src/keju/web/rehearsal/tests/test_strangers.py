"""Staff of a rehearsed nation: one human each, also where two regions share the old counties of identity numbers."""

from types import SimpleNamespace
from typing import Any

from keju.web.rehearsal.steps.people import PURPOSES, strangers
from keju.web.rehearsal.world import World

SHARING = ("44", "46", "50", "51")  # Hainan was Guangdong's, Chongqing was Sichuan's
NAMED = (
    80  # of a purpose in a region; before each region had days of its own, five of so few were two regions'
)


def test_nobody_is_in_two_regions_or_there_for_two_purposes() -> None:
    world: Any = SimpleNamespace(year=2011, seed=1)
    world.random = lambda purpose: World.random(world, purpose)
    regions: list[Any] = [SimpleNamespace(code=code, name_zh="") for code in SHARING]
    found = [
        person.identity
        for region in regions
        for purpose in PURPOSES
        for person in strangers(world, region, purpose, NAMED)
    ]
    assert len(found) == len(set(found)) == len(SHARING) * len(PURPOSES) * NAMED
