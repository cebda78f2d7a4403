"""What must hold after each stage."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from keju.algorithms import bagit
from keju.kernel.accounts.queries import identity_index
from keju.kernel.audit.sequencing import sequence_and_sign
from keju.kernel.audit.verification import verify
from keju.kernel.exams import queries as exams
from keju.kernel.offices import acting, tallies
from keju.rulebook.words import Words, t
from keju.stages.custody.queries import verifying as chain
from keju.stages.custody.queries.alarms import alarms
from keju.stages.fees import queries as money
from keju.stages.marking import queries as marking
from keju.stages.results import queries as released
from keju.stages.seating import queries as plan_queries
from keju.stages.staffing import queries as staff
from keju.web.rehearsal.world import CLOCKWORK, World


@dataclass(frozen=True)
class Check:
    """One thing that must hold, whether it does, and the figures behind the answer."""

    words: Words
    holds: bool
    evidence: str


def registration(world: World) -> Iterator[Check]:
    people, rows = one(
        "SELECT count(DISTINCT identity_index), count(*) FROM registration_registration"
        " WHERE exam_id = %s AND state <> 'withdrawn'",
        world.exam.pk,
    )
    yield Check(
        t("每人全国只有一个报名", "one registration per person nationwide"),
        people == rows == world.counts_of("registered"),
        f"{rows:,} registrations, {people:,} people",
    )
    wrong = tallies.differences(world.exam.pk)
    yield Check(
        t("随改随记的计数与重新清点一致", "counts kept as rows change equal a recount"),
        not wrong,
        "; ".join(wrong[:3]) or "0 differences",
    )


def review(world: World) -> Iterator[Check]:
    corrections, wrong = one(
        "SELECT count(*), count(*) FILTER (WHERE c.asked_by = c.decided_by OR v.by IS DISTINCT FROM c.decided_by)"
        " FROM review_correction c LEFT JOIN registration_version v"
        " ON v.registration_id = c.registration_id AND v.number = c.new_version"
        " WHERE c.exam_id = %s AND c.state = 'approved'",
        world.exam.pk,
    )
    yield Check(
        t("每次更正都由另一人批准", "every correction was approved by another person"),
        corrections > 0 and wrong == 0,
        f"{corrections:,} corrections, {wrong} not so",
    )
    prints, stale = one(
        "SELECT count(*), count(*) FILTER (WHERE p.plan_version <> 'v' || r.version AND NOT EXISTS (SELECT FROM"
        " documents_voiding d WHERE (d.kind, d.exam_slug, d.subject) = (p.kind, p.exam_slug, p.subject)"
        " AND d.up_to >= p.id)) FROM documents_print p JOIN registration_registration r"
        " ON p.subject = 'registration:' || r.id"
        " WHERE p.exam_slug = %s AND p.kind IN ('registration_form', 'registration_form_check')",
        world.exam.slug,
    )
    yield Check(
        t("没有一份旧版报名表还有效", "no print of an outdated form still holds"),
        prints > 0 and stale == 0,
        f"{prints:,} prints of forms, {stale} outdated and not void",
    )


def fees(world: World) -> Iterator[Check]:
    (total, unbalanced, entries) = one(
        "SELECT coalesce(sum(s), 0), count(*) FILTER (WHERE s <> 0), count(*) FROM"
        " (SELECT entry_id, sum(amount) AS s FROM fees_posting GROUP BY entry_id) e"
    )
    yield Check(
        t("账目借贷平衡，总和为零", "the ledger sums to zero, entry by entry"),
        total == 0 and unbalanced == 0 and entries > 0,
        f"{entries:,} entries, sum {total}",
    )


def reconciled(world: World) -> Iterator[Check]:
    """Every figure of the books against what stands behind it; what came too much or was nobody's has gone back."""
    with acting(CLOCKWORK):
        checks = money.checks(world.exam)
        left = money.reconciliation(world.exam)
    wrong = [c.code for c in checks if not c.holds]
    yield Check(
        t("账目与明细逐项对平", "the books close against their records, check by check"),
        not wrong,
        f"{len(checks)} checks, open: {', '.join(wrong) or 'none'}",
    )
    yield Check(
        t("预收、待查、应退均已清零", "no advance, unexplained line or refund is left"),
        not any(left[name] for name in ("advance", "suspense", "refund_payable")),
        ", ".join(f"{name} {left[name]}" for name in ("advance", "suspense", "refund_payable")),
    )


