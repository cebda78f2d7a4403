"""Recusal: members declare, the database compares (ADR 18), hits are put on record, told to the office above, decided.

One declaration is a list of one. The comparison itself is nowhere here: triggers do it in the transaction of whatever
changes. What two transactions at once could not see of each other, `look_again` sees a moment later.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import connection

from keju.algorithms.identity import Document
from keju.kernel.accounts.queries import document_index, is_same_human, own_ids
from keju.kernel.accounts.sealed import seal
from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.calendar import CHINA
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.files import scans
from keju.kernel.files.services import NewFile, store_many
from keju.kernel.notices.services import deliver
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.bulk import insert_rows, insert_rows_returning
from keju.kernel.offices.models import Office
from keju.rulebook import Refusal, enforce
from keju.rulebook.words import t
from keju.stages.staffing import events
from keju.stages.staffing.models import LIVING, Accountability, Appointment, Decision, Hit, Member
from keju.stages.staffing.queries import recusal as queries
from keju.stages.staffing.rules import recusal as rules
from keju.stages.staffing.rules.recusal import NewDeclaration
from keju.stages.staffing.services.hints import address_index

NATION = Actor.system("recusal")
"""Candidates and staff of the whole nation are compared, whoever changes one of them."""
DECLARED = ("exam_id", "member_id", "office_path", "number", "nobody", "relatives_count", "way", "statement", "scan",
            "address_index", "made_by", "made_at")  # fmt: skip
RELATED = (
    "declaration_id",
    "exam_id",
    "member_id",
    "office_path",
    "relation",
    "name",
    "identity",
    "identity_index",
)

# What is committed by now and was not looked at since: nothing that could have missed it began before this moment's fence.
FENCE = """
UPDATE staffing_watch SET fence = pg_snapshot_xmax(pg_current_snapshot())::text::bigint
WHERE NOT looked AND fence IS NULL
"""
# One statement, one snapshot: every transaction that could have missed the row is over and its registrations are seen.
LOOK = """
WITH due AS (
  UPDATE staffing_watch SET looked = true
  WHERE NOT looked AND fence <= pg_snapshot_xmin(pg_current_snapshot())::text::bigint RETURNING *)
