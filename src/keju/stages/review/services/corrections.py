"""Changing the data: at the counter before the first review, afterwards by a correction that another person approves."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from keju.kernel.accounts.sealed import seal
from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.notices.services import tell_candidates
from keju.kernel.offices import Actor
from keju.rulebook import RuleRefused, enforce
from keju.rulebook.words import Words, t
from keju.stages.announcement import queries as announcement
from keju.stages.registration import queries as registration
from keju.stages.registration import services as registering
from keju.stages.review import events, queries, rules
from keju.stages.review.models import Correction
from keju.stages.review.services.forms import void_prints

APPROVED = t(
    "您的信息更正已批准。此前打印的报名表作废，请到考点核对新的报名表并签字。",
    "Your correction is approved. Earlier prints of the form are void: check and sign the new one at your point.",
)
REFUSED = t("您的信息更正没有批准，原因：{reason}", "Your correction was refused: {reason}")


@dataclass(frozen=True)
class Wish:
    """A correction to ask for. `changes`: field → new value; `version`: of the registration that was seen."""

    registration_id: int
    changes: Mapping[str, str]
    reason: str
    version: int = 0


@write("review:first:decide")
def mend(
    *,
    exam: Exam,
    registration_id: int,
    changes: Mapping[str, str],
    reason: str,
    version: int,
    by: Actor,
    at: datetime,
) -> int:
    """What the candidate found wrong on the print for checking is put right, before the first review. Prints are void.

    Returns the new version of the data. `Stale` once the first review is decided.
    """
    row = registration.row(viewer=by, exam=exam, registration_id=registration_id)
    if row.state != "submitted" or row.version != version:
        raise Stale
    windows = announcement.windows(exam, f"/{row.region_code}/")
    enforce(rules.check_confirmation_open(at, windows.confirmation_opens, windows.confirmation_ends))
    real = queries.differences(registering.amendable(exam=exam, registration_id=registration_id), changes)
    enforce(rules.check_change(real, reason))
    new = registering.amend(
        exam=exam,
        registration_id=registration_id,
        changes={key: after for key, (_, after) in real.items()},
        version=version,
        by=by,
        at=at,
    )
    void_prints(exam=exam, registration_id=registration_id, version=new, by=by, at=at)
    record(
        events.DATA_MENDED,
        by=by,
        at=at,
        subject=f"registration:{registration_id}",
        exam=exam.slug,
        office_path=row.office_path,
        rules=["V5.3.2b"],
        data={"fields": sorted(real), "reason": reason.strip(), "version": new},
    )
    return new


@write("registration:own:edit")
def ask_correction(
    *, exam: Exam, changes: Mapping[str, str], reason: str, by: Actor, at: datetime
) -> Correction:
    """The candidate's own request is with the point and the region. One waits at a time."""
    own = registration.own(viewer=by, exam=exam)
    if own is None or own.candidate_id != by.candidate_id:
        raise NotPermitted(hidden=True)
    return _ask(exam, [Wish(own.pk, changes, reason)], by, at)[0]


@write("review:first:decide")
def report_corrections(*, exam: Exam, wishes: Sequence[Wish], by: Actor, at: datetime) -> list[Correction]:
    """A clerk asks for them, with the candidates' papers in hand; another person decides. All or none."""
    return _ask(exam, wishes, by, at)


def _ask(exam: Exam, wishes: Sequence[Wish], by: Actor, at: datetime) -> list[Correction]:
    ids = [wish.registration_id for wish in wishes]
    rows = registration.rows_of(viewer=by, exam=exam, ids=ids)
    if set(ids) - set(rows):
        raise NotPermitted(hidden=True)
    made = []
    for wish in wishes:
        row = rows[wish.registration_id]
        if row.state != "confirmed" or wish.version not in (0, row.version):
            raise Stale
        real = queries.differences(registering.amendable(exam=exam, registration_id=row.id), wish.changes)
        enforce(rules.check_change(real, wish.reason))
        after = {key: new for key, (_, new) in real.items()}
        enforce(
            [
                *queries.against_correction(exam=exam, row=row, changes=real),
                *registering.against_amendment(exam=exam, registration_id=row.id, changes=after),
            ]
        )
        made.append(
            Correction(
                exam=exam,
                registration_id=row.id,
                candidate_id=row.candidate_id,
                office_path=row.office_path,
                fields=sorted(real),
                changes=seal(json.dumps(real, ensure_ascii=False, sort_keys=True)),
                reason=wish.reason.strip(),
                seen_version=row.version,
                asked_by=by.ref,
                asked_at=at,
            )
        )
    try:
        with transaction.atomic():
            for one in made:
                one.save(force_insert=True)
    except IntegrityError as error:
        raise Stale from error  # one waits already
    _record(events.CORRECTION_ASKED, exam, made, by, at)
    return made


