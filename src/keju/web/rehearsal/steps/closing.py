"""The passing line, the release, certificates down to the collecting candidate, refunds, and the archive."""

from pathlib import Path

from django.conf import settings

from keju.kernel.audit.sequencing import sequence_and_sign
from keju.kernel.exams import queries as exams
from keju.kernel.offices import Actor, acting
from keju.stages.archive import services as archive
from keju.stages.certificates import queries as certified
from keju.stages.certificates import services as certificates
from keju.stages.certificates.services import Handover
from keju.stages.results import services as results
from keju.web.rehearsal.steps import review
from keju.web.rehearsal.world import CLOCKWORK, Tick, World

#: shares of all points: who reaches them is licensed, or an assistant
LINES = {"licensed": 0.6, "assistant": 0.45}
#: share of holders who collect in the first weeks
MOST = 0.9


def release(world: World, tick: Tick) -> dict[str, int]:
    """Afterwards every candidate with scores can look up the result, and each region has its register of passes."""
    exam, programme = world.exam, exams.programme(world.exam)
    levels = [v.code for v in programme.levels]
    lines = {
        (c.code, code): round(LINES[code] * sum(s.questions for s in programme.subjects_of(c.code)))
        for c in programme.categories
        for code in levels
    }
    office = world.national("office_officer")
    with acting(office):
        proposal = results.propose_line(
            exam=exam, lines=lines, reason="参照往年合格率", by=office, at=world.calendar.line
        )
    members = [world.national("committee_member", n) for n in range(3)]
    for member in members[:2]:
        with acting(member):
            results.vote(exam=exam, proposal_id=proposal.pk, approve=True, by=member, at=world.calendar.line)
    with acting(members[0]):
        results.decide_line(exam=exam, proposal_id=proposal.pk, by=members[0], at=world.calendar.line)
    data = world.national("centre_data")
    with acting(data):
        released = results.release(exam=exam, by=data, at=world.calendar.released)
    with acting(office):
        for region in world.regions:
            results.send_register(exam=exam, region_code=region.code, by=office, at=world.calendar.released)
            tick(1)
    return {"released": released.count, "passed": released.passed}


def certify(world: World, tick: Tick) -> dict[str, int]:
    """Afterwards everybody who passed has a certificate, delivered to the point, and most have collected it."""
    exam, at = world.exam, world.calendar.granted
    officer = world.national("centre_certificates")
    with acting(officer):
        granted = certificates.grant(exam=exam, by=officer, at=at)
        points = [p for region in world.regions for p in world.points[region.code]]
        holders = {line.point_code: line for line in certified.points(viewer=officer, exam=exam)}
        with_some = [p.code for p in points if p.code in holders]
        certificates.deliver(exam=exam, point_codes=with_some, by=officer, at=at)
    collected = 0
    for point in points:
        if point.code in holders:
            clerk = world.actor("point_clerk", point)
            with acting(clerk):
                collected += _collect(world, point.code, clerk)
    tick(len(world.regions))
    refunded = review.refund(world, lambda _: None)["refunded"]
    return {"granted": granted.count, "collected": collected, "refunded": refunded}


def _collect(world: World, point: str, clerk: Actor) -> int:
    """The parcel is counted and most holders come in person; who graduated this year brings the diploma."""
    exam, at = world.exam, world.calendar.granted
    rows = list(certified.stream(viewer=clerk, exam=exam, filters=certified.Filters(point_code=point)))
    certificates.receive_delivery(exam=exam, point_code=point, counted=len(rows), by=clerk, at=at)
    dice = world.random(f"collect{point}")
    handovers = [
        Handover(row.number, identity_seen=True, diploma=True, copies=2)
        for row in rows
        if dice.random() < MOST
    ]
    if handovers:
        certificates.record_collection(exam=exam, handovers=handovers, by=clerk, at=at)
    return len(handovers)


def seal(world: World, tick: Tick) -> dict[str, int]:
    """Afterwards the exam's records lie in a bag that validates, every event of theirs in its place in the log."""
    centre = world.national("centre_exam")
    world.bag = (world.out or Path(settings.DATA.path)) / "archive"
    world.bag.parent.mkdir(parents=True, exist_ok=True)
    with acting(CLOCKWORK):
        sequence_and_sign(world.calendar.archived)
    with acting(centre):
        sealed = archive.seal(exam=world.exam, folder=world.bag, by=centre, at=world.calendar.archived)
    tick(1)
    return {"files": sealed.files, "rows": sealed.rows, "MB": sealed.octets // 1_000_000}
