"""The counter at full depth for a few, so that scans, prints, changes and corrections are rehearsed for real."""

from keju.kernel.offices import acting
from keju.kernel.offices.models import Office
from keju.stages.registration import queries as registration
from keju.stages.registration import services as registering
from keju.stages.review import queries, services
from keju.stages.review.services import Wish
from keju.web.rehearsal.world import World

#: what is granted at one point and the next
NEEDS = ("step_free", "near_door", "extra_time")
#: candidates of a point whose materials are scanned, and those for whom a correction is asked afterwards
SCANNED, CORRECTED = 2, 2


def receive(world: World, point: Office, ids: list[int]) -> dict[str, int]:
    """Materials of the first few are scanned; one finds a mistake on the print, so that it is printed anew and signed."""
    clerk, at, exam = world.actor("point_clerk", point), world.calendar.confirming, world.exam
    pages = 0
    with acting(clerk):
        found = registration.rows_of(viewer=clerk, exam=exam, ids=ids[:SCANNED])
        rows = sorted(found.items())
        for pk, row in rows:
            for material, page in zip(
                queries.materials(exam, row.route), world.photos.values(), strict=False
            ):
                services.add_scan(
                    exam=exam, registration_id=pk, material=material.code, data=page, by=clerk, at=at
                )
                pages += 1
        for pk, row in rows[:1]:
            _print(world, point, pk, queries.CHECK)
            services.mend(
                exam=exam,
                registration_id=pk,
                changes={"employer": f"{row.employer}（更名）"[-60:]},
                reason="考生核对时发现工作单位已更名",
                version=row.version,
                by=clerk,
                at=at,
            )
            _print(world, point, pk, queries.CHECK)
            _print(world, point, pk, queries.COPIES)
    return {"scans": pages, "put right": min(len(ids), 1), "needs": need(world, point, ids[SCANNED:])}


def need(world: World, point: Office, ids: list[int]) -> int:
    """One candidate of the point shows what is needed to sit the exam, and it is granted. Returns how many."""
    if not ids:
        return 0
    clerk = world.actor("point_clerk", point)
    with acting(clerk):
        registering.decide_needs(
            exam=world.exam,
            registration_id=ids[0],
            granted=[NEEDS[int(point.code) % len(NEEDS)]],
            reason="现场查看了证明原件",
            by=clerk,
            at=world.calendar.confirming,
        )
    return 1


def correct(world: World, point: Office) -> dict[str, int]:
    """For the last few confirmed the clerk asks for a correction, the manager approves it, they sign again."""
    clerk, manager = world.actor("point_clerk", point), world.actor("point_manager", point)
    exam, at = world.exam, world.calendar.confirming
    with acting(clerk):
        ids = registration.ids(viewer=clerk, exam=exam, state="confirmed", office_path=point.path)
        some = [row[0] for row in ids[1:][-CORRECTED:]]
        wishes = [Wish(pk, {"phone": f"139{pk:08d}"}, "手机号码已更换") for pk in some]
        asked = services.report_corrections(exam=exam, wishes=wishes, by=clerk, at=at) if wishes else []
    if not asked:
        return {"corrections": 0}
    waiting = [c.pk for c in asked]
    with acting(manager):
        services.approve_corrections(exam=exam, correction_ids=waiting, by=manager, at=at)
    with acting(clerk):
        services.sign_corrections(exam=exam, correction_ids=waiting, by=clerk, at=at)
    return {"corrections": len(asked)}


def _print(world: World, point: Office, pk: int, kind: str) -> None:
    clerk = world.actor("point_clerk", point)
    printed = services.print_form(
        exam=world.exam, registration_id=pk, kind=kind, by=clerk, at=world.calendar.confirming
    )
    folder = "forms" if kind == queries.COPIES else "form_checks"
    number = registration.number_of(world.exam, pk)
    world.write(f"{folder}/{point.code}/{number}-{printed.record.plan_version}.pdf", printed.pdf)