@write("review:correction:decide")
def approve_corrections(
    *, exam: Exam, correction_ids: Sequence[int], by: Actor, at: datetime
) -> list[Correction]:
    """The registrations say what was asked for, in new versions; their prints are void, the candidates told. All or none.

    RuleRefused if the decider asked for one, or the rules stand against it by now; `Stale` if one was decided or its
    registration changed since.
    """
    found = _open(exam, correction_ids)
    rows = registration.rows_of(viewer=by, exam=exam, ids=[c.registration_id for c in found])
    refusals = [r for c in found for r in rules.check_approver(c.asked_by, by.ref)]
    for c in found:
        row, changes = rows[c.registration_id], json.loads(c.changes)
        if row.state != "confirmed" or row.version != c.seen_version:
            raise Stale
        refusals += queries.against_correction(exam=exam, row=row, changes=changes)
    if refusals:
        raise RuleRefused(dict.fromkeys(refusals))
    for c in found:
        after = {key: new for key, (_, new) in json.loads(c.changes).items()}
        c.new_version = registering.amend(
            exam=exam, registration_id=c.registration_id, changes=after, version=c.seen_version, by=by, at=at
        )
        void_prints(exam=exam, registration_id=c.registration_id, version=c.new_version, by=by, at=at)
        Correction.objects.filter(pk=c.pk).update(
            state="approved", new_version=c.new_version, decided_by=by.ref, decided_at=at
        )
    _tell(exam, found, "review.correction.approved", APPROVED, by, at)
    _record(events.CORRECTION_APPROVED, exam, found, by, at)
    return found


@write("review:correction:decide")
def refuse_correction(*, exam: Exam, correction_id: int, answer: str, by: Actor, at: datetime) -> Correction:
    """Nothing changes; the candidate reads why."""
    (found,) = _open(exam, [correction_id])
    enforce([*rules.check_approver(found.asked_by, by.ref), *rules.check_answer(answer)])
    Correction.objects.filter(pk=found.pk).update(
        state="refused", answer=answer.strip(), decided_by=by.ref, decided_at=at
    )
    words = REFUSED.format(reason=answer.strip())
    _tell(exam, [found], "review.correction.refused", words, by, at)
    _record(events.CORRECTION_REFUSED, exam, [found], by, at)
    return found


@write("review:first:decide")
def sign_corrections(*, exam: Exam, correction_ids: Sequence[int], by: Actor, at: datetime) -> None:
    """The candidates signed the form as it stands after the correction; the region may go on. All or none."""
    found = list(
        Correction.objects.select_for_update().filter(exam=exam, pk__among=correction_ids).order_by("pk")
    )
    if len(found) != len(set(correction_ids)):
        raise NotPermitted(hidden=True)
    if any(c.state != "approved" or c.signed_at is not None for c in found):
        raise Stale
    rows = registration.rows_of(viewer=by, exam=exam, ids=[c.registration_id for c in found])
    forms = queries.forms(viewer=by, exam=exam, versions={pk: row.version for pk, row in rows.items()})
    enforce(r for form in forms.values() for r in rules.check_form(form, signed=True))
    Correction.objects.filter(pk__among=correction_ids).update(signed_by=by.ref, signed_at=at)
    _record(events.CORRECTION_SIGNED, exam, found, by, at)


def _open(exam: Exam, correction_ids: Sequence[int]) -> list[Correction]:
    found = list(
        Correction.objects.select_for_update().filter(exam=exam, pk__among=correction_ids).order_by("pk")
    )
    if not found or len(found) != len(set(correction_ids)):
        raise NotPermitted(hidden=True)
    if any(c.state != "asked" for c in found):
        raise Stale
    return found


def _tell(exam: Exam, found: Sequence[Correction], kind: str, words: Words, by: Actor, at: datetime) -> None:
    for path in dict.fromkeys(c.office_path for c in found):
        ids = [c.candidate_id for c in found if c.office_path == path]
        tell_candidates(exam=exam, candidate_ids=ids, office_path=path, kind=kind, words=words, by=by, at=at)


def _record(kind: str, exam: Exam, found: Sequence[Correction], by: Actor, at: datetime) -> None:
    one = found[0] if len(found) == 1 else None
    record(
        kind,
        by=by,
        at=at,
        subject=f"registration:{one.registration_id}" if one else "registrations",
        exam=exam.slug,
        office_path=one.office_path if one else None,
        rules=["V5.3.2b"],
        data={"corrections": [c.pk for c in found], "fields": sorted({f for c in found for f in c.fields})},
    )
