"""Papers are destroyed by order of the point's leader, watched by head and confidential officer (V16.2.1)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from keju.kernel.approvals import effects
from keju.kernel.approvals import services as approvals
from keju.kernel.approvals.content import Content, Table, digest
from keju.kernel.approvals.needing import Need
from keju.kernel.approvals.states import APPROVED, OPEN
from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.calendar import CHINA
from keju.kernel.documents.services import Printed, print_document
from keju.kernel.duties import services as duties
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office, path_of
from keju.rulebook import enforce
from keju.rulebook.words import current_language, t
from keju.stages.custody import events
from keju.stages.custody.documents.ending import destruction_record
from keju.stages.custody.models import Container, Destruction
from keju.stages.custody.queries import people
from keju.stages.custody.queries import returns as queries
from keju.stages.custody.queries.handovers import check_idle
from keju.stages.custody.rules import ending as rules
from keju.stages.custody.rules.chain import GONE, Act, Change
from keju.stages.custody.services.chain import carry_out
from keju.stages.custody.services.half_day import HEAD, OFFICER, RUN, STAFF
from keju.stages.custody.services.together import Signatures, Signing, sign_together, signed_before

ORDER, DONE = "custody.destruction", "custody.destroyed"
LASTS = timedelta(days=31)
effects.called(ORDER, t("批准销毁试卷", "Order to destroy papers"))
effects.called(DONE, t("销毁试卷记录", "Record of destruction"))


@write(RUN)
def order(
    *,
    exam: Exam,
    point_code: str,
    container_ids: Collection[int],
    place: str,
    method: str,
    by: Actor,
    at: datetime,
) -> Destruction:
    """The order waits for the signature of the point's leader. Refused before the exam is over or for what must not be burnt.

    Asked for once more, it is the order that waits already.
    """
    bags = queries.endings(exam, point_code, viewer=by, ids=container_ids)
    if len(bags) != len(set(container_ids)):
        raise NotPermitted(hidden=True)
    enforce(
        [
            *rules.check_destroyable(list(bags.values()), exams.sessions(exam)[-1].ends_at, at),
            *check_idle({pk: bag.code for pk, bag in bags.items()}),
            *rules.check_how(method=method, place=place),
        ]
    )
    path = path_of(point_code)
    said = {
        "exam": exam, "point_code": point_code, "place": place.strip()[:120], "method": method.strip()[:120],
        "containers": sorted(bags),
    }  # fmt: skip
    waiting = Destruction.objects.filter(
        **said, done_at=None, order__state__in=(OPEN, APPROVED), order__expires_at__gt=at
    ).first()
    if waiting is not None:
        record(
            events.REPEATED, by=by, at=at, subject=f"destruction:{waiting.pk}", exam=exam.slug, office_path=path,
            data={"bags": len(bags)},
        )  # fmt: skip
        return waiting
    row = Destruction.objects.create(
        **said, office_path=path, papers=sum(b.to_destroy for b in bags.values()), ordered_by=by.ref, ordered_at=at,
    )  # fmt: skip
    row.order = approvals.propose(
        kind=ORDER, subject=f"destruction:{row.pk}", exam=exam, office_path=path, content=_content(row, bags),
        needs=[Need("point_leader", 1, path)], expires_at=at + LASTS, rules=["V16.2.1"], by=by, at=at,
    )  # fmt: skip
    row.save(update_fields=["order"])
    record(
        events.DESTRUCTION_ORDERED,
        by=by,
        at=at,
        subject=f"destruction:{row.pk}",
        exam=exam.slug,
        office_path=path,
        rules=["V16.2.1"],
        data={"bags": len(bags), "papers": row.papers, "place": row.place, "method": row.method},
    )
    return row


@write(RUN)
def destroy(
    *,
    exam: Exam,
    destruction_id: int,
    key: UUID,
    head: int,
    officer: int,
    staff: Sequence[int],
    codes: Mapping[int, str],
    by: Actor,
    at: datetime,
) -> Signatures:
    """When all who watched and did it have signed, the papers exist no more; with the last bag the point's duty is done.

    Refused without the leader's signature under exactly these bags and counts.
    """
    subject = f"destruction:{destruction_id}"
    before = signed_before(exam, key, lambda row: row.subject == subject, by, at)
    if before is not None:
        return before
    row = queries.destruction(exam, destruction_id, viewer=by)
    if row.done_at is not None or row.order is None:
        raise Stale
    site = f"{row.point_code}-01"
    team, path = people.team(exam, site), row.office_path
    bags = queries.endings(exam, row.point_code, viewer=by, ids=row.containers)
    enforce(
        [
            *rules.check_destroyable(list(bags.values()), exams.sessions(exam)[-1].ends_at, at),
            *check_idle({pk: bag.code for pk, bag in bags.items()}),
            *rules.check_record(
                watchers=[head, officer],
                heads=[p.person_id for p in team.heads],
                officers=[p.person_id for p in team.officers],
                staff={p.person_id for p in team.staff} & set(staff),
            ),
        ]
    )
    doing = [p for p in staff if p not in (head, officer)]
    signed = sign_together(
        kind=DONE,
        subject=f"destroyed:{row.pk}",
        exam=exam,
        office_path=path,
        content=_content(row, bags),
        needs=[Need(HEAD, 1, path), Need(OFFICER, 1, path), Need(STAFF, len(doing), path)],
        signings=[
            Signing(p, team.name_of(p), post, path, codes.get(p, ""))
            for p, post in ((head, HEAD), (officer, OFFICER), *((p, STAFF) for p in doing))
        ],
        rules=["V16.2.1"],
        by=by,
        at=at,
    )
    if signed.is_whole:
        approvals.consume(
            proposal_id=row.order.pk, kind=ORDER, subject=f"destruction:{row.pk}", content_hash=digest(_content(row, bags)),
            by=by, at=at,
        )  # fmt: skip
        changes = {
            pk: Change(place=GONE, place_path=path, counts=rules.destroyed(bag.counts))
            for pk, bag in bags.items()
        }
        carry_out(
            exam=exam, key=key, act=Act.DESTROYED, changes=changes, office_path=path, subject=f"destruction:{row.pk}",
            proposal_id=signed.proposal.pk, rules=["V16.2.1"], by=by, at=at,
        )  # fmt: skip
        row.record, row.head_id, row.officer_id = signed.proposal, head, officer
        row.staff, row.done_at, row.done_by = [team.name_of(p) for p in doing], at, by.ref
        row.save(update_fields=["record", "head", "officer", "staff", "done_at", "done_by"])
        bags_left = queries.endings(exam, row.point_code, viewer=by).values()
        left = sum(
            b.to_destroy for b in bags_left if not b.to_return
        )  # such a bag goes to the centre as it is
        if not left:
            duties.discharge(
                exam=exam,
                rule="V16.2.1",
                owner=row.point_code,
                evidence=f"destruction:{row.pk}",
                by=by,
                at=at,
            )
        record(
            events.DESTROYED,
            by=by,
            at=at,
            subject=f"destruction:{row.pk}",
            exam=exam.slug,
            office_path=path,
            rules=["V16.2.1"],
            data={"bags": len(bags), "papers": row.papers, "left": left, "head": head, "officer": officer},
        )
    return signed


@write(RUN)
def print_destruction(*, exam: Exam, destruction_id: int, by: Actor, at: datetime) -> Printed:
    """The record on paper: who approved, who watched, who did it, when, where, how, and every bag."""
    row = queries.destruction(exam, destruction_id, viewer=by)
    if row.done_at is None or row.order is None:
        raise Stale
    signature = row.order.signatures.order_by("pk").first()
    bags = Container.objects.filter(pk__in=row.containers).order_by("code").select_related("holding")
    printed = print_document(
        kind="destruction_record",
        template="custody/destruction",
        data=destruction_record(
            exam=t(exam.name_zh, exam.name_en),
            point=office(row.point_code).name,
            approved=(
                signature.signer_name if signature else "",
                _when(signature.signed_at) if signature else "",
            ),
            watchers=[row.head.name if row.head else "", row.officer.name if row.officer else ""],
            staff=row.staff,
            at=_when(row.done_at),
            place=row.place,
            method=row.method,
            bags=[_row(b) for b in bags],
        ),
        exam=exam,
        subject=f"destruction:{row.pk}",
        office_path=row.office_path,
        language=current_language(),
        by=by,
        at=at,
    )
    record(
        events.DESTRUCTION_PRINTED,
        by=by,
        at=at,
        subject=f"destruction:{row.pk}",
        exam=exam.slug,
        office_path=row.office_path,
        rules=["V16.2.1"],
        data={"copy": printed.record.copy},
    )
    return printed


def _row(b: Container) -> tuple[str, str, int, int, str, int, int]:
    serials = f"{b.first_serial}–{b.last_serial}"
    return b.code, b.site_code, b.session, b.room, serials, b.holding.destroyed, b.holding.missing


def _when(moment: datetime) -> str:
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


def _content(row: Destruction, bags: Mapping[int, rules.Ending]) -> Content:
    rows = [
        (bag.code, str(bag.counts.used), str(bag.counts.unused), str(bag.counts.missing))
        for bag in bags.values()
    ]
    return Content(
        title=t("销毁试卷", "Destroy papers"),
        facts=[
            (t("考点", "Point"), row.point_code),
            (t("地点", "Place"), row.place),
            (t("方式", "Method"), row.method),
            (t("袋数", "Bags"), str(len(bags))),
            (t("份数", "Papers"), str(row.papers)),
        ],
        tables=[
            Table(
                [t("编号", "Code"), t("已用", "Used"), t("未用", "Unused"), t("缺失", "Missing")],
                sorted(rows),
            )
        ],
        place="custody-destruction",
        place_args={"destruction_id": row.pk},
    )
