"""Places where containers are, as text: "store:15", "seal_room:1301-01", "room:1301-01/7". Pure."""

from dataclasses import dataclass
from enum import StrEnum

from keju.stages.custody.rules.chain import GONE


class Spot(StrEnum):
    """Kinds of place."""

    PRINTING_HOUSE = "printing_house"
    CENTRE = "centre"
    MAIL_ROOM = "mail_room"  # of an office: where confidential post arrives (V11.2.1)
    STORE = "store"  # a secret store, by its id
    JOURNEY = "journey"  # on the way, by the journey's id
    SEAL_ROOM = "seal_room"  # of a site
    ROOM = "room"  # of a site, by number
    DESTROYED = GONE


@dataclass(frozen=True)
class Where:
    """`key` is what follows the colon; "" where the kind says all."""

    spot: Spot
    key: str = ""

    def __str__(self) -> str:
        return f"{self.spot}:{self.key}" if self.key else str(self.spot)


def store(store_id: int) -> Where:
    return Where(Spot.STORE, str(store_id))


def journey(journey_id: int) -> Where:
    return Where(Spot.JOURNEY, str(journey_id))


def seal_room(site: str) -> Where:
    return Where(Spot.SEAL_ROOM, site)


def room(site: str, number: int) -> Where:
    return Where(Spot.ROOM, f"{site}/{number}")


def mail_room(office: str) -> Where:
    return Where(Spot.MAIL_ROOM, office)


def read(place: str) -> Where:
    """The place that a text names; ValueError if none."""
    spot, _, key = place.partition(":")
    return Where(Spot(spot), key)