def seating(world: World) -> Iterator[Check]:
    eligible, seated, seats = one(
        "SELECT (SELECT count(*) FROM registration_registration WHERE exam_id = %s AND state = 'confirmed'),"
        " count(DISTINCT s.registration_id), count(*) FROM seating_seat s JOIN seating_plan p ON p.id = s.plan_id"
        " WHERE p.exam_id = %s AND p.frozen_at IS NOT NULL AND p.superseded_at IS NULL",
        world.exam.pk,
        world.exam.pk,
    )
    yield Check(
        t("每位确认合格的考生恰有一个座位", "every confirmed candidate has exactly one seat"),
        eligible == seated == seats > 0,
        f"{eligible:,} confirmed, {seated:,} seated, {seats:,} seats",
    )


def tickets(world: World) -> Iterator[Check]:
    tickets, numbers, gaps = one(
        "SELECT count(*), count(DISTINCT number), coalesce((SELECT count(*) FROM (SELECT left(number, 6) AS point,"
        " count(*) AS n, min(right(number, 4)::int) AS low, max(right(number, 4)::int) AS high FROM tickets_ticket"
        " WHERE exam_id = %s GROUP BY 1) g WHERE low <> 1 OR high <> n), 0) FROM tickets_ticket WHERE exam_id = %s",
        world.exam.pk,
        world.exam.pk,
    )
    yield Check(
        t(
            "准考证号唯一，逐考点从0001起不断号",
            "ticket numbers unique and gapless from 0001 at every host point",
        ),
        tickets == numbers > 0 and gaps == 0,
        f"{tickets:,} numbers, {gaps} points with a gap",
    )
    (wrong,) = one(
        "SELECT count(*) FROM tickets_ticket t LEFT JOIN seating_seat s ON s.registration_id = t.registration_id AND s.current"
        " WHERE t.exam_id = %s AND t.revoked_at IS NULL AND (s.room_id, s.serial) IS DISTINCT FROM (t.room_id, t.seat)",
        world.exam.pk,
    )
    with acting(CLOCKWORK):
        plans = [
            (p.hash, plan_queries.recomputed(p))
            for region in world.regions
            for p in plan_queries.current(world.exam, region.code)
        ]
    (changed,) = one("SELECT count(*) FROM seating_change WHERE exam_id = %s", world.exam.pk)
    yield Check(
        t(
            "准考证与现行座位方案一致，方案重算校验码相符",
            "tickets are the seats of the plans in force, whose hashes hold",
        ),
        wrong == 0 and plans != [] and all(frozen == again for frozen, again in plans),
        f"{wrong} tickets on another seat, {len(plans)} plans, {changed} changed",
    )


