"""Rooms, seats and ticket numbers: for one room in plain Python, for a whole country in arrays."""

from keju.algorithms.seating.arrays import Allocation, Candidates, Need, Rooms
from keju.algorithms.seating.bulk import allocate, permutation_keys
from keju.algorithms.seating.change import Diff, difference, free_seats, ranges
from keju.algorithms.seating.geometry import way_to_door
from keju.algorithms.seating.groups import comparable, group_key
from keju.algorithms.seating.order import Seat, s_order
from keju.algorithms.seating.plan import Table, plan_hash, table
from keju.algorithms.seating.rooms import Filling, Room, RoomLoad, Shortfall, Unmet, fill_rooms
from keju.algorithms.seating.tickets import Layout, SerialsExhausted, TooMany, ticket_numbers

__all__ = [
    "Allocation",
    "Candidates",
    "Diff",
    "Filling",
    "Layout",
    "Need",
    "Room",
    "RoomLoad",
    "Rooms",
    "Seat",
    "SerialsExhausted",
    "Shortfall",
    "Table",
    "TooMany",
    "Unmet",
    "allocate",
    "comparable",
    "difference",
    "fill_rooms",
    "free_seats",
    "group_key",
    "permutation_keys",
    "plan_hash",
    "ranges",
    "s_order",
    "table",
    "ticket_numbers",
    "way_to_door",
]