INSERT INTO staffing_recusal_hit (exam_id, member_id, watch_id, registration_id, office_path, relation)
SELECT w.exam_id, w.member_id, w.id, r.id, w.office_path, w.relation
FROM due w JOIN registration_registration r ON (r.exam_id, r.identity_index) = (w.exam_id, w.identity_index)
WHERE r.state IN ('submitted', 'confirmed') AND NOT w.void
ON CONFLICT (watch_id, registration_id) DO NOTHING
"""
RECHECK = """
INSERT INTO staffing_recusal_hit (exam_id, member_id, watch_id, registration_id, office_path, relation)
SELECT w.exam_id, w.member_id, w.id, r.id, w.office_path, w.relation
FROM staffing_watch w JOIN registration_registration r ON (r.exam_id, r.identity_index) = (w.exam_id, w.identity_index)
WHERE w.exam_id = %s AND r.state IN ('submitted', 'confirmed') AND NOT w.void
ON CONFLICT (watch_id, registration_id) DO NOTHING
"""


@write("staffing:people:edit")
def declare(
    *, exam: Exam, declarations: Sequence[NewDeclaration], scan: bytes, by: Actor, at: datetime
) -> list[int]:
    """The office has entered what members signed on the paper of which this is the scan; ids in order. Refused by row, and
    none is entered; ValidationError for a scan that cannot be read.

    Only members whose home office is the actor's or below: relatives are known to the home office alone.
    """
    sha = ""
    if scan:
        page = scans.prepare(scan)
        file = NewFile(page.data, "declaration", page.content_type, by.office_path)
        (sha,) = store_many(files=[file], by=by, at=at)
    return _declare(exam, [replace(d, way=rules.PAPER, scan=sha) for d in declarations], by=by, at=at)


@write(None)
def declare_in_person(*, exam: Exam, declaration: NewDeclaration, by: Actor, at: datetime) -> int:
    """The member, behind a one-time link, has declared. `by` is the member."""
    with acting(NATION):
        own = Member.objects.filter(pk=declaration.member_id, person_id=by.person_id).exists()
        if not own:
            raise NotPermitted(hidden=True)
        said = replace(declaration, way=rules.LINK, scan="")
        return _declare(exam, [said], by=by, at=at)[0]


def _declare(exam: Exam, declarations: Sequence[NewDeclaration], *, by: Actor, at: datetime) -> list[int]:
    today = at.astimezone(CHINA).date()
    ids = sorted({d.member_id for d in declarations})
    members = {m.pk: m for m in Member.objects.select_for_update().filter(pk__among=ids).order_by("pk")}
    if len(members) != len(ids) or len(ids) != len(declarations):
        raise NotPermitted("staffing:people:edit", hidden=True)
    enforce(r for d in declarations for r in rules.check_declaration(d, members[d.member_id].identity, today))
    before = queries.numbers(exam, ids)
    statement = rules.statement_hash()
    rows = [
        (
            exam.pk, d.member_id, members[d.member_id].office_path, before.get(d.member_id, 0) + 1, d.nobody,
            len(d.relatives), d.way, statement, d.scan, address_index(d.address), by.ref, at,
        )
        for d in declarations
    ]  # fmt: skip
    made = insert_rows_returning("staffing_declaration", DECLARED, rows)
    insert_rows("staffing_relative", RELATED, _relatives(exam, declarations, made, members))
    record(
        events.DECLARED,
        by=by,
        at=at,
        exam=exam.slug,
        subject=f"member:{ids[0]}" if len(ids) == 1 else "members",
        office_path=rows[0][2] if len(ids) == 1 else by.office_path or "/",
        rules=rules.CLAUSES,
        data={
            "count": len(ids),
            "relatives": sum(len(d.relatives) for d in declarations),
            "way": declarations[0].way,
        },
    )
    report_hits(exam=exam, by=by, at=at)
    return made


def _relatives(
    exam: Exam, declarations: Sequence[NewDeclaration], made: Sequence[int], members: dict[int, Member]
):  # rows, in the order of RELATED
    for pk, d in zip(made, declarations, strict=True):
        for relative in d.relatives:
            document = rules.document_of(relative)
            assert isinstance(document, Document)  # checked before
            yield (
                pk, exam.pk, d.member_id, members[d.member_id].office_path, relative.relation,
                seal(relative.name.strip()), seal(document.number), document_index(document),
            )  # fmt: skip


def keep_recusal(*, exam: Exam, by: Actor, at: datetime) -> int:
    """Every minute: what was missed in a race is found, and new hits are on record and told. Returns how many those were."""
    with acting(NATION), connection.cursor() as cursor:
        cursor.execute(FENCE)
        cursor.execute(LOOK)
        new = queries.unreported(exam).exists()
    return report_hits(exam=exam, by=by, at=at) if new else 0


def report_hits(*, exam: Exam, by: Actor, at: datetime) -> int:
    """Each hit of somebody who holds a post has its event, and the offices above were told. Returns how many.

    Without any it leaves no trace.
    """
    with acting(NATION):
        return _report(exam=exam, by=by, at=at) if queries.unreported(exam).exists() else 0


@write(None)
def _report(*, exam: Exam, by: Actor, at: datetime) -> int:
    rows = list(queries.unreported(exam).select_for_update(of=("self",)).order_by("pk"))
    Hit.objects.filter(pk__in=[h.pk for h in rows]).update(reported_at=at)
    told: dict[str, int] = {}
    for h in rows:
        record(
            events.HIT_FOUND,
            by=by,
            at=at,
            exam=exam.slug,
            subject=f"recusal:{h.pk}",
            office_path=h.office_path,
            rules=rules.CLAUSES,
            data={
                "member": h.member_id,
                "relation": h.relation,
                "registration": h.registration_id,
                "version": h.version,
            },
        )
        told[above(h.office_path)] = told.get(above(h.office_path), 0) + 1
    known = set(Office.objects.filter(code__in=told).values_list("code", flat=True))
    for code in sorted(known):
        deliver(
            exam=exam,
            title=t("回避：发现{n}项", "Recusal: {n} found").format(n=told[code]),
            body=t(
                "本单位所辖工作人员本人或其亲属报名参加了本次考试，共{n}项。有关岗位已停止生效，请在“考务人员—回避”中逐项查明并作出决定（V2.9）。",
                "{n} members of the staff below your office, or their relatives, have registered for this exam. Their"
                " posts are out of force. Look into each under Staff, Recusal, and decide (V2.9).",
            ).format(n=told[code]),
            to=[code],
            kind="recusal",
            by=NATION,
            at=at,
        )
    return len(rows)


def above(office_path: str) -> str:
    """The code of the office above that path's: the point for a site, the region for a point, else the nation's office."""
    parts = office_path.strip("/").split("/")
    return parts[-2] if len(parts) > 1 else "office"


@write("staffing:people:edit")
def recheck(*, exam: Exam, by: Actor, at: datetime) -> int:
    """Everybody watched was compared anew with everybody registered, nationwide. Returns the hits nobody had found."""
    with acting(NATION):
        with connection.cursor() as cursor:
            cursor.execute(RECHECK, [exam.pk])
            found = int(cursor.rowcount)
        record(
            events.RECHECKED,
            by=by,
            at=at,
            exam=exam.slug,
            subject=f"exam:{exam.slug}",
            office_path=by.office_path,
            rules=rules.CLAUSES,
            data={"found": found},
        )
        report_hits(exam=exam, by=by, at=at)
    return found


@write("staffing:recusal:decide")
def decide_hit(
    *,
    exam: Exam,
    hit_id: int,
    version: int,
    uphold: bool,
    cause: str = "",
    reason: str,
    by: Actor,
    at: datetime,
) -> None:
    """The hit stays a bar (`uphold`), or is released for the cause; decided by somebody above, who says why.

    Stale if it was decided or found again meanwhile.
    """
    hit = Hit.objects.filter(exam=exam, pk=hit_id, office_path__startswith=by.office_path or "-").first()
    if hit is None:
        raise NotPermitted("staffing:recusal:decide", hidden=True)
    with acting(
        NATION
    ):  # appointing and declaring wait for the member, so that what is decided on stays true
        member = Member.objects.select_for_update(of=("self",)).get(pk=hit.member_id)
        hit = (
            Hit.objects.select_for_update(of=("self",)).select_related("registration", "watch").get(pk=hit_id)
        )
        posts = Appointment.objects.filter(exam=exam, member=member, state__in=LIVING).count()
    if hit.version != version or hit.state == Hit.State.RELEASED:
        raise Stale
    standing = rules.Standing(hit.office_path, frozenset(own_ids(member.person_id)), posts, queries.sits(hit))
    enforce(
        [
            *rules.check_decider(standing, by.office_path, by.person_id),
            *rules.check_decision(standing, uphold=uphold, cause=cause, reason=reason),
        ]
    )
    cause = "" if uphold else cause
    state = Hit.State.UPHELD if uphold else Hit.State.RELEASED
    Hit.objects.filter(pk=hit.pk).update(state=state, cause=cause, version=version + 1)
    Decision.objects.create(
        hit=hit,
        office_path=hit.office_path,
        upheld=uphold,
        cause=cause,
        reason=reason.strip(),
        made_by=by.ref,
        made_at=at,
    )
    record(
        events.HIT_DECIDED,
        by=by,
        at=at,
        exam=exam.slug,
        subject=f"recusal:{hit.pk}",
        office_path=hit.office_path,
        rules=rules.CLAUSES,
        data={"member": hit.member_id, "upheld": uphold, "cause": cause},
    )


@write("staffing:appointment:consent")
def hold_to_account(
    *, exam: Exam, member_id: int, rule: str, what: str, measure: str, by: Actor, at: datetime
) -> int:
    """It stands on record that the member answered for a failing: what, by which clause, with what following from it."""
    member = Member.objects.filter(pk=member_id, office_path__startswith=by.office_path or "-").first()
    if member is None:
        raise NotPermitted("staffing:appointment:consent", hidden=True)
    known = exams.programme(exam).clause(rule) is not None
    enforce(rules.check_accountability(known, rule, what, measure))
    if is_same_human(by.person_id, member.person_id):
        enforce([Refusal("P3.1", "recusal_own_case")])
    row = Accountability.objects.create(
        exam=exam,
        member=member,
        office_path=member.office_path,
        office_code=by.office_code,
        rule=rule,
        what=what.strip(),
        measure=measure.strip(),
        decided_by=by.ref,
        decided_at=at,
    )
    record(
        events.HELD_TO_ACCOUNT,
        by=by,
        at=at,
        exam=exam.slug,
        subject=f"member:{member.pk}",
        office_path=member.office_path,
        rules=["P3.1", "P6.2", rule],
        data={"accountability": row.pk},
    )
    return int(row.pk)
