"""What candidates hold: receipts, tickets; and the papers of their rooms."""

from collections.abc import Iterable, Iterator
from itertools import islice

from keju.kernel.accounts.models import Candidate
from keju.kernel.accounts.queries import candidate_actor
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.models import Office
from keju.kernel.offices.queries import office
from keju.stages.registration import queries as registration
from keju.stages.registration import services as registering
from keju.stages.tickets import queries
from keju.stages.tickets import services as printing
from keju.stages.venues import queries as venues
from keju.web.rehearsal.world import CLOCKWORK, World

#: how many of a point print their receipt; tickets and transcripts are printed by everybody
RECEIPTS = 3
BY_ROOM = ("stubs", "sign_in", "desk_stickers")
BY_SITE = tuple(kind for kind in printing.KINDS if kind not in BY_ROOM)


def receipts(world: World) -> dict[str, int]:
    """The first candidates of every point print their receipt."""
    count = 0
    for point in points(world):
        with acting(CLOCKWORK):
            ids = registration.ids(
                viewer=CLOCKWORK, exam=world.exam, state="submitted", office_path=point.path
            )
        for pk, owner in owners(world, (row[0] for row in islice(ids, RECEIPTS))):
            with acting(owner):
                printed = registering.print_receipt(
                    exam=world.exam,
                    registration_id=pk,
                    language="zh",
                    by=owner,
                    at=world.calendar.registering,
                )
            world.write(f"receipts/{point.code}/{registration.number_of(world.exam, pk)}.pdf", printed.pdf)
            count += 1
    return {"receipts": count}


def tickets(world: World) -> dict[str, int]:
    """Every candidate has a ticket; every room its stubs, sign-in sheets and stickers; every site what it hangs up."""
    count = dict.fromkeys(("tickets", *BY_ROOM, *BY_SITE), 0)
    for host, site in sites(world):
        manager = world.actor("point_manager", host)
        with acting(manager):
            rooms = queries.rooms(viewer=manager, exam=world.exam, site_code=site)
        for kind in BY_SITE:
            _sheets(world, manager, site, kind, None, count)
        for _, number, *_ in rooms:
            for kind in BY_ROOM:
                _sheets(world, manager, site, kind, number, count)
            count["tickets"] += _room(world, manager, site, number)
    return count


def _sheets(world: World, by: Actor, site: str, kind: str, room: int | None, count: dict[str, int]) -> None:
    with acting(by):
        pdf = printing.print_sheets(
            exam=world.exam, site_code=site, kind=kind, room_number=room, by=by, at=world.calendar.opened
        )
    world.write(f"{kind}/{site}{'' if room is None else f'-{room:03d}'}.pdf", pdf)
    count[kind] += 1


def _room(world: World, manager: Actor, site: str, room: int) -> int:
    with acting(manager):
        seated = queries.room_tickets(viewer=manager, exam=world.exam, site_code=site, room_number=room)
    numbers = {t.registration_id: t.number for t in seated}
    for pk, owner in owners(world, numbers):
        with acting(owner):
            pdf = printing.print_ticket(
                exam=world.exam, registration_id=pk, by=owner, at=world.calendar.opened
            )
        world.write(f"tickets/{site}/{numbers[pk]}.pdf", pdf)
    return len(numbers)


def owners(world: World, registration_ids: Iterable[int]) -> Iterator[tuple[int, Actor]]:
    """Registration id and the candidate acting, in the order given."""
    wanted = list(registration_ids)
    with acting(CLOCKWORK):
        found = registration.briefs(viewer=CLOCKWORK, exam=world.exam, ids=wanted)
        accounts = Candidate.objects.in_bulk([b.candidate_id for b in found.values()])
    for pk in wanted:
        yield pk, candidate_actor(accounts[found[pk].candidate_id])


def points(world: World) -> Iterator[Office]:
    """Every point that takes part, by code."""
    for region in world.regions:
        yield from world.points[region.code]


def sites(world: World) -> Iterator[tuple[Office, str]]:
    """Every host point with each of its sites' codes."""
    for region in world.regions:
        with acting(CLOCKWORK):
            found = list(venues.sites(world.exam, viewer=CLOCKWORK, region_code=region.code))
        yield from ((office(site.point_code), site.code) for site in found)
