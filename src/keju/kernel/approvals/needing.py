"""Whose signatures a proposal needs, and which of them somebody can give. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from keju.kernel.accounts.permissions import ROLES
from keju.kernel.offices.models import Kind

POST = "post:"
KINDS = frozenset(str(kind) for kind in Kind)


@dataclass(frozen=True)
class Need:
    """So many people of a role, of a kind of office ("region"), or of a post ("post:escort", vouched by its stage).

    `at_path`: the office where they hold it; "": that of the proposal or any above it.
    """

    what: str
    count: int = 1
    at_path: str = ""

    def __post_init__(self) -> None:
        if self.count < 1 or not (self.what in ROLES or self.what in KINDS or self.what.startswith(POST)):
            raise ValueError(f"nobody is {self.what!r}, or none of them is needed ({self.count})")


@dataclass(frozen=True)
class Capacity:
    """What somebody is (as in `Need.what`) at an office."""

    what: str
    path: str


@dataclass(frozen=True)
class Slot:
    """One signature that is needed."""

    pk: int
    what: str
    at_path: str


def fits(slot: Slot, capacities: Iterable[Capacity], *, office_path: str) -> bool:
    """Whether one of these capacities may fill the slot of a proposal about `office_path`."""
    return any(
        c.what == slot.what
        and (c.path == slot.at_path if slot.at_path else c.path != "" and office_path.startswith(c.path))
        for c in capacities
    )


def chosen(open_slots: Iterable[Slot], capacities: Sequence[Capacity], *, office_path: str) -> Slot | None:
    """The slot to fill: the narrowest that fits, so that nobody takes a place that others could fill, too.

    A post is narrower than a role, a role than a kind of office, a named place than any place; then the first.
    """
    found = [slot for slot in open_slots if fits(slot, capacities, office_path=office_path)]
    return min(found, key=lambda slot: (_breadth(slot.what), not slot.at_path, slot.pk), default=None)


def _breadth(what: str) -> int:
    return 0 if what.startswith(POST) else 2 if what in KINDS else 1
