"""Submitting, editing, withdrawing. One candidate is a batch of one."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection

from keju.kernel.accounts.sealed import seal
from keju.kernel.accounts.services import Contact, NewCandidate, ensure_candidates, keep_contact
from keju.kernel.audit import Stale, record, write
from keju.kernel.calendar import CHINA
from keju.kernel.exams.models import Exam
from keju.kernel.notices.services import tell_candidates
from keju.kernel.offices import Actor
from keju.kernel.offices.bulk import insert_rows, insert_rows_returning
from keju.kernel.offices.queries import office
from keju.rulebook import Refusal, RuleRefused, enforce
from keju.rulebook.words import t
from keju.stages.announcement import queries as announcement
from keju.stages.registration import events, rules
from keju.stages.registration.models import Draft, Registration, State, Version
from keju.stages.registration.rules import Submission
from keju.stages.registration.services.judging import Accepted, SubmitResult, index_of, judge

COLUMNS = [
    *(
        "exam_id",
        "candidate_id",
        "office_path",
        "point_code",
        "state",
        "version",
        "identity",
        "identity_index",
        "document_kind",
        "country",
    ),
    *("phone", "email", "address", "name", "sex", "birth_on", "employer", "category", "route", "route_facts"),
    *("photo_sha256", "photo_overruled_by", "pledged_at", "submitted_at", "reason"),
]
#: what a change of the registration leaves as it is: whose it is and since when
KEPT = (
    *(
        "exam_id",
        "candidate_id",
        "state",
        "version",
        "identity",
        "identity_index",
        "document_kind",
        "country",
    ),
    "submitted_at",
)
#: no dates: they may be moved, and the page that it names says them as they are
SUBMITTED = t(
    "您的报名已登记，考点：{point}。还没有完：请在确认期限内本人到该考点现场确认，并缴纳考务费；逾期不确认，报名无效。"
    "去哪里、带什么、怎样缴费，见“我的考试”。",
    "You are registered at {point}. It is not finished yet: confirm there in person within the period and pay the fee; a "
    "registration that is not confirmed in time lapses. “My exam” says where to go, what to bring, and how to pay.",
)
VERSION_COLUMNS = ["registration_id", "candidate_id", "office_path", "number", "at", "by", "snapshot"]


@write("registration:own:edit")
def save_draft(
    *, exam: Exam, candidate_id: int, answers: Mapping[str, object], version: int, by: Actor, at: datetime
) -> int:
    """The wizard's answers so far are kept; returns the draft's new version. `Stale` if another tab saved first."""
    sealed = json.dumps(dict(answers), ensure_ascii=False)
    found = Draft.objects.select_for_update().filter(exam=exam, candidate_id=candidate_id).first()
    if found is None:
        if version:
            raise Stale
        _, made = Draft.objects.get_or_create(
            exam=exam, candidate_id=candidate_id, defaults={"answers": sealed, "saved_at": at}
        )
        if not made:
            raise Stale
        version = 1
    else:
        if found.version != version:
            raise Stale
        version += 1
        Draft.objects.filter(pk=found.pk).update(answers=seal(sealed), version=version, saved_at=at)
    record(
        events.DRAFT_SAVED,
        by=by,
        at=at,
        subject=f"candidate:{candidate_id}",
        exam=exam.slug,
        rules=["V5.2.1"],
        data={"version": version},
    )
    return version


@write("registration:own:edit")
def submit(
    *,
    exam: Exam,
    submissions: Sequence[Submission],
    candidate_ids: Sequence[int],
    by: Actor,
    at: datetime,
) -> list[SubmitResult]:
    """Each submission that no rule refuses is registered, in order; the others come back with their refusals.
    Who is registered is told.

    A single refused submission raises `RuleRefused` instead (its page shows the reasons). `candidate_ids` names the
    accounts, one per submission. One audit event a batch.
    """
    return _submit(exam, submissions, candidate_ids, by, at)


@write("registration:import:run")
def bring_in(*, exam: Exam, submissions: Sequence[Submission], by: Actor, at: datetime) -> list[SubmitResult]:
    """As `submit`, for forms that came on paper or in a workbook; accounts are made as needed."""
    return _submit(exam, submissions, None, by, at)


def _submit(
    exam: Exam,
    submissions: Sequence[Submission],
    candidate_ids: Sequence[int] | None,
    by: Actor,
    at: datetime,
) -> list[SubmitResult]:
    accepted, results = judge(exam, submissions, at)
    if len(submissions) == 1 and results[0].refusals:
        raise RuleRefused(results[0].refusals)
    if not accepted:
        record(events.SUBMITTED, by=by, at=at, subject="registrations", exam=exam.slug, data={"count": 0})
        return results
    places = [i for i, r in enumerate(results) if not r.refusals]
    owners = _owners(accepted, [candidate_ids[i] for i in places] if candidate_ids else None, by, at)
    try:
        ids = insert_rows_returning(
            "registration_registration", COLUMNS, (_row(exam, a, owners[a.index], at) for a in accepted)
        )
    except IntegrityError as error:
        # Somebody registered the same person a moment ago: the constraint is the judge, not the look-up before.
        if "registration_one_per_person" not in str(error):
            raise
        raise RuleRefused(rules.check_only_once(True)) from error
    insert_rows(
        "registration_version",
        VERSION_COLUMNS,
        (
            (pk, owners[a.index], a.office_path, 1, at, by.ref, seal(_snapshot(a.submission)))
            for pk, a in zip(ids, accepted, strict=True)
        ),
    )
    _throw_drafts(exam, [owners[a.index] for a in accepted])
    _keep_contacts([(owners[a.index], a.submission) for a in accepted], by, at)
    record(
        events.SUBMITTED,
        by=by,
        at=at,
        subject=f"registration:{ids[0]}" if len(ids) == 1 else "registrations",
        exam=exam.slug,
        office_path=accepted[0].office_path if len(ids) == 1 else None,
        rules=["V5.2.1", "V5.2.2", "V5.3.0", "V5.3.1b", "P8.2"],
        data={"count": len(ids), "first": ids[0], "last": ids[-1], "refused": len(submissions) - len(ids)},
    )
    _tell(exam, accepted, owners, by, at)
    for place, pk in zip(places, ids, strict=True):
        results[place] = SubmitResult(pk)
    return results


@write("registration:own:edit")
def edit(
    *, exam: Exam, registration_id: int, submission: Submission, version: int, by: Actor, at: datetime
) -> int:
    """The registration says what `submission` says; the former version is kept. Returns the new version number."""
    row = _own(exam, registration_id, version)
    document = rules.document_of(submission, at.astimezone(CHINA).date())
    if index_of(submission, document) != bytes(row.identity_index):
        enforce([Refusal("V5.3.0", "registration_other_person", field="identity")])
    if submission.point_code[:2] != row.point_code[:2]:
        # Who is closed in stays: another region may still be open, but the own one counts already.
        here = announcement.windows(exam, row.office_path)
        enforce(rules.check_window(at, here.registration_opens, here.registration_closes))
    accepted, results = judge(exam, [submission], at, editing=row)
    if results[0].refusals:
        raise RuleRefused(results[0].refusals)
    values = dict(zip(COLUMNS, _row(exam, accepted[0], row.candidate_id, at), strict=True))
    for kept in KEPT:
        values.pop(kept)
    values["route_facts"] = dict(submission.route_facts)
    if row.photo_sha256 == submission.photo_sha256:
        values["photo_overruled_by"] = row.photo_overruled_by
    Registration.objects.filter(pk=row.pk).update(**values, version=version + 1)
    Version.objects.create(
        registration=row,
        candidate_id=row.candidate_id,
        office_path=values["office_path"],
        number=version + 1,
        at=at,
        by=by.ref,
        snapshot=_snapshot(submission),
    )
    _throw_drafts(exam, [row.candidate_id])
    if (row.phone, row.email) != (submission.phone, submission.email):
        _keep_contacts([(row.candidate_id, submission)], by, at)
    _event(events.EDITED, exam, row, by, at, version=version + 1)
    return version + 1


@write("registration:own:edit")
def withdraw(
    *, exam: Exam, registration_id: int, version: int, reason: str = "", by: Actor, at: datetime
) -> None:
    """The registration is withdrawn and says why; the person may register anew while registration is open."""
    row = _own(exam, registration_id, version)
    windows = announcement.windows(exam, row.office_path)
    enforce(rules.check_window(at, windows.registration_opens, windows.registration_closes))
    Registration.objects.filter(pk=row.pk).update(
        state=State.WITHDRAWN, version=version + 1, decided_at=at, reason=reason.strip()[:300]
    )
    _throw_drafts(exam, [row.candidate_id])
    _event(events.WITHDRAWN, exam, row, by, at)


def _own(exam: Exam, registration_id: int, version: int) -> Registration:
    row = Registration.objects.select_for_update().get(exam=exam, pk=registration_id)
    if row.version != version or row.state != State.SUBMITTED:
        raise Stale
    return row


def _owners(
    accepted: Sequence[Accepted], candidate_ids: Sequence[int] | None, by: Actor, at: datetime
) -> dict[bytes, int]:
    if candidate_ids is not None:
        return {a.index: pk for a, pk in zip(accepted, candidate_ids, strict=True)}
    people = [
        NewCandidate(
            a.document.number,
            a.submission.name,
            a.submission.phone,
            email=a.submission.email,
            document_kind=a.document.kind,
            country=a.document.country,
        )
        for a in accepted
    ]
    return ensure_candidates(people=people, by=by, at=at)


def _tell(
    exam: Exam, accepted: Sequence[Accepted], owners: Mapping[bytes, int], by: Actor, at: datetime
) -> None:
    """Everybody registered has the news in the inbox, from the point where they are to confirm."""
    told: dict[tuple[str, str], list[int]] = {}
    for a in accepted:
        told.setdefault((a.office_path, a.submission.point_code), []).append(owners[a.index])
    for (path, point), ids in told.items():
        words = SUBMITTED.format(point=office(point).name)
        tell_candidates(
            exam=exam, candidate_ids=ids, office_path=path, kind="registration.submitted", words=words, by=by, at=at
        )  # fmt: skip


def _keep_contacts(stated: Sequence[tuple[int, Submission]], by: Actor, at: datetime) -> None:
    """The accounts are reached where their registrations say."""
    contacts = [Contact(pk, s.phone, s.email or None) for pk, s in stated]
    keep_contact(contacts=contacts, by=by, at=at)


def _throw_drafts(exam: Exam, candidate_ids: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM registration_draft WHERE exam_id = %s AND candidate_id = ANY(%s::bigint[])",
            [exam.pk, list(candidate_ids)],
        )


def _row(exam: Exam, a: Accepted, candidate_id: int, at: datetime) -> tuple[Any, ...]:
    s = a.submission
    return (
        exam.pk, candidate_id, a.office_path, s.point_code, State.SUBMITTED.value, 1, seal(a.document.number), a.index,
        a.document.kind, a.document.country,
        seal(s.phone), seal(s.email), seal(s.address), s.name.strip(), a.sex, a.birth_on, s.employer.strip(), s.category,
        s.route, json.dumps(dict(s.route_facts), ensure_ascii=False), s.photo_sha256, "", at, at, "",
    )  # fmt: skip


def _snapshot(s: Submission) -> str:
    return json.dumps({**vars(s), "route_facts": dict(s.route_facts)}, ensure_ascii=False, sort_keys=True)


def _event(kind: str, exam: Exam, row: Registration, by: Actor, at: datetime, **data: object) -> None:
    record(
        kind,
        by=by,
        at=at,
        subject=f"registration:{row.pk}",
        exam=exam.slug,
        office_path=row.office_path,
        rules=["V5.2.1"],
        data=data,
    )
