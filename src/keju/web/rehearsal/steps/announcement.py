"""The exam is made, offices open, staff hold their roles, the announcement is decided and published."""

from decimal import Decimal
from random import Random

from keju.kernel.accounts.permissions import ROLES
from keju.kernel.accounts.services import NewStaff, add_staff
from keju.kernel.offices import acting
from keju.kernel.offices import queries as offices
from keju.kernel.offices.models import Kind, Office
from keju.kernel.offices.services import load_tree
from keju.stages.announcement import services as announcement
from keju.stages.announcement.services import NewOpening
from keju.stages.fees import services as fees
from keju.stages.registration import services as registration
from keju.web.rehearsal.steps import training
from keju.web.rehearsal.world import CLOCKWORK, Tick, World

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
PER_POINT = 40


def run(world: World, tick: Tick) -> dict[str, int]:
    """Afterwards registration can open on its day in every region."""
    found(world)
    announce(world)
    for region in world.regions:
        open_region(world, region)
        tick(1)
    training.hand_out(world)
    return {"regions": len(world.regions), "points": sum(len(p) for p in world.points.values())}


def found(world: World) -> None:
    """The exam, its offices and its staff exist."""
    when = world.calendar
    with acting(CLOCKWORK):
        load_tree(by=CLOCKWORK, at=when.made)
        world.exam = announcement.found_exam(
            slug=world.slug or f"{world.programme}-{world.year}",
            programme=world.programme,
            year=world.year,
            exam_day=when.exam_day.date(),
            rules_as_of=when.made.date(),
            is_rehearsal=True,
            clock_shift=world.clock_shift,
            by=CLOCKWORK,
            at=when.made,
        )
        _choose_points(world)
        _appoint(world)


def _choose_points(world: World) -> None:
    """As many points a region as its share of candidates keeps busy; at least one."""
    world.regions = [r for r in offices.regions() if not world.region_codes or r.code in world.region_codes]
    share = world.candidates / len(world.regions)
    for region in world.regions:
        points = list(offices.points(region.code).order_by("code"))
        world.points[region.code] = points[: max(1, min(len(points), round(share / PER_POINT)))]


def _appoint(world: World) -> None:
    """One person for each role at each office that takes part."""
    bodies = {o.kind: [o] for o in Office.objects.filter(kind__in=[Kind.COMMITTEE, Kind.OFFICE, Kind.CENTRE])}
    bodies[Kind.REGION] = world.regions
    bodies[Kind.POINT] = [p for points in world.points.values() for p in points]
    bodies[Kind.SITE] = [offices.office(f"{p.code}-01") for p in bodies[Kind.POINT]]
    dice, others = world.random("staff"), world.random("other staff")
    staff = [
        NewStaff(
            _called(dice),
            f"{role.code}-{office.code}",
            role.code,
            office,
            world.password_hash,
        )
        for role in ROLES.values()
        for kind in role.at
        for office in bodies[kind]
    ]
    at_sites = [
        s for s in staff if s.office.kind == Kind.SITE
    ]  # for this exam only, the others for every one
    others_first = [s for s in staff if s.office.kind != Kind.SITE]
    for batch, slug in ((others_first, ""), (at_sites, world.exam.slug)):
        began = world.calendar.made
        ids = add_staff(staff=batch, starts_on=began.date(), exam_slug=slug, by=CLOCKWORK, at=began)
        world.people |= {(s.role, s.office.code): pk for s, pk in zip(batch, ids, strict=True)}
    seconds = [
        NewStaff(_called(others), f"{role}-{n}", role, office, world.password_hash)
        for role, office, more in (
            ("committee_member", bodies[Kind.COMMITTEE][0], (2, 3)),
            ("centre_scoring", bodies[Kind.CENTRE][0], (2,)),
            ("centre_key", bodies[Kind.CENTRE][0], (2,)),
        )
        for n in more
    ]
    ids = add_staff(staff=seconds, starts_on=world.calendar.made.date(), by=CLOCKWORK, at=world.calendar.made)
    pairs = [
        NewStaff(
            _called(others), f"region_finance-{region.code}/2", "region_finance", region, world.password_hash
        )
        for region in world.regions
    ]
    more = add_staff(staff=pairs, starts_on=world.calendar.made.date(), by=CLOCKWORK, at=world.calendar.made)
    world.people |= {("region_finance/2", s.office.code): pk for s, pk in zip(pairs, more, strict=True)}
    # Where the rules want two, these are the others.
    for s, pk in zip(seconds, ids, strict=True):
        world.seconds.setdefault(s.role, []).append(pk)


