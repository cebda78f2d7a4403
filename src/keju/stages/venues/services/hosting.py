"""The region decides which points host (V6.1, V6.2)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zlib import crc32

from django.db import connection

from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.calendar import CHINA
from keju.kernel.duties import services as duties
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.notices import services as notices
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office, path_of, points
from keju.rulebook import enforce
from keju.rulebook.words import t
from keju.stages.venues import events, queries, rules
from keju.stages.venues.models import Assignment, HostDecision
from keju.stages.venues.params import Params

MAY_OVERRIDE = "venues:host:decide"
NO_LONGER = t("不再是承考考点。", "No longer a host point.")


def propose_hosts(*, exam: Exam, region_code: str) -> dict[str, str]:
    """Point → host as the rule would have it for the confirmed candidates of now. Nothing is written."""
    return queries.proposal(exam, region_code)


@write("venues:host:decide")
def decide_hosts(
    *,
    exam: Exam,
    region_code: str,
    assignment: Mapping[str, str],
    reason: str = "",
    expected_version: int | None = None,
    by: Actor,
    at: datetime,
) -> HostDecision:
    """The region's hosts are these; hosts and the points assigned to them are notified, the duty of V6.2 is done.

    `reason` is needed where a host stays below the minimum. `expected_version` (0 for none yet) is what the page
    showed: `Stale` if somebody decided since. A later decision supersedes this one until tickets are opened.
    """
    _own(by, region_code)
    _hold(exam, region_code)
    former = (
        HostDecision.objects.select_for_update()
        .filter(exam=exam, region_code=region_code, superseded_at=None)
        .first()
    )
    if expected_version is not None and expected_version != (former.version if former else 0):
        raise Stale
    params = exams.params(exam, Params)
    counts = queries.counts(exam, region_code)
    enforce(rules.check_tickets_closed(queries.tickets_opened(exam, region_code) is not None))
    overridden = enforce(
        rules.check_hosts(
            assignment, counts, [p.code for p in points(region_code)], params.host_min_candidates
        ),
        reason=reason,
        may_override=by.may(MAY_OVERRIDE),
    )
    decision = _write(exam, region_code, assignment, counts, former, reason if overridden else "", by, at)
    _notify(exam, assignment, by, at)
    _duties(exam, region_code, assignment, decision, by, at)
    record(
        events.HOSTS_DECIDED,
        by=by,
        at=at,
        subject=f"region:{region_code}",
        exam=exam.slug,
        office_path=path_of(region_code),
        rules=["V6.1", "V6.2"],
        data={
            "version": decision.version,
            "assignment": dict(assignment),
            "changed": {p: h for p, h in assignment.items() if decision.proposal.get(p) != h},
            "below_minimum": [r.facts["host"] for r in overridden],
            "reason": decision.reason,
        },
    )
    return decision


def _write(
    exam: Exam,
    region_code: str,
    assignment: Mapping[str, str],
    counts: Mapping[str, int],
    former: HostDecision | None,
    reason: str,
    by: Actor,
    at: datetime,
) -> HostDecision:
    minimum = exams.params(exam, Params).host_min_candidates
    if former is not None:
        HostDecision.objects.filter(pk=former.pk).update(superseded_at=at)
        Assignment.objects.filter(decision=former).update(current=False)
    decision = HostDecision.objects.create(
        exam=exam,
        region_code=region_code,
        office_path=path_of(region_code),
        version=former.version + 1 if former else 1,
        proposal=rules.propose_hosts(counts, minimum),
        minimum=minimum,
        reason=reason,
        decided_by=by.ref,
        decided_at=at,
    )
    Assignment.objects.bulk_create(
        Assignment(
            decision=decision,
            exam=exam,
            office_path=path_of(point),
            point_code=point,
            host_code=host,
            candidates=counts.get(point, 0),
        )
        for point, host in sorted(assignment.items())
    )
    return decision


def _notify(exam: Exam, assignment: Mapping[str, str], by: Actor, at: datetime) -> None:
    """One notice to every host with its guests, and one per host to the points that it receives."""
    for host in sorted(set(assignment.values())):
        mine = sorted(p for p, h in assignment.items() if h == host)
        _send(exam, host, mine, [host], True, by, at)
        if others := [p for p in mine if p != host]:
            _send(exam, host, mine, others, False, by, at)


def _send(
    exam: Exam, host: str, mine: Sequence[str], to: Sequence[str], hosting: bool, by: Actor, at: datetime
) -> None:
    name, listed = office(host).name, [office(p).name for p in mine]
    zh, en = "、".join(n.zh for n in listed), ", ".join(n.en for n in listed)
    day = exams.milestone(exam, "exam_day")
    on = t("{day}", "{day}").format(day=day.astimezone(CHINA).date()) if day else t("", "")
    if hosting:
        title = t("确定为承考考点的通知", "You are a host point")
        body = t(
            f"{name.zh}确定为本次考试的承考考点，考试日{on.zh}，承担以下考点的考生：{zh}。"
            "请在规定期限内落实考试地点和考场，录入系统并上报。",
            f"{name.en} hosts this exam on {on.en}, for the candidates of: {en}. "
            "Settle sites and rooms, enter them in the system and report them within the time allowed.",
        )
    else:
        title = t("考生考试地点安排的通知", "Where your candidates sit the exam")
        body = t(
            f"你考点的考生安排在{name.zh}考试，考试日{on.zh}。",
            f"Your candidates sit the exam at {name.en} on {on.en}.",
        )
    notices.send(exam=exam, title=title, body=body, to=to, kind="hosts", by=by, at=at)


def _duties(
    exam: Exam,
    region_code: str,
    assignment: Mapping[str, str],
    decision: HostDecision,
    by: Actor,
    at: datetime,
) -> None:
    now = sorted(set(assignment.values()))
    gone = [p.code for p in points(region_code) if p.code not in now] if decision.version > 1 else []
    if gone:
        duties.withdraw(exam=exam, rule="V6.3", owners=gone, because=str(NO_LONGER), by=by, at=at)
    # Of the host points alone, whom this notice reaches: the others owe no site.
    duties.reach(
        exam=exam, key="hosts_decided", when=at, office_path=path_of(region_code), offices=now, by=by, at=at
    )
    duties.discharge(
        exam=exam, rule="V6.2", owner=region_code, evidence=f"decision:{decision.pk}", by=by, at=at
    )


def _hold(exam: Exam, region_code: str) -> None:
    """One decision of a region at a time, the first one too, when there is no row yet to hold."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s)", [crc32(f"keju/venues/{exam.pk}/{region_code}".encode())]
        )


def _own(by: Actor, region_code: str) -> None:
    if not path_of(region_code).startswith(by.office_path or "-"):
        raise NotPermitted(MAY_OVERRIDE, hidden=True)
