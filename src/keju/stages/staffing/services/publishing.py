"""Publishing rosters: frozen for ever, with what changed, and everybody concerned told."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from keju.kernel.accounts.sealed import index_of, seal
from keju.kernel.audit import Stale, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.notices import services as notices
from keju.kernel.offices import Actor
from keju.kernel.offices.bulk import insert_rows
from keju.kernel.offices.queries import office
from keju.rulebook import enforce
from keju.rulebook.words import t
from keju.stages.staffing import events
from keju.stages.staffing.models import FrozenShift, Roster, RosterVersion
from keju.stages.staffing.queries import rosters as queries
from keju.stages.staffing.queries.rosters import Made
from keju.stages.staffing.rules import rosters as rules
from keju.stages.staffing.services.refused import on_record
from keju.stages.staffing.services.rostering import entered, held

COLUMNS = (
    "roster_id", "number", "exam_id", "office_path", "uid", "sequence", "gone", "member_id", "name", "post", "starts_at",
    "ends_at", "place", "phone",
)  # fmt: skip
TITLE = t("值守安排", "Your duty")
SAID = t(
    "{exam}：您在{office}的{kind}有新的安排，从{when}开始。请向该单位确认时间、地点，并索取日历链接。",
    "{exam}: {kind} at {office} has changed for you; you first stand on {when}. Ask the office for time, place and the link "
    "to your calendar.",
)
FREED = t(
    "{exam}：您在{office}的{kind}已取消，不再安排您值守。",
    "{exam}: you no longer stand on {kind} at {office}.",
)


@on_record
@write("staffing:roster:make")
def publish_rosters(
    *,
    exam: Exam,
    roster_ids: Sequence[int],
    reason: str = "",
    expected: Mapping[int, int] | None = None,
    by: Actor,
    at: datetime,
) -> list[RosterVersion]:
    """Every roster has a further version in force, with its shifts as they stand; whoever has new ones, others, or none any
    more is told. Returned in the order of the rosters' ids.

    Refused with nothing published: hours not covered where the clause is enforced, somebody without a telephone, a further
    version that changes nothing or says no reason. `Stale` if somebody moved first. Tellings go out by SMS, in a
    rehearsal none.
    """
    rows = held(exam, {pk: (expected or {}).get(pk) for pk in roster_ids}, by)
    found = queries.made(exam, rows)
    enforce(r for made in found for r in refusals(exam, made, reason))
    people = queries.eligible(exam, rows)
    for made in found:
        unfit = queries.unfit_reason(people[made.roster.pk], [line.row.member_id for line in made.lines])
        enforce(rules.check_standing(made.kind, [line.standing for line in made.lines], unfit, made.floors))
    former = queries.frozen_of(rows)
    versions, frozen = [], []
    for made in found:
        version, shifts = _frozen(made, former.get(made.roster.pk, []), reason, by, at)
        versions.append(version)
        frozen += shifts
    RosterVersion.objects.bulk_create(versions, batch_size=1000)
    insert_rows("staffing_frozen_shift", COLUMNS, (_cells(row) for row in frozen))
    for row in rows:
        row.published += 1
        row.version += 1
    try:
        with transaction.atomic():
            Roster.objects.bulk_update(rows, ["published", "version"], batch_size=1000)
    except IntegrityError as clash:  # somebody on it was given a key of the store meanwhile (V12.2.4)
        raise Stale from clash
    hashes = [v.content_hash for v in versions]
    entered(
        events.ROSTERS_PUBLISHED,
        exam,
        rows,
        {made.kind.rule for made in found},
        {
            "versions": [v.number for v in versions[:200]],
            "digest": hashlib.sha256("\n".join(hashes).encode()).hexdigest(),
            "shifts": sum(1 for row in frozen if not row.gone),
            "reason": reason.strip()[:300],
        },
        by,
        at,
    )
    if not exam.is_rehearsal:
        _tell(exam, found, former, frozen, by, at)
    return versions


def refusals(exam: Exam, made: Made, reason: str) -> list[Any]:
    """What stands against publishing the roster as it is, also for the page to tell beforehand."""
    return list(
        rules.check_publish(
            made.kind,
            enforced=queries.enforced(exam, made.kind),
            known=bool(made.wanted),
            found=made.gaps,
            shifts=[line.standing for line in made.lines],
            changed=made.changed,
            again=made.roster.published > 0,
            reason=reason,
        )
    )


def _frozen(
    made: Made, former: Sequence[FrozenShift], reason: str, by: Actor, at: datetime
) -> tuple[RosterVersion, list[FrozenShift]]:
    """The next version, and its rows: the shifts as they stand, and those ever struck out."""
    roster, number = made.roster, made.roster.published + 1
    was = {row.uid: row for row in former}
    rows, changes = [], {"new": [], "changed": [], "gone": []}  # type: ignore[var-annotated]
    for line in made.lines:
        old, r = was.pop(line.row.uid, None), line.row
        phone = r.phone or r.member.person.phone
        row = FrozenShift(
            roster=roster, number=number, exam_id=roster.exam_id, office_path=roster.office_path, uid=r.uid, sequence=0,
            member_id=r.member_id, name=line.name, post=line.post, starts_at=r.starts_at, ends_at=r.ends_at,
            place=r.place, phone=phone,
        )  # fmt: skip
        if old is None:
            changes["new"].append(str(r.uid))
        elif queries.key_of(old) != queries.key_of(r) or old.gone:
            row.sequence = old.sequence + 1
            changes["changed"].append(str(r.uid))
        else:
            row.sequence = old.sequence
        rows.append(row)
    for old in was.values():
        if not old.gone:
            changes["gone"].append(str(old.uid))
        rows.append(_struck(old, number))
    content = [
        [str(r.uid), r.sequence, r.gone, r.member_id, r.starts_at.isoformat(), r.ends_at.isoformat(), r.place,
         index_of(r.phone, "phone").hex()]
        for r in sorted(rows, key=lambda r: str(r.uid))
    ]  # fmt: skip
    version = RosterVersion(
        roster=roster,
        exam_id=roster.exam_id,
        office_path=roster.office_path,
        number=number,
        content_hash=hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest(),
        changes=changes,
        reason=reason.strip()[:300],
        published_by=by.ref,
        published_at=at,
    )
    return version, rows


def _struck(old: FrozenShift, number: int) -> FrozenShift:
    return FrozenShift(
        roster_id=old.roster_id, number=number, exam_id=old.exam_id, office_path=old.office_path, uid=old.uid,
        sequence=old.sequence if old.gone else old.sequence + 1, gone=True, member_id=old.member_id, name=old.name,
        post=old.post, starts_at=old.starts_at, ends_at=old.ends_at, place=old.place, phone=old.phone,
    )  # fmt: skip


def _cells(r: FrozenShift) -> tuple[object, ...]:
    return (
        r.roster_id, r.number, r.exam_id, r.office_path, r.uid, r.sequence, r.gone, r.member_id, r.name, r.post,
        r.starts_at, r.ends_at, r.place, seal(r.phone),
    )  # fmt: skip


def _tell(
    exam: Exam,
    found: Sequence[Made],
    former: Mapping[int, Sequence[FrozenShift]],
    frozen: Sequence[FrozenShift],
    by: Actor,
    at: datetime,
) -> None:
    """One message to everybody who stands at other hours than before, or no longer, by their own telephone."""
    told = 0
    for made in found:
        now, was = (
            _by_member(frozen, made.roster.pk),
            _by_member(former.get(made.roster.pk, ()), made.roster.pk),
        )
        members = queries.members_named({m for m in {*now, *was} if now.get(m) != was.get(m)})
        for pk, member in sorted(members.items()):
            if not member.person.phone:
                continue
            facts = {
                "exam": exam.name,
                "office": office(made.roster.office_code).name,
                "kind": made.kind.name,
            }
            hours = now.get(pk)
            words = SAID.format(**facts, when=min(hours)[0]) if hours else FREED.format(**facts)
            notices.dispatch(
                channel="sms",
                to=member.person.phone,
                kind="staffing.roster",
                title=TITLE,
                words=words,
                exam=exam,
                office_path=made.roster.office_path,
                language="zh",
                by=by,
                at=at,
            )
            told += 1
    record(
        events.SHIFTS_TOLD,
        by=by,
        at=at,
        subject="rosters",
        exam=exam.slug,
        data={"told": told, "rosters": [made.roster.pk for made in found[:200]]},
    )


def _by_member(rows: Sequence[FrozenShift], roster_id: int) -> dict[int, set[tuple[datetime, datetime, str]]]:
    found: dict[int, set[tuple[datetime, datetime, str]]] = {}
    for row in rows:
        if row.roster_id == roster_id and not row.gone:
            found.setdefault(row.member_id, set()).add((row.starts_at, row.ends_at, row.place))
    return found
