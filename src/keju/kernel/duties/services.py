"""Opening, discharging, withdrawing and escalating obligations."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.conf import settings

from keju.kernel.audit import record, write
from keju.kernel.duties import clockwork, escalation, manual
from keju.kernel.duties.cases import owe
from keju.kernel.duties.closing import close, narrow_rows, withdraw_rows
from keju.kernel.duties.plan import touched_by
from keju.kernel.duties.renewing import reopen
from keju.kernel.duties.settling import Settled, settle, specs_of
from keju.kernel.exams.models import Exam
from keju.kernel.exams.services import set_milestone
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import path_of

__all__ = [
    "discharge",
    "discharge_by_hand",
    "discharge_many",
    "escalate",
    "narrow_to_hosts",
    "open_known",
    "owe",
    "reach",
    "renew",
    "withdraw",
]

discharge_by_hand = manual.discharge_by_hand
# The mechanism works for the whole tree, whoever set it going: a point's report may begin its region's term.
MECHANISM = Actor.system("duties")


@write(None)
def reach(
    *,
    exam: Exam,
    key: str,
    when: datetime,
    office_path: str = "/",
    offices: Collection[str] | None = None,
    by: Actor,
    at: datetime,
) -> Settled:
    """The milestone is set and every duty counted from it, or repeated until it, is open with its due date.

    `offices`: codes of the offices that alone reach it (the host points notified); else all in the subtree of
    `office_path`. Reaching it again with another moment moves the due dates of what is not yet discharged.
    """
    paths = [office_path] if offices is None else sorted(path_of(code) for code in offices)
    specs = [spec for spec in specs_of(exam) if touched_by(spec, key)]
    results = []
    with acting(MECHANISM):
        for path in paths:
            set_milestone(exam=exam, key=key, when=when, office_path=path, by=by, at=at)
        for path in paths:
            results.append(settle(exam, specs, at=at, office_path=path, revive=offices is not None))
    done = _sum(results)
    record(
        "duties.milestone.reached",
        by=by,
        at=at,
        subject=f"milestone:{key}",
        rules={spec.rule for spec in specs},
        exam=exam.slug,
        office_path=office_path,
        data={"key": key, "when": when, "offices": sorted(offices or []), **_counts(done)},
    )
    return done


@write(None)
def open_known(*, exam: Exam, office_path: str = "/", by: Actor, at: datetime) -> Settled:
    """Every duty whose milestone is known is open, also of offices that joined since, and today's reports."""
    with acting(MECHANISM):
        done = settle(exam, specs_of(exam), at=at, office_path=office_path)
    record(
        "duties.calendar.settled",
        by=by,
        at=at,
        subject=f"exam:{exam.slug}",
        exam=exam.slug,
        office_path=office_path,
        data=_counts(done),
    )
    return done


@write(None)
def discharge_many(
    *,
    exam: Exam,
    rule: str,
    owners: Collection[str],
    evidence: str,
    by: Actor,
    at: datetime,
    file: str | None = None,
    creditor: str | None = None,
    day: date | None = None,
) -> int:
    """The offices have done the duty: their obligations are closed with the evidence; closed ones stay.

    `rule`: clause ("V5.4") or duty code ("V15.9.2/point"). `creditor`: only what is owed to that office.
    `day`: of a daily duty, today by default. What is done before its term begins counts as done when it does.
    Returns how many were closed.
    """
    specs = [spec for spec in specs_of(exam) if rule in (spec.rule, spec.code)]
    with acting(MECHANISM):
        closed = close(
            exam, specs, owners, evidence=evidence, file=file, creditor=creditor, day=day, by=by.ref, at=at
        )
    record(
        "duties.obligation.discharged",
        by=by,
        at=at,
        subject=f"duty:{rule}",
        rules={spec.rule for spec in specs},
        exam=exam.slug,
        data={"owners": sorted(owners), "closed": closed, "evidence": evidence, "file": file or ""},
    )
    return closed


@write(None)
def discharge(
    *,
    exam: Exam,
    rule: str,
    owner: str,
    evidence: str,
    by: Actor,
    at: datetime,
    file: str | None = None,
    creditor: str | None = None,
    day: date | None = None,
) -> int:
    """As `discharge_many`, for one office (its code)."""
    return discharge_many(
        exam=exam,
        rule=rule,
        owners=[owner],
        evidence=evidence,
        by=by,
        at=at,
        file=file,
        creditor=creditor,
        day=day,
    )


