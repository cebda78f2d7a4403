"""Disposal of recordings: after their term, by an order that two leaders sign, with a record of how it was done."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from keju.kernel.approvals import services as approvals
from keju.kernel.approvals.content import Content, Table, digest
from keju.kernel.approvals.effects import carries_out
from keju.kernel.approvals.models import Proposal
from keju.kernel.approvals.needing import Need
from keju.kernel.audit import record, write
from keju.kernel.calendar import CHINA
from keju.kernel.duties import services as duties
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.rulebook import Refusal, enforce
from keju.rulebook.words import t
from keju.stages.security import events
from keju.stages.security.models import Disposal, Recording
from keju.stages.security.models.recordings import APPROVED, DONE, PROPOSED
from keju.stages.security.queries import recordings as queries
from keju.stages.security.queries.inspecting import under
from keju.stages.security.rules import recordings as rules

KIND = "security.disposal"
VALID = timedelta(days=60)


@write("security:recording:keep")
def propose_disposal(
    *, exam: Exam, recording_ids: Sequence[int], reason: str, by: Actor, at: datetime
) -> Disposal:
    """The order over exactly these recordings waits for the leaders of the point and of the region."""
    rows = list(
        Recording.objects.filter(exam=exam, pk__in=list(recording_ids), **under(by.office_path)).order_by(
            "pk"
        )
    )
    clause, today = queries.clause(exam), at.astimezone(CHINA).date()
    gone = sum(row.disposed_at is not None for row in rows)
    enforce(rules.check_disposal(clause, [row.keep_until for row in rows], today, reason, gone))
    path = by.office_path
    order = Disposal.objects.create(
        exam=exam,
        office_path=path,
        office_code=by.office_code,
        recordings=[row.pk for row in rows],
        content_hash=_hash(rows),
        reason=reason.strip(),
        made_by=by.ref,
        made_at=at,
    )
    head = (
        t("考试地点", "Site"),
        t("考场", "Room"),
        t("场次", "Session"),
        t("介质", "Medium"),
        t("校验值", "Checksum"),
        t("保存至", "Kept until"),
    )
    content = Content(
        title=t("处置考场录像", "Disposal of recordings"),
        facts=[(t("理由", "Reason"), order.reason), (t("份数", "Recordings"), str(len(rows)))],
        tables=[
            Table(
                head,
                [
                    (r.site_code, str(r.room), str(r.session), r.medium, r.sha256, r.keep_until.isoformat())
                    for r in rows
                ],
            )
        ],
        place="security-disposals",
    )
    region = f"/{by.region_code}/"
    needs = [Need("region_leader", 1, region)]
    if path != region:
        needs.insert(0, Need("point_leader", 1, f"{region}{path.split('/')[2]}/"))
    proposal = approvals.propose(
        kind=KIND,
        subject=f"disposal:{order.pk}",
        exam=exam,
        office_path=path,
        content=content,
        content_hash=order.content_hash,
        needs=needs,
        expires_at=at + VALID,
        rules=[clause],
        by=by,
        at=at,
    )
    Disposal.objects.filter(pk=order.pk).update(proposal=proposal.pk)
    order.proposal = proposal.pk
    _event(
        exam, events.DISPOSAL_PROPOSED, order, {"proposal": proposal.pk, "hash": order.content_hash}, by, at
    )
    return order


@carries_out(KIND, t("处置考场录像", "Disposal of recordings"))
@write(None)
def approve_disposal(*, proposal: Proposal, by: Actor, at: datetime) -> Disposal:
    """The order is signed: what it lists may be destroyed, nothing else."""
    order = (
        Disposal.objects.select_for_update().select_related("exam").get(proposal=proposal.pk, state=PROPOSED)
    )
    rows = list(Recording.objects.filter(pk__in=order.recordings).order_by("pk"))
    approvals.consume(
        proposal_id=proposal.pk, kind=KIND, subject=proposal.subject, content_hash=_hash(rows), by=by, at=at
    )
    order.state = APPROVED
    order.save()
    _event(order.exam, events.DISPOSAL_APPROVED, order, {"proposal": proposal.pk}, by, at)
    return order


@write("security:recording:keep")
def dispose(*, exam: Exam, disposal_id: int, how: str, by: Actor, at: datetime) -> int:
    """What the signed order lists was destroyed, with a record of how. Returns how many recordings.

    With the last of the point its duty to keep them is done.
    """
    queries.disposal(exam, disposal_id, viewer=by)
    order = Disposal.objects.select_for_update().get(pk=disposal_id)
    clause = queries.clause(exam)
    refusals = [] if order.state == APPROVED else [Refusal(clause, "security_disposal_unsigned")]
    if not how.strip():
        refusals.append(Refusal(clause, "security_no_evidence", field="how"))
    enforce(refusals)
    n = Recording.objects.filter(pk__in=order.recordings, disposed_at=None).update(
        disposed_at=at, disposal=order
    )
    order.state, order.record, order.done_by, order.done_at = DONE, how.strip(), by.ref, at
    order.save()
    _event(exam, events.RECORDINGS_DISPOSED, order, {"recordings": order.recordings, "count": n}, by, at)
    for point in sorted({row.site_code[:4] for row in Recording.objects.filter(pk__in=order.recordings)}):
        if not Recording.objects.filter(exam=exam, disposed_at=None, site_code__startswith=point).exists():
            _kept(exam, point, f"disposal {order.pk}", by, at)
    return n


@write("security:recording:keep")
def report_kept(*, exam: Exam, point_code: str, by: Actor, at: datetime) -> int:
    """The term is over and the point still has what it did not destroy by order: its duty is done. Returns how many duties
    were closed. What never was entered is named in the evidence."""
    rows = Recording.objects.filter(
        exam=exam, disposed_at=None, site_code__startswith=point_code, **under(by.office_path)
    )
    terms = list(rows.values_list("keep_until", flat=True))
    enforce(rules.check_disposal(queries.clause(exam), terms, at.astimezone(CHINA).date(), "kept", 0))
    missing = len(queries.gaps(exam, path_of(point_code), at))
    return _kept(exam, point_code, f"{len(terms)} recordings kept, {missing} missing", by, at)


def _kept(exam: Exam, point: str, evidence: str, by: Actor, at: datetime) -> int:
    closed = duties.discharge(exam=exam, rule="P2.2", owner=point, evidence=evidence, by=by, at=at)
    record(
        events.RECORDINGS_KEPT,
        by=by,
        at=at,
        subject=f"office:{point}",
        exam=exam.slug,
        rules=[queries.clause(exam)],
        data={"evidence": evidence},
    )
    return closed


def _hash(rows: Sequence[Recording]) -> str:
    return digest([[r.pk, r.site_code, r.room, r.session, r.sha256, r.keep_until.isoformat()] for r in rows])


def _event(exam: Exam, kind: str, order: Disposal, data: dict[str, object], by: Actor, at: datetime) -> None:
    record(
        kind,
        by=by,
        at=at,
        subject=f"disposal:{order.pk}",
        exam=exam.slug,
        office_path=order.office_path,
        rules=[queries.clause(exam)],
        data=data,
    )
