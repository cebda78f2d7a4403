"""What offices print on the way: summaries of the points, fiscal receipts, records of the rooms."""

from keju.kernel.offices import acting
from keju.stages.examday import queries as examday
from keju.stages.examday import services as examining
from keju.stages.fees import queries as money
from keju.stages.fees import services as fees
from keju.stages.registration import queries as registration
from keju.stages.review import services as review
from keju.web.rehearsal.papers.candidates import points, sites
from keju.web.rehearsal.world import World

#: how many forms a point prints again after the review; at the counter every one is printed when it is signed
FORMS = 3


def summaries(world: World) -> dict[str, int]:
    """Every point's summary, and the registration forms of the first candidates of each."""
    count = {"summaries": 0, "forms": 0}
    exam, at = world.exam, world.calendar.summarised
    for point in points(world):
        manager, clerk = world.actor("point_manager", point), world.actor("point_clerk", point)
        with acting(manager):
            printed = review.print_summary(exam=exam, point_code=point.code, by=manager, at=at)
            travelling = review.print_consignment(exam=exam, point_code=point.code, by=manager, at=at)
        world.write(f"summaries/{point.code}.pdf", printed.pdf)
        world.write(f"consignments/{point.code}.pdf", travelling.pdf)
        count["summaries"] += 1
        with acting(clerk):
            ids = registration.ids(viewer=clerk, exam=exam, state="confirmed", office_path=point.path)
            for pk, *_ in ids[:FORMS]:
                form = review.print_form(exam=exam, registration_id=pk, by=clerk, at=at)
                world.write(f"forms/{point.code}/{registration.number_of(exam, pk)}.pdf", form.pdf)
                count["forms"] += 1
    return count


def fiscal_receipts(world: World) -> dict[str, int]:
    """The centre's receipt for every region that remitted."""
    centre, count = world.national("centre_finance"), 0
    with acting(centre):
        for row in money.fiscal_receipts(world.exam).order_by("region_code", "pk"):
            printed = fees.print_fiscal_receipt(
                exam=world.exam, receipt_id=row.pk, by=centre, at=world.calendar.opened
            )
            world.write(f"fiscal_receipts/{row.number}.pdf", printed.pdf)
            count += 1
    return {"fiscal receipts": count}


def records(world: World) -> dict[str, int]:
    """The record of every room and session in its two copies: one for the card bag, one for the paper bag."""
    count = 0
    for host, site in sites(world):
        manager = world.actor("point_manager", host)
        with acting(manager):
            for room in examday.rooms(viewer=manager, exam=world.exam, site_code=site):
                for copy in examining.COPIES:
                    printed = examining.print_record(
                        exam=world.exam,
                        room_session_id=room.pk,
                        copy=copy,
                        by=manager,
                        at=world.examined(),
                    )
                    name = f"room_records/{room.session_number}/{site}-{room.room_number:03d}-{copy}.pdf"
                    world.write(name, printed.pdf)
                    count += 1
    return {"room records": count}