def staffing(world: World) -> Iterator[Check]:
    """Recusal against what was planted, by hand: who of the nation's candidates is watched for, and who was found."""
    planted = {(member, identity_index(number)) for member, number in world.expected.get("recusals", ())}  # type: ignore[attr-defined]
    sitting = {
        bytes(index)
        for (index,) in rows(
            "SELECT identity_index FROM registration_registration"
            " WHERE exam_id = %s AND state IN ('submitted', 'confirmed')",
            world.exam.pk,
        )
    }
    found = {
        (member, bytes(index))
        for member, index in rows(
            "SELECT h.member_id, w.identity_index FROM staffing_recusal_hit h JOIN staffing_watch w ON w.id = h.watch_id"
            " WHERE h.exam_id = %s",
            world.exam.pk,
        )
    }
    wanted = {(member, index) for member, index in planted if index in sitting}
    yield Check(
        t("应回避的全部发现，且没有多出的", "every planted recusal was found, and no other"),
        wanted <= found <= planted and wanted != set(),
        f"{len(planted):,} planted, {len(wanted):,} among the candidates, {len(found):,} found",
    )
    with acting(CLOCKWORK):
        missing = [g for g in staff.gaps(world.exam, "/") if g.missing]
    (barred, working) = one(
        "SELECT count(*) FILTER (WHERE EXISTS (SELECT FROM staffing_recusal_hit h WHERE h.member_id = a.member_id"
        " AND h.exam_id = a.exam_id AND h.state IN ('open', 'upheld'))), count(*)"
        " FROM staffing_appointment a WHERE a.exam_id = %s AND a.state = 'accepted'",
        world.exam.pk,
    )
    yield Check(
        t("在岗人员齐备，无一人应当回避", "every post is filled, and nobody in it is barred"),
        not missing and barred == 0 and working > 0,
        f"{working:,} at work, {barred} barred, {sum(g.missing for g in missing)} missing",
    )


def custody(world: World) -> Iterator[Check]:
    wrong = [f"{b.subject} {b.words.en}" for b in chain.broken(world.exam)]
    yield Check(
        t("交接链逐步重算，与审计日志一致", "the chain of custody recomputes, and is as the audit log says"),
        not wrong,
        "; ".join(wrong[:3]) or "0 differences",
    )


def attempts_found(world: World) -> Iterator[Check]:
    """What somebody tried with the papers and must not: refused, on record, and an alarm where it is one."""
    kept = set(rows("SELECT kind, subject FROM custody_attempt WHERE exam_id = %s", world.exam.pk))
    day = min(s.ends_at for s in exams.sessions(world.exam))
    told = {
        (a.kind, a.subject) for a in alarms(world.exam, "/", day) if a.kind in {k for k, _ in world.planted}
    }
    wanted = {(kind, subject) for kind, subject in world.planted if subject.startswith("seal_room:")}
    yield Check(
        t(
            "故意违规领取、启封、交接的每一次都被拒绝并留有记录，且没有多出的",
            "every planted attempt was refused and found, and no other",
        ),
        kept == world.planted != set() and told == wanted,
        f"{len(world.planted):,} planted, {len(kept):,} on record, {len(told):,} of {len(wanted):,} an alarm",
    )


def papers_closed(world: World) -> Iterator[Check]:
    printed, gone, centre, missing, elsewhere = one(
        "SELECT sum(h.copies), sum(h.destroyed), sum(h.copies) FILTER (WHERE h.place = 'centre'), sum(h.missing),"
        " count(*) FILTER (WHERE h.place NOT IN ('centre', 'destroyed'))"
        " FROM custody_holding h JOIN custody_container c ON c.id = h.container_id"
        " WHERE h.exam_id = %s AND c.kind NOT IN ('box', 'pack')",
        world.exam.pk,
    )
    yield Check(
        t(
            "印制的试卷、答题卡全部销毁或回到中心",
            "every sheet that was printed is destroyed or back at the centre",
        ),
        printed == gone + centre + missing and elsewhere == missing == 0 < gone,
        f"{printed:,} printed = {gone:,} destroyed + {centre:,} at the centre; {missing:,} missing, {elsewhere:,} bags elsewhere",
    )
    late = one(
        "SELECT count(*) FROM duties_obligation WHERE exam_id = %s AND rule IN ('V16.1.2', 'V16.2.1')"
        " AND (discharged_at IS NULL OR discharged_at > due_at)",
        world.exam.pk,
    )[0]
    yield Check(
        t("答题卡按期送回，试卷按期销毁", "cards were back and papers destroyed in time"),
        late == 0,
        f"{late} late",
    )


