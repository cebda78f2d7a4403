"""What candidates need to sit the exam: asked for, granted or declined."""

from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError

from keju.kernel.accounts.sealed import seal
from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.notices.services import tell_candidates
from keju.kernel.offices import Actor
from keju.kernel.offices.bulk import insert_rows
from keju.rulebook.words import t
from keju.stages.registration import events
from keju.stages.registration.models import Need, Registration, State

ALIVE = (State.SUBMITTED, State.CONFIRMED)
COLUMNS = (
    "registration_id",
    "candidate_id",
    "office_path",
    "kind",
    "state",
    "note",
    "reason",
    "asked_at",
    "decided_by",
)
NOTHING = t("请至少选择一项。", "Choose at least one.")
WHY = t(
    "请写明依据：看了什么证明，或为什么不能安排。",
    "Say on what grounds: what was shown, or why it cannot be arranged.",
)
GRANTED = t(
    "考试时将为您安排：{needs}。编排座位时首先照顾；座位已经编排好的，请向报名考点询问如何安排。",
    "For the exam you will have: {needs}. Seats are planned with it first; if they are planned already, ask your point how it "
    "is arranged.",
)
DECLINED = t(
    "您申请的“{needs}”未获同意，理由可向报名考点询问。",
    "What you asked for, “{needs}”, was not granted; your point tells you why.",
)


@write("registration:own:edit")
def ask_needs(
    *, exam: Exam, registration_id: int, kinds: Collection[str], note: str = "", by: Actor, at: datetime
) -> list[str]:
    """The candidate has asked for these; what was asked or decided before stays. Returns the kinds that are new."""
    row = Registration.objects.filter(exam=exam, pk=registration_id, candidate_id=by.candidate_id).first()
    if row is None or row.state not in ALIVE:
        raise NotPermitted("registration:own:edit", hidden=True)
    if not kinds:
        raise ValidationError({"kinds": str(NOTHING)})
    fresh = sorted(
        _known(exam, kinds) - set(Need.objects.filter(registration=row).values_list("kind", flat=True))
    )
    said = seal(note.strip()[:300])
    insert_rows(
        "registration_need",
        COLUMNS,
        [(row.pk, row.candidate_id, row.office_path, kind, "asked", said, b"", at, "") for kind in fresh],
        on_conflict="(registration_id, kind) DO NOTHING",  # of two clicks at once
    )
    _event(events.NEEDS_ASKED, exam, row, by, at, asked=fresh)
    return fresh


@write("registration:need:decide")
def decide_needs(
    *,
    exam: Exam,
    registration_id: int,
    granted: Collection[str],
    reason: str,
    seen: Collection[str] | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """These are granted, asked for or not; whatever else was asked for is declined. The candidate is told which; the reason
    (what was shown, or why not) is sealed. Deciding anew replaces the former decision; seats planned by then stay as they are.

    `seen`: the kinds that the decider was shown as asked for or decided. `Stale` if the candidate asked for more since:
    nobody declines what nobody has seen.
    """
    row = Registration.objects.select_for_update().filter(exam=exam, pk=registration_id).first()
    if row is None or row.state not in ALIVE or not row.office_path.startswith(by.office_path or "-"):
        raise NotPermitted("registration:need:decide", hidden=True)
    if not reason.strip():
        raise ValidationError({"reason": str(WHY)})
    wanted, before = _known(exam, granted), {n.kind: n for n in Need.objects.filter(registration=row)}
    if seen is not None and not set(before) <= set(seen):
        raise Stale
    for kind in sorted(wanted | set(before)):
        need = before.get(kind) or Need(
            registration=row,
            candidate_id=row.candidate_id,
            office_path=row.office_path,
            kind=kind,
            asked_at=at,
        )
        need.state = "granted" if kind in wanted else "declined"
        need.reason, need.decided_by, need.decided_at = reason.strip()[:300], by.ref, at
        try:
            need.save()
        except IntegrityError as asked_just_now:
            raise Stale from asked_just_now
    declined = sorted(set(before) - wanted)
    for kinds, words in ((sorted(wanted), GRANTED), (declined, DECLINED)):
        if kinds:
            names = [need.name for need in exams.programme(exam).needs if need.code in kinds]
            tell_candidates(
                exam=exam, kind="registration.needs", words=words.format(needs=names),
                candidate_ids=[row.candidate_id], office_path=row.office_path, by=by, at=at,
            )  # fmt: skip
    _event(events.NEEDS_DECIDED, exam, row, by, at, granted=sorted(wanted), declined=declined)


def _known(exam: Exam, kinds: Collection[str]) -> set[str]:
    known = {need.code for need in exams.programme(exam).needs}
    if strange := set(kinds) - known:
        raise ValidationError({"kinds": f"{', '.join(sorted(strange))}: ?"})
    return set(kinds)


def _event(kind: str, exam: Exam, row: Registration, by: Actor, at: datetime, **kinds: list[str]) -> None:
    record(
        kind, by=by, at=at, subject=f"registration:{row.pk}", exam=exam.slug, office_path=row.office_path,
        rules=["V14.7.1"], data=kinds,
    )  # fmt: skip
