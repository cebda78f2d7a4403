"""Money by the bank and online, as it really comes: by reference, without one, too much, twice, for several at once, back again.

A third of the regions has bank statements, a third a gateway that misbehaves, a third takes everything at the counter.
"""

from collections.abc import Sequence
from decimal import Decimal

from keju.kernel.accounts.permissions import CANDIDATE_PERMISSIONS
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.models import Office
from keju.stages.fees import queries as money
from keju.stages.fees import services as fees
from keju.stages.fees.rules import REFUND, Said, reference
from keju.stages.fees.services.gateway.practice import PracticeGateway
from keju.stages.registration import queries as registration
from keju.stages.registration.queries import Brief
from keju.web.rehearsal.world import CLOCKWORK, World

BY_BANK, ONLINE, FILE_ROWS = 0.3, 60, 15_000
HEAD = "交易日期,交易流水号,收入金额,支出金额,对方户名,对方账号,附言"
Row = tuple[Decimal, str, str]
"""Signed amount, payer, remark."""


def prepay(world: World, region: Office) -> dict[str, int]:
    """Before confirmation some of the region's candidates have paid by the bank or online, well or badly."""
    way = int(region.code) % 3
    if way == 2:
        return {}
    with acting(CLOCKWORK):
        ids = [
            row[0]
            for row in registration.ids(
                viewer=CLOCKWORK, exam=world.exam, state="submitted", office_path=region.path
            )
        ]
        dice = world.random(f"prepay{region.code}")
        share = BY_BANK if way == 0 else min(BY_BANK, ONLINE / max(len(ids), 1))
        chosen = [pk for pk in ids if dice.random() < share]
        briefs = registration.briefs(viewer=CLOCKWORK, exam=world.exam, ids=chosen)
    if not briefs:
        return {}
    return _by_bank(world, region, briefs) if way == 0 else _online(world, region, briefs)


def _by_bank(world: World, region: Office, briefs: dict[int, Brief]) -> dict[str, int]:
    owed = money.owes(world.exam, briefs, world.calendar.confirmation_opens)
    rows: list[Row] = [(owed[pk].left, "考生", f"报名费 {reference(pk).lower()}") for pk in briefs]
    ids = list(briefs)
    rows[0] = (rows[0][0] + 5, rows[0][1], rows[0][2])  # five yuan too much
    rows.append(rows[-1])  # somebody pays twice
    rows.append((Decimal("66.60"), "某公司", "货款"))  # nobody's
    if len(ids) > 4:
        together = ids[1:4]
        total = sum((owed[pk].left for pk in together), Decimal(0))
        rows[1:4] = [(total, "某县畜牧局", "代缴 " + " ".join(reference(pk) for pk in together))]
    added = _import(world, region, rows, "A")
    finance, at = world.actor("region_finance", region), world.calendar.confirmation_opens
    with acting(finance):
        for line in money.statement_lines(world.exam, state="open"):
            stray = [fees.Part("stray", line.open)]
            facts = {"exam": world.exam, "by": finance, "at": at}
            fees.match_line(line_id=line.pk, parts=stray, reason="与本考试无关，退回付款人", **facts)
    return {"bank lines": added}


def _import(world: World, region: Office, rows: Sequence[Row], serial: str) -> int:
    """The rows come in as statements of at most 15,000 lines; each file is uploaded twice, as clerks do."""
    finance, at = world.actor("region_finance", region), world.calendar.confirmation_opens
    added = 0
    for first in range(0, len(rows), FILE_ROWS):
        lines = [HEAD]
        for n, (amount, payer, remark) in enumerate(rows[first : first + FILE_ROWS], first + 1):
            credit, debit = (amount, "") if amount > 0 else ("", -amount)
            lines.append(f"{at:%Y-%m-%d},{serial}{n:07d},{credit},{debit},{payer},622202{n:010d},{remark}")
        data = "\n".join([*lines, "合计"]).encode("gb18030")
        for _ in range(2):
            with acting(finance):
                found = fees.import_statement(
                    exam=world.exam,
                    region_code=region.code,
                    data=data,
                    filename=f"{serial}.csv",
                    by=finance,
                    at=at,
                )
            added += found.added
    return added