def _called(dice: Random) -> str:
    return f"{dice.choice(SURNAMES)}{dice.choice('明华强丽敏静伟芳')}"


def announce(world: World) -> None:
    """The announcement is drafted, decided and published."""
    when, exam = world.calendar, world.exam
    office, committee = world.national("office_officer"), world.national("committee_member")
    with acting(office):
        notice = announcement.draft(
            exam=exam,
            title_zh=f"{world.year}年全国执业兽医资格考试公告",
            title_en=f"Announcement of the {world.year} examination",
            body_zh="考试时间、科目、报名办法和收费标准见本站。请考生按所在考区公布的时间报名和现场确认。",
            body_en="Dates, subjects, registration and fees are on this site. Register and confirm within the"
            " periods that your region publishes.",
            by=office,
            at=when.made,
        )
    with acting(committee):
        announcement.decide(notice_id=notice.pk, approve=True, by=committee, at=when.made)
    with acting(office):
        announcement.publish(notice_id=notice.pk, by=office, at=when.announced)
    training.write_handbooks(world)


def open_region(world: World, region: Office) -> None:
    """The region and its points take part: leaders, trained staff, calendar, tariff, receipts, confirmation places."""
    when, exam = world.calendar, world.exam
    centre = world.national("centre_exam")
    officer, finance = world.actor("region_officer", region), world.actor("region_finance", region)
    with acting(centre):
        announcement.open_offices(
            exam=exam,
            openings=[NewOpening(region.code, "主要负责人", "考区办公室", "0000-000000")],
            by=centre,
            at=when.made,
        )
    with acting(officer):
        announcement.open_offices(
            exam=exam,
            openings=[NewOpening(point.code, "主要负责人") for point in world.points[region.code]],
            by=officer,
            at=when.made,
        )
    training.before_registration(world, region)
    with acting(officer):
        announcement.set_windows(
            exam=exam,
            region_code=region.code,
            registration_opens=when.registration_opens,
            registration_closes=when.registration_closes,
            confirmation_opens=when.confirmation_opens,
            confirmation_ends=when.confirmation_ends,
            by=officer,
            at=when.announced,
        )
        announcement.publish_region(
            exam=exam,
            region_code=region.code,
            requirements_zh="请携带身份证原件及复印件2份、符合报名条件的证明材料，在确认时间内到所选考点现场确认。",
            requirements_en="Bring your identity card with two copies and the proof of your eligibility to the point"
            " you chose, within the confirmation period.",
            by=officer,
            at=when.announced,
        )
        announcement.record_publication(
            exam=exam,
            region_code=region.code,
            medium="website",
            title=f"{region.name_zh}农业农村厅网站“通知公告”栏",
            published_on=when.announced.date(),
            # An invented newspaper has no page of its own; nothing in a rehearsal leads to another host.
            link=f"/exams/{exam.slug}/regions/{region.code}/",
            by=officer,
            at=when.announced,
        )
        announcement.say_answer(
            exam=exam,
            region_code=region.code,
            question_zh="现场确认可以请别人代办吗？",
            question_en="May somebody else confirm for me?",
            answer_zh="不可以。本人须到场核对报名表并签字。",
            answer_en="No. You check the form and sign it yourself.",
            by=officer,
            at=when.announced,
        )
    with acting(finance):
        fees.set_tariff(
            exam=exam,
            region_code=region.code,
            provincial_fee=Decimal(world.random(f"tariff{region.code}").choice([60, 80, 100])),
            approval=f"发改价格〔{world.year}〕{int(region.code)}号",
            by=finance,
            at=when.announced,
        )
        fees.register_receipts(
            exam=exam,
            region_code=region.code,
            prefix=region.code,
            first=1,
            last=999_999,
            by=finance,
            at=when.announced,
        )
    for point in world.points[region.code]:
        manager = world.actor("point_manager", point)
        with acting(manager):
            registration.prepare_point(
                exam=exam,
                point_code=point.code,
                address=f"{point.name_zh}畜牧兽医局一楼大厅",
                contact="报名确认组",
                phone="0000-000000",
                hours="8:30–11:30，14:00–17:00",
                by=manager,
                at=when.announced,
            )
