"""A random walk over the chain of custody, and what must be true after each step of it. Pure.

The walk asks for anything: what the rules refuse changes nothing, what they let through is judged by laws written down
here a second time, in other words.
"""

import random
from collections.abc import Collection, Mapping
from dataclasses import astuple, dataclass, field, replace
from datetime import datetime, timedelta

from keju.rulebook import Refusal
from keju.stages.custody.rules.chain import Act, Change, Counts, State, check_contents, check_step, following

PLACES = (
    "printing_house",
    "centre",
    "store:1",
    "store:2",
    "journey:7",
    "seal_room:1301-01",
    "room:1301-01/7",
)
OFFICES = ("centre", "13", "1301", "23")
BEGIN = datetime(2011, 8, 1).astimezone()
PATH = "/13/"


@dataclass
class World:
    """Containers by number, the outer ones first; every state that each has had, and what was in an outer when it was sealed."""

    outers: int
    states: dict[int, State]
    lives: dict[int, list[State]] = field(default_factory=dict)
    under_seal: dict[int, tuple[object, ...]] = field(default_factory=dict)
    at: datetime = BEGIN

    def is_outer(self, pk: int) -> bool:
        return pk <= self.outers

    def inside(self, pk: int) -> list[int]:
        return [n for n, state in self.states.items() if state.parent_id == pk]

    def effective(self, pk: int) -> State:
        """The state that says where it is: its own or its outer one's."""
        parent = self.states[pk].parent_id
        return self.states[pk] if parent is None else self.states[parent]


def world(outers: int, bags: int) -> World:
    """All of them at the printing house, the bags sealed with 30 sheets each."""
    states = {
        pk: State(
            1, BEGIN, "printing_house", "/", "centre", None, None, "" if pk <= outers else f"s-{pk}", False,
            Counts(0 if pk <= outers else 30),
        )
        for pk in range(1, outers + bags + 1)
    }  # fmt: skip
    made = World(outers, states, {pk: [state] for pk, state in states.items()})
    made.under_seal = {pk: _content(made, pk) for pk, state in states.items() if state.is_sealed}
    return made


def wish(world: World, dice: random.Random) -> tuple[Act, dict[int, Change]]:
    """An act with some containers that somebody might ask for, sensible or not."""
    act = dice.choice(
        [a for a in Act if a is not Act.MADE and (a is not Act.DESTROYED or dice.random() < 0.1)]
    )
    some = dice.sample(sorted(world.states), dice.choice((1, 1, 2, 4)))
    if act in (Act.PACKED, Act.UNPACKED):
        some = [pk for pk in some if not world.is_outer(pk)] or [world.outers + 1]
    return act, {pk: _change(world, dice, act, pk) for pk in some}


def _change(world: World, dice: random.Random, act: Act, pk: int) -> Change:
    here, place = world.effective(pk), dice.choice(PLACES)
    near = dice.random() < 0.8
    match act:
        case Act.PACKED:
            together = [n for n in range(1, world.outers + 1) if world.states[n].place == here.place]
            into = dice.choice(together) if near and together else dice.randint(1, world.outers)
            return Change(parent_id=into, place="", place_path="", custodian="", holder_id=None)
        case Act.UNPACKED:
            there, keeper = (here.place, here.custodian) if near else (place, dice.choice(OFFICES))
            return Change(parent_id=None, place=there, place_path=PATH, custodian=keeper)
        case Act.SEALED:
            return Change(seal=f"s-{dice.randrange(10**6)}")
        case Act.OPENED:
            return Change(seal="")
        case Act.BROKEN:
            return Change(seal="", frozen=dice.random() < 0.5)
        case Act.HANDED_OVER:
            return Change(
                place=place, place_path=PATH, custodian=dice.choice(OFFICES), holder_id=dice.choice((None, 5))
            )
        case Act.MOVED:
            return Change(place=place, place_path=PATH)
        case Act.FROZEN | Act.RELEASED:
            return Change(frozen=act is Act.FROZEN)
        case Act.DESTROYED:
            return Change(place="destroyed", place_path="/", counts=_burnt(world.states[pk].counts))
    return Change(counts=_counted(dice, world.states[pk].counts))


def _counted(dice: random.Random, counts: Counts) -> Counts:
    """Sheets dealt anew among the fates; now and then one is dropped, which must be refused."""
    total = counts.total - (counts.total > 0 and dice.random() < 0.1)
    cuts = sorted(dice.randint(0, total) for _ in range(5))
    return Counts(*(b - a for a, b in zip([0, *cuts], [*cuts, total], strict=True)), 0)