@write(None)
def renew(
    *,
    exam: Exam,
    rule: str,
    owner: str,
    because: str,
    begins: datetime,
    creditor: str | None = None,
    by: Actor,
    at: datetime,
) -> int:
    """The office owes again what it had done: a whole term from `begins` on, as nobody may be left without one.

    What is still open keeps its date. The former proof stands in the audit log. Returns how many are open again.
    """
    with acting(MECHANISM):
        rows = reopen(exam, rule, owner, creditor, because=because, begins=begins)
    record(
        "duties.obligation.renewed",
        by=by,
        at=at,
        subject=f"duty:{rule}",
        rules={row.rule for row in rows} or [rule.split("/", maxsplit=1)[0]],
        exam=exam.slug,
        data={"owner": owner, "renewed": len(rows), "because": because, "due": [row.due_at for row in rows]},
    )
    return len(rows)


@write(None)
def withdraw(*, exam: Exam, rule: str, owners: Collection[str], because: str, by: Actor, at: datetime) -> int:
    """The offices no longer owe the duty, by a decision with a reason; done ones stay. Returns how many."""
    with acting(MECHANISM):
        ended = withdraw_rows(exam, rule, owners, because=because, at=at)
    record(
        "duties.obligation.withdrawn",
        by=by,
        at=at,
        subject=f"duty:{rule}",
        rules=[rule.split("/", maxsplit=1)[0]],
        exam=exam.slug,
        data={"owners": sorted(owners), "ended": ended, "because": because},
    )
    return ended


@write(None)
def narrow_to_hosts(
    *, exam: Exam, office_path: str, hosts: Collection[str], because: str, by: Actor, at: datetime
) -> tuple[int, int]:
    """Of the points in the subtree these alone host: what only hosts owe is open or done of them, as the calendar says now,
    and has ended without being done of the others, with the reason. Returns how many ended and how many came back."""
    specs = [spec for spec in specs_of(exam) if spec.hosts_only]
    with acting(MECHANISM):
        codes = [spec.code for spec in specs]
        ended, back = narrow_rows(exam, codes, office_path, hosts, because=because, at=at)
        if back:
            settle(exam, specs, at=at, office_path=office_path)
    record(
        "duties.obligation.narrowed",
        by=by,
        at=at,
        subject=f"offices:{office_path}",
        rules=sorted({spec.rule for spec in specs}),
        exam=exam.slug,
        office_path=office_path,
        data={"hosts": sorted(hosts), "ended": ended, "back": back, "because": because},
    )
    return ended, back


def escalate(*, exam: Exam, by: Actor, at: datetime, every: timedelta | None = None) -> int:
    """Overdue obligations have climbed: to the next office up, one further per `every`; each level once.

    Each office told gets one notice listing what is late; today's daily reports are open. Called every minute: with
    nothing to do it leaves no trace. Returns how many obligations climbed.
    """
    step = every or getattr(settings, "DUTIES_ESCALATE_EVERY", escalation.EVERY)
    with acting(MECHANISM):
        lacking, waiting = clockwork.is_lacking(exam, at), clockwork.is_waiting(exam, at, step)
    if lacking:
        open_known(exam=exam, by=by, at=at)
    return _climb(exam=exam, step=step, by=by, at=at) if waiting else 0


@write(None)
def _climb(*, exam: Exam, step: timedelta, by: Actor, at: datetime) -> int:
    with acting(MECHANISM):
        climbed, told = escalation.climb(exam, by=by, at=at, every=step)
    record(
        "duties.obligations.escalated",
        by=by,
        at=at,
        subject=f"exam:{exam.slug}",
        exam=exam.slug,
        data={"climbed": climbed, "told": told},
    )
    return climbed


def _sum(results: list[Settled]) -> Settled:
    return Settled(
        opened=sum(r.opened for r in results),
        moved=sum(r.moved for r in results),
        withdrawn=sum(r.withdrawn for r in results),
    )


def _counts(done: Settled) -> dict[str, int]:
    return {"opened": done.opened, "moved": done.moved, "withdrawn": done.withdrawn}
