"""Confirmation at the counter with fees, summaries to the region, second review by another person, remittance."""

from decimal import Decimal

from keju.kernel.offices import acting
from keju.kernel.offices.models import Office
from keju.stages.fees import queries as money
from keju.stages.fees import services as fees
from keju.stages.fees.services import Payment
from keju.stages.registration import queries as registration
from keju.stages.registration import services as registering
from keju.stages.review import queries, services
from keju.stages.review.services import FirstDecision, Parcel
from keju.web.rehearsal.steps import counter as deep
from keju.web.rehearsal.steps import money as money_steps
from keju.web.rehearsal.world import Tick, World

FIRST_FAILS, SECOND_FAILS = 0.015, 0.005
FINE = (True, True, True)
FORGED = (True, False, True)


def run(world: World, tick: Tick) -> dict[str, int]:
    """Afterwards every registration has both reviews, the ledger holds every fee, failures wait for their refund."""
    counted = {"confirmed": 0, "first fails": 0, "second fails": 0, "photos overruled": 0}
    for region in world.regions:
        _add(counted, money_steps.prepay(world, region))
        for point in world.points[region.code]:
            counter(world, point, counted)
            _summarise(world, point)
        _second(world, region, counted)
        tick(1)
    return counted


def counter(world: World, point: Office, counted: dict[str, int]) -> None:
    """Everybody waiting at the point is confirmed or rejected, the fee taken."""
    exam, at = world.exam, world.calendar.confirming
    clerk = world.actor("point_clerk", point)
    with acting(clerk):
        ids = [
            row[0]
            for row in registration.ids(viewer=clerk, exam=exam, state="submitted", office_path=point.path)
        ]
    if point == world.points[point.parent_id or ""][0]:
        _add(counted, deep.receive(world, point, ids))
    with acting(clerk):
        doubted = registration.judged_photos(exam=exam, ids=ids)
        if doubted:
            registering.overrule_photos(
                exam=exam,
                registration_ids=sorted(doubted),
                reason="本人到场核对，与照片一致",
                by=clerk,
                at=at,
            )
        briefs = registration.briefs(viewer=clerk, exam=exam, ids=ids)
        owed = money.owes(exam, briefs, at)
        dice = world.random(f"first{point.code}")
        fine = {
            route: {m.code: FINE for m in queries.materials(exam, route)}
            for route in {b.route for b in briefs.values()}
        }
        decisions = []
        for pk in ids:
            materials = fine[briefs[pk].route]
            if dice.random() < FIRST_FAILS:
                code = dice.choice(sorted(materials))
                decisions.append(
                    FirstDecision(
                        pk, False, {**materials, code: FORGED}, returned=True, reason="材料与原件不符"
                    )
                )
                continue
            method = "cash" if dice.random() < 0.6 else "transfer"
            payment = Payment(pk, method, owed[pk].left, "" if method == "cash" else f"HK{pk:08d}")
            decisions.append(
                FirstDecision(
                    pk,
                    True,
                    materials,
                    returned=True,
                    payment=None if owed[pk].covered else payment,
                    signed=True,
                )
            )
        if decisions:
            services.decide_first(exam=exam, decisions=decisions, by=clerk, at=at)
    failed = sum(not d.passed for d in decisions)
    counted["first fails"] += failed
    counted["confirmed"] += len(decisions) - failed
    counted["photos overruled"] += len(doubted)
    if point == world.points[point.parent_id or ""][0]:
        _add(counted, deep.correct(world, point))


def _add(counted: dict[str, int], more: dict[str, int]) -> None:
    for name, n in more.items():
        counted[name] = counted.get(name, 0) + n


def _summarise(world: World, point: Office) -> None:
    manager = world.actor("point_manager", point)
    with acting(manager):
        services.send_summary(
            exam=world.exam,
            point_code=point.code,
            parcel=Parcel(2, "考点报名确认组组长", kept=True, seal=f"F{point.code}"),
            by=manager,
            at=world.calendar.summarised,
        )


def _second(world: World, region: Office, counted: dict[str, int]) -> None:
    exam, at = world.exam, world.calendar.second_review
    officer = world.actor("region_officer", region)
    dice = world.random(f"second{region.code}")
    with acting(officer):
        for point in world.points[region.code]:
            sent = queries.summary(exam, point.code)
            if sent is not None:
                services.receive_summary(
                    exam=exam, point_code=point.code, found=sent.contents, seal_whole=True, by=officer, at=at
                )
        ids = queries.open_second_ids(viewer=officer, exam=exam, region_code=region.code)
        failed = {pk: "学历证书经查询无记录" for pk in ids if dice.random() < SECOND_FAILS}
        common = {"exam": exam, "region_code": region.code, "signed": True, "by": officer, "at": at}
        if failed:
            services.decide_second(passed=[], failed=failed, **common)
        done = services.pass_all(queue=queries.Queue(), upto=0, **common) if len(failed) < len(ids) else None
        # Whom the bulk pass leaves out is decided one by one: here those whose data were corrected.
        corrected = [pk for pk, _ in done.skipped] if done else []
        if corrected:
            services.decide_second(passed=corrected, failed={}, **common)
        services.set_batch(exam=exam, region_code=region.code, by=officer, at=at)
    counted["second fails"] += len(failed)
    counted["confirmed"] -= len(failed)


def remit(world: World, tick: Tick) -> dict[str, int]:
    """Afterwards every region has sent the national fees and the centre has receipted them; refunds are paid."""
    sent = Decimal(0)
    centre = world.national("centre_finance")
    for region in world.regions:
        finance = world.actor("region_finance", region)
        with acting(finance):
            due = money.amount_due(world.exam, region.code)
            if not due:
                continue  # nobody of this region was confirmed
            remittance = fees.remit(
                exam=world.exam,
                region_code=region.code,
                amount=due,
                reference=f"{world.year}{region.code}01",
                by=finance,
                at=world.calendar.remitted,
            )
        with acting(centre):
            fees.receive_remittance(
                exam=world.exam, remittance_id=remittance.pk, by=centre, at=world.calendar.remitted
            )
            fees.issue_fiscal_receipt(
                exam=world.exam,
                region_code=region.code,
                number=f"{world.year}{region.code}",
                by=centre,
                at=world.calendar.opened,
            )
        sent += due
        tick(1)
    return {"regions": len(world.regions), "yuan remitted": int(sent)}


def refund(world: World, tick: Tick) -> dict[str, int]:
    """Afterwards everybody who failed the review has the fee back, once."""
    refunded = 0
    for region in world.regions:
        refunded += money_steps.pay_back(world, region)
        tick(1)
    return {"refunded": refunded}