def _burnt(counts: Counts) -> Counts:
    kept = counts.missing + counts.defective
    return Counts(missing=counts.missing, defective=counts.defective, destroyed=counts.total - kept)


def attempt(world: World, act: Act, changes: Mapping[int, Change], at: datetime) -> list[Refusal]:
    """The act is done with all of them, or refused and done with none."""
    after = {pk: following(world.states[pk], at, **change) for pk, change in changes.items()}
    found: list[Refusal] = []
    for pk, state in after.items():
        outers = [
            world.states[n] if n is not None and act in (Act.PACKED, Act.UNPACKED) else None
            for n in (world.states[pk].parent_id, state.parent_id)
        ]
        found += check_step(act, world.states[pk], state, outer_before=outers[0], outer_after=outers[1])
        found += check_contents(act, [world.states[n] for n in world.inside(pk)])
    if not found:
        world.states.update(after)
        world.at = at
        for pk, state in after.items():
            world.lives[pk].append(state)
    return found


def broken_laws(world: World, act: Act, touched: Collection[int], before: Mapping[int, State]) -> list[str]:
    """Every law of the domain that the world breaks after an act with these containers, said again from scratch."""
    broken = []
    for pk in touched:
        state, life = world.states[pk], world.lives[pk]
        here = world.effective(pk)
        if here.parent_id is not None or not here.place or not here.custodian:
            broken.append(f"{pk} is not in one place with one custodian")
        if (state.parent_id is not None) and (state.place or state.custodian or state.holder_id):
            broken.append(f"{pk} is inside and has a place of its own")
        if min(astuple(state.counts)) < 0 or state.counts.total != life[0].counts.total:
            broken.append(f"{pk} lost or gained sheets")
        if [s.number for s in life[-2:]] != [len(life) - 1, len(life)][-len(life[-2:]) :]:
            broken.append(f"the steps of {pk} are not numbered through")
        if life[-1].at < life[-2].at:
            broken.append(f"{pk} went back in time")
        if before[pk].frozen and replace(state, number=0, at=BEGIN, seal="", frozen=True) != replace(
            before[pk], number=0, at=BEGIN, seal=""
        ):
            broken.append(f"{pk} was frozen and changed")
    for pk in {
        pk for n in touched for pk in (n, before[n].parent_id, world.states[n].parent_id) if pk is not None
    }:
        if not world.states[pk].is_sealed or world.states[pk].is_gone:
            world.under_seal.pop(pk, None)
        elif pk in world.under_seal and world.under_seal[pk] != _content(world, pk):
            broken.append(f"{pk} is sealed and was touched")
        else:
            world.under_seal[pk] = _content(world, pk)
    for pk in touched:
        for n in world.inside(pk):
            if world.states[n].frozen and (world.states[pk].place, world.states[pk].custodian) != (
                before[pk].place,
                before[pk].custodian,
            ):
                broken.append(f"{n} is frozen and was carried in {pk}")
            if world.states[pk].is_gone:
                broken.append(f"{n} is lost in {pk}, which is gone")
    return broken


def _content(world: World, pk: int) -> tuple[object, ...]:
    """What a seal guards: the seal itself, the counts, and what lies inside."""
    state = world.states[pk]
    return (state.seal, state.counts, frozenset(world.inside(pk)))


def walk(seed: int, operations: int, outers: int = 6, bags: int = 24) -> tuple[list[str], dict[Act, int]]:
    """(laws broken by the first operation that broke any, how often each act went through)."""
    dice = random.Random(seed)
    made = world(outers, bags)
    done = dict.fromkeys(Act, 0)
    for n in range(operations):
        act, changes = wish(made, dice)
        before = {pk: made.states[pk] for pk in changes}
        at = made.at + timedelta(seconds=dice.choice((0, 1, 60, -1) if n % 50 == 0 else (0, 1, 60)))
        if attempt(made, act, changes, at):
            if any(made.states[pk] is not state for pk, state in before.items()):
                return ["a refused act changed something"], done
            continue
        done[act] += 1
        broken = broken_laws(made, act, changes, before)
        if broken:
            return [f"{n}: {act} {sorted(changes)}: {law}" for law in broken], done
        if len([s for s in made.states.values() if s.is_gone]) > bags // 2:
            made = world(outers, bags)
    return [], done