def _online(world: World, region: Office, briefs: dict[int, Brief]) -> dict[str, int]:
    """Notices are lost, doubled, contradictory, forged; then the gateway is asked, and the books are right all the same."""
    gateway, at = PracticeGateway(), world.calendar.confirmation_opens
    dice = world.random(f"online{region.code}")
    for brief in briefs.values():
        by = _candidate(brief)
        with acting(by):
            order = fees.open_order(exam=world.exam, by=by, at=at)
            fees.address_of(order, gateway, title="", back="")
        if dice.random() < 0.1:
            continue  # thinks better of it
        truth = gateway.pay(order.number)
        said = [
            truth,
            truth,
            Said(order.number, "failed", order.amount),
            Said(order.number, "open", order.amount),
        ]
        dice.shuffle(said)
        for one in said[: dice.randrange(5)]:
            body, signature = gateway.notice(one)
            fees.take_notice(gateway=gateway, body=body, signature=signature, at=at)
    fees.ask_all(exam=world.exam, gateway=gateway, at=at)
    world.gateways[region.code] = gateway
    return {"paid online": len(list(gateway.settled()))}


def pay_back(world: World, region: Office) -> int:
    """Everybody who is owed money has it: by the bank (one account is wrong at first), online, the rest by hand."""
    finance, at = world.actor("region_finance", region), world.calendar.read
    fees.release_lapsed(exam=world.exam, region_codes=[region.code], by=CLOCKWORK, at=at)
    with acting(finance):
        owed = list(money.waiting(world.exam, region.path))
        briefs = registration.briefs(
            viewer=finance, exam=world.exam, ids=[r.registration_id for r in owed if r.registration_id]
        )
    named = [briefs[r.registration_id] for r in owed if r.registration_id in briefs and not r.order_id][:20]
    for brief in named:
        _enter(world, brief, f"6228{brief.id:012d}"[:15])
    paid = 0
    for way in ("bank", "gateway", "hand"):
        paid += _batch(world, region, way)
    return paid


def _batch(world: World, region: Office, way: str) -> int:
    exam, at = world.exam, world.calendar.read
    finance, other = world.actor("region_finance", region), world.second("region_finance", region)
    with acting(finance):
        goes = [
            d.refund.pk
            for d in money.dressed(exam, list(money.waiting(exam, region.path)))
            if way in (d.way, "hand")
        ]
        if not goes:
            return 0
        batch = fees.propose_batch(
            exam=exam, region_code=region.code, way=way, refund_ids=goes, by=finance, at=at
        )
    with acting(other):
        fees.release_batch(exam=exam, batch_id=batch.pk, digest=batch.digest, by=other, at=at)
    if way == "gateway":
        fees.give_back(exam=exam, batch_id=batch.pk, gateway=world.gateways[region.code], by=finance, at=at)
    if way == "bank":
        with acting(finance):
            first = money.items(batch).first()
        # The bank shows the batch going out, and one of it coming back.
        _import(
            world,
            region,
            [(-batch.amount, "批量代付", batch.number), (first.amount, "退汇", reference(first.pk, REFUND))],
            f"R{batch.number}",
        )
    return batch.count


def _enter(world: World, brief: Brief, number: str) -> None:
    by = _candidate(brief)
    with acting(by):
        fees.enter_account(
            exam=world.exam, holder="考生", bank="某银行某支行", number=number, by=by, at=world.calendar.read
        )


def _candidate(brief: Brief) -> Actor:
    return Actor(
        ref=f"candidate:{brief.candidate_id}",
        name="",
        role="candidate",
        candidate_id=brief.candidate_id,
        permissions=frozenset(str(p) for p in CANDIDATE_PERMISSIONS),
    )