def scores(world: World) -> Iterator[Check]:
    """Scores again from the stored readings and, apart from that, from the marks that were put on the cards."""
    problems = marking.altered(world.exam)
    frozen = marking.frozen(world.exam)
    stored = set(marking.scores(frozen.run)) if frozen else set()
    yield Check(
        t(
            "每个成绩都能由答题卡和答案重算出来",
            "every score recomputed from cards and key equals the stored one",
        ),
        frozen is not None and not problems and len(stored) > 0,
        f"{len(stored):,} scores, {len(problems)} differences",
    )
    truth = set(_from_paper(world))
    yield Check(
        t("每个成绩都等于考生实际涂在卡上的", "every score equals the marks that were put on the card"),
        truth == stored,
        f"{len(truth):,} from paper, {len(truth ^ stored)} differences",
    )


def _from_paper(world: World) -> Iterator[tuple[int, str, int]]:
    keys = world.keys
    owners = dict(
        rows("SELECT number, registration_id FROM tickets_ticket WHERE exam_id = %s", world.exam.pk)
    )
    absent = {(sheet.ticket, sheet.session) for sheet in world.sheets.values() if sheet.absent}
    for (ticket, session), answers in world.truth.items():
        if (ticket, session) in absent:
            continue
        for place in marking.places(world.exam, session):
            span = slice(place.first - 1, place.first - 1 + place.questions)
            right = sum(a == k for a, k in zip(answers[span], keys[session][span], strict=True))
            yield owners.get(ticket, 0), place.code, right  # 0: somebody without a ticket


def results(world: World) -> Iterator[Check]:
    problems = released.altered(world.exam)
    rows, people = one(
        "SELECT count(*), count(DISTINCT registration_id) FROM results_result WHERE exam_id = %s",
        world.exam.pk,
    )
    yield Check(
        t(
            "公布的成绩与封存的成绩和分数线一致",
            "released results follow from frozen scores and the decided line",
        ),
        not problems and rows == people > 0,
        f"{rows:,} results, {len(problems)} differences",
    )


def certificates(world: World) -> Iterator[Check]:
    passed, granted, valid = one(
        "SELECT (SELECT count(*) FROM results_result WHERE exam_id = %s AND level <> ''),"
        " (SELECT count(*) FROM certificates_grant WHERE exam_id = %s),"
        " (SELECT count(*) FROM certificates_certificate WHERE exam_id = %s AND state = 'valid')",
        *[world.exam.pk] * 3,
    )
    yield Check(
        t("合格者每人恰有一本有效证书", "everybody who passed has exactly one valid certificate"),
        passed == granted == valid > 0,
        f"{passed:,} passed, {valid:,} valid certificates",
    )


def archive(world: World) -> Iterator[Check]:
    problems = bagit.validate(world.bag) if world.bag else ["no bag"]
    yield Check(
        t("档案包逐件校验无误", "the archive validates, file by file"),
        not problems,
        f"{len(problems)} problems in {world.bag.name if world.bag else '-'}",
    )


def log(world: World) -> Iterator[Check]:
    placed = sequence_and_sign(world.calendar.archived)
    result = verify()
    yield Check(
        t("审计日志逐条可证，无改动", "the audit log verifies"),
        result.sound and result.events > 0,
        f"{result.events:,} events, {placed:,} newly placed, root {result.root.hex()[:16]}",
    )


def rows(query: str, *params: object) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(query, list(params))
        return list(cursor.fetchall())


def one(query: str, *params: object) -> tuple[int, ...]:
    """The single row of a query."""
    with connection.cursor() as cursor:
        cursor.execute(query, list(params))
        row = cursor.fetchone()
    return tuple(int(v or 0) for v in row)


PROOFS: list[tuple[str, Callable[[World], Iterator[Check]]]] = [
    ("registration", registration),
    ("review", review),
    ("fees", fees),
    ("certificates", reconciled),
    ("seating", seating),
    ("tickets", tickets),
    ("staffing", staffing),
    ("custody", custody),
    ("examday", papers_closed),
    ("examday", attempts_found),
    ("marking", scores),
    ("results", results),
    ("certificates", certificates),
    ("archive", archive),
    ("announcement", log),
]
