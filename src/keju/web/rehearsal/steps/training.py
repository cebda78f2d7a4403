"""Everybody is taught before their work begins (chapter 4): handbooks, courses, checks, pledges, rehearsals at hosts."""

from collections.abc import Collection
from datetime import datetime, timedelta

from keju.kernel.accounts.services import issue_signing_codes
from keju.kernel.approvals import services as approvals
from keju.kernel.exams import queries as exams
from keju.kernel.notices import services as notices
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.models import Office
from keju.stages.staffing.queries import training as queries
from keju.stages.staffing.services import training
from keju.web.rehearsal.world import CLOCKWORK, World

LASTS = timedelta(hours=3)
"""A course; its checks follow at once."""
BEFORE_EXAM = timedelta(days=20)
PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""
"""A blank page: what stands in a rehearsed handbook is nobody's business."""


def write_handbooks(world: World) -> None:
    """Each handbook is drafted by the centre and approved by the office: from now on courses cite it."""
    exam, at = world.exam, world.calendar.made
    centre, officer = world.national("centre_exam"), world.national("office_officer")
    books = exams.programme(exam).teaching.handbooks
    if not books or officer.person_id is None:
        return
    with acting(CLOCKWORK):
        codes = issue_signing_codes(person_id=officer.person_id, count=len(books), by=CLOCKWORK, at=at)
    for book, code in zip(books, codes, strict=True):
        with acting(centre):
            row = training.draft_handbook(
                exam=exam, code=book.code, data=PDF, file_name=f"{book.code}.pdf", by=centre, at=at
            )
        with acting(officer):
            approvals.sign(
                proposal_id=row.proposal_id or 0, content_hash=row.sha, code=code, by=officer, at=at
            )


def hand_out(world: World) -> None:
    """The handbooks are with every region and point that takes part, and all of them have acknowledged."""
    exam, at = world.exam, world.calendar.announced
    centre = world.national("centre_exam")
    for shelf in queries.shelves(exam):
        if shelf.current is None:
            continue
        with acting(centre):
            row = training.distribute_handbook(exam=exam, version_id=shelf.current.pk, by=centre, at=at)
        for region in world.regions:
            officer = world.actor("region_officer", region)
            with acting(officer):
                training.hand_on_handbook(exam=exam, version_id=row.pk, by=officer, at=at)
                notices.acknowledge(notice=row.notice_id or 0, by=officer, at=at)
            for point in world.points[region.code]:
                manager = world.actor("point_manager", point)
                with acting(manager):
                    notices.acknowledge(notice=row.notice_id or 0, by=manager, at=at)


def before_registration(world: World, region: Office) -> None:
    """The centre has trained the region's staff, the region its points' staff, and all have passed (V4.1)."""
    centre, officer = world.national("centre_exam"), world.actor("region_officer", region)
    at = world.calendar.announced - timedelta(days=2)
    teach(world, centre, "centre", at, only=region.path)
    teach(world, officer, region.name_zh, at + timedelta(days=1), only=region.path)


def run(world: World) -> dict[str, int]:
    """Every host point has rehearsed the exam and trained its people; nobody with a post in force is untrained."""
    exam, at = world.exam, world.calendar.exam_day - BEFORE_EXAM
    taught = held = 0
    for region in world.regions:
        officer = world.actor("region_officer", region)
        for code in sorted(training.hosts(exam, region.path)):
            with acting(officer):
                course = training.plan_course(
                    exam=exam, modules=["management"], place="考点", trainer=officer.name, about=code,
                    starts_at=at, ends_at=at + LASTS, by=officer, at=at,
                )  # fmt: skip
                training.hold_course(
                    exam=exam,
                    course_id=course.pk,
                    note="全流程演练，交接和计数无误。",
                    seen=1,
                    by=officer,
                    at=at + LASTS,
                )
            held += 1
        taught += teach(world, officer, region.name_zh, at, only=region.path)
        for point in world.points[region.code]:
            taught += teach(world, world.actor("point_manager", point), point.name_zh, at, only=point.path)
    return {"trained": taught, "rehearsals": held}


def teach(world: World, by: Actor, place: str, at: datetime, *, only: str) -> int:
    """One course of everything that is lacked below, attended by all who lack it, checked at once. How many were taught."""
    exam = world.exam
    with acting(by):
        lacking = [
            one
            for one in queries.trainable(exam, by.office_path, at).values()
            if one.lacking and one.office_path.startswith(only)
        ]
        if not lacking:
            return 0
        course = training.plan_course(
            exam=exam, modules=sorted({code for one in lacking for code in one.lacking}), place=place,
            trainer=by.name, starts_at=at, ends_at=at + LASTS, by=by, at=at,
        )  # fmt: skip
        training.invite(
            exam=exam, course_id=course.pk, person_ids=[one.person_id for one in lacking], by=by, at=at
        )
        there = [attendee.pk for attendee in queries.attendees(course)]
        training.enter_attendance(exam=exam, course_id=course.pk, attendee_ids=there, by=by, at=at)
        training.hold_course(exam=exam, course_id=course.pk, seen=1, by=by, at=at + LASTS)
        _check(world, lacking, by, at + LASTS)
    return len(lacking)


def _check(world: World, people: Collection[queries.Trainee], by: Actor, at: datetime) -> None:
    """Everybody takes the checks that they lack, answers right, and signs what has a pledge."""
    exam = world.exam
    wanted = [
        (training.Taker(one.person_id, one.office_path), code) for one in people for code in one.lacking
    ]
    tries = training.begin_checks(exam=exam, wanted=wanted, way="link", by=by, at=at)
    answers = {pk: [one.right for one in paper] for pk, paper in queries.open_papers(exam, tries).items()}
    training.hand_in_checks(exam=exam, answers=answers, by=by, at=at)
    for module in exams.programme(exam).teaching.modules:
        takers = [taker for taker, code in wanted if code == module.code]
        if module.pledge is not None and takers:
            training.sign_pledges(exam=exam, module_code=module.code, takers=takers, way="link", by=by, at=at)
