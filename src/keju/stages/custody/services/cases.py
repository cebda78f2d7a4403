"""Damage is reported, treated by several after the superior's approval, and reported up (V12.6.1, V12.6.2)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import uuid5

from keju.kernel.approvals import effects
from keju.kernel.approvals.content import Content, Table
from keju.kernel.approvals.needing import Need
from keju.kernel.audit import Stale, write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.files import photographs
from keju.kernel.notices.services import deliver
from keju.kernel.offices import Actor
from keju.rulebook import enforce
from keju.rulebook.words import t
from keju.stages.custody.models import Case, CaseContainer
from keju.stages.custody.models.cases import CLOSED, INSTRUCTED, REPORTED, TREATED
from keju.stages.custody.params import Params
from keju.stages.custody.queries.escorts import candidates
from keju.stages.custody.rules import cases as rules
from keju.stages.custody.rules.cases import CaseKind
from keju.stages.custody.rules.chain import Act, Change
from keju.stages.custody.services.case_book import (
    MOST_PHOTOS,
    NewCase,
    close,
    free,
    locked,
    moved,
    open_cases,
)
from keju.stages.custody.services.chain import carry_out
from keju.stages.custody.services.together import Signatures, Signing, sign_together

TREAT = "custody.treat"
TREATER = "post:case_treater"
effects.called(TREAT, t("处理破损试卷袋", "Treat a damaged bag"))
__all__ = ["MOST_PHOTOS", "TREATER", "NewCase", "instruct", "report", "report_up", "treat"]

AGAIN = timedelta(hours=1)
"""The same words told again within this are taken for the same form sent twice."""


@write("custody:case:report")
def report(*, exam: Exam, found: Sequence[NewCase], by: Actor, at: datetime) -> list[Case]:
    """Each case stands once by its key; its containers are frozen, those of damage open; those above were told at once.

    RuleRefused if one does not say what it has to (a photo before anybody touches it: V12.6.2) or an incident was told in the
    same words within the hour (a form sent again after going back); ValidationError for a
    photo that cannot be read; NotPermitted for a container or an exception out of sight; Stale for an exception that is settled
    or has a case.
    """
    for one in found:
        enforce(rules.check_repeat(_told(exam, one, by, at)))
    return open_cases(exam=exam, found=found, by=by, at=at)


def _told(exam: Exam, new: NewCase, by: Actor, at: datetime) -> int | None:
    """The incident in which the actor has told the same within the hour, by another page than this one's."""
    if new.kind is not CaseKind.INCIDENT:
        return None
    same = Case.objects.filter(
        exam=exam, kind=new.kind, sort=new.sort, words=new.words.strip()[:500], reported_by=by.ref,
        office_code=by.office_code, reported_at__gt=at - AGAIN,
    ).exclude(key=new.key)  # fmt: skip
    for row in same.prefetch_related("containers"):
        if {c.container_id for c in row.containers.all()} == set(new.container_ids):
            return row.pk
    return None


@write("custody:case:instruct")
def instruct(*, exam: Exam, case_id: int, version: int, instruction: str, by: Actor, at: datetime) -> Case:
    """The superior's instruction stands, once: damage may be treated now. Stale for whoever instructs at the same time."""
    row = locked(exam, case_id, version, by)
    enforce(rules.check_instruct(row.office_path, by.office_path, row.reported_by == by.ref, instruction))
    if row.state != REPORTED:
        raise Stale
    row.state, row.instruction = INSTRUCTED, instruction.strip()[:500]
    row.instructed_by, row.instructed_at = by.ref, at
    moved(row, INSTRUCTED, instruction, by, at)
    return row


@write("custody:case:report")
def treat(
    *,
    exam: Exam,
    case_id: int,
    version: int,
    words: str,
    photos: Sequence[bytes],
    stamped: bool,
    seals: Mapping[int, str],
    signings: Sequence[Signing],
    by: Actor,
    at: datetime,
) -> Signatures:
    """The containers are free and closed again with their new seals (container → number), once all who treated them signed.

    At least two people with papers in their charge, each with a code of their own; a wrong code is remembered and the others
    stand. RuleRefused without the superior's approval, a photo after, the stamp across the seam, or a new seal for each.
    """
    row = locked(exam, case_id, version, by)
    mine = {c.container_id: c for c in row.containers.select_related("container")}
    path = row.office_path
    people = list(dict.fromkeys(s.person_id for s in signings))
    able = {c.person_id: c.name for c in candidates(exam, path)}
    enforce(
        rules.check_treatment(
            approved=row.state == INSTRUCTED,
            words=words,
            people=people,
            least=exams.params(exam, Params).case_persons_min,
            unappointed=[s.name for s in signings if s.person_id not in able],
            photos=len(photos),
            stamped=stamped,
            seals={c.container.code: (c.seal_before, seals.get(pk, "")) for pk, c in mine.items()},
        )
    )
    kept = photographs.keep(
        photos=photos[:MOST_PHOTOS], name=f"case-{row.pk}-after", office_path=path, by=by, at=at
    )
    head = (t("编码", "Code"), t("原封条", "Former seal"), t("新封条", "New seal"))
    content = Content(
        title=t("处理破损试卷袋", "Treatment of damaged bags"),
        facts=[(t("个案", "Case"), str(row.pk)), (t("处理情况", "What was done"), words.strip()),
               (t("照片指纹", "Fingerprints of the photos"), " ".join(p["sha"] for p in kept))],
        tables=[Table(head, [(c.container.code, c.seal_before, seals[pk].strip()) for pk, c in sorted(mine.items())])],
        place="custody-case",
        place_args={"case_id": row.pk},
    )  # fmt: skip
    signed = sign_together(
        kind=TREAT, subject=f"case:{row.pk}", exam=exam, office_path=path, content=content,
        needs=[Need(TREATER, len(people), path)],
        signings=[Signing(s.person_id, able[s.person_id], TREATER, path, s.code) for s in signings],
        rules=["V12.6.1", "V12.6.2"], by=by, at=at,
    )  # fmt: skip
    if signed.is_whole:
        free(exam, row, sorted(mine), words, by, at, proposal_id=signed.proposal.pk)
        sealed = {pk: Change(seal=seals[pk].strip()) for pk in mine}
        carry_out(
            exam=exam, key=uuid5(row.key, "sealed"), act=Act.SEALED, changes=sealed, office_path=path,
            subject=f"case:{row.pk}", proposal_id=signed.proposal.pk, reason=words, rules=["V12.6.2"], by=by, at=at,
        )  # fmt: skip
        for pk, c in mine.items():
            c.seal_after = seals[pk].strip()
        CaseContainer.objects.bulk_update(list(mine.values()), ["seal_after"])
        row.state = TREATED
        moved(row, TREATED, words, by, at, photos=kept, people=[able[p] for p in people])
    return signed


@write("custody:case:instruct")
def report_up(
    *, exam: Exam, case_id: int, version: int, cause: str, handling: str, by: Actor, at: datetime
) -> Case:
    """The region has reported cause and handling to the centre; the damage case is closed."""
    row = locked(exam, case_id, version, by)
    enforce(rules.check_instruct(row.office_path, by.office_path, row.reported_by == by.ref, "—"))
    if row.kind != CaseKind.DAMAGE or row.state == CLOSED:
        raise Stale
    enforce(rules.check_closing(row.state == TREATED, cause, handling))
    row.cause, row.handling = cause.strip()[:500], handling.strip()[:500]
    close(row, handling, by, at)
    said = t("个案{n}，原因：{cause}；处理：{handling}", "Case {n}. Cause: {cause}. Handling: {handling}")
    words = said.format(n=row.pk, cause=row.cause, handling=row.handling)
    deliver(
        exam=exam, title=t("破损试卷袋的原因和处理情况", "Cause and handling of a damaged bag"), body=words, to=["centre"],
        kind="custody", by=by, at=at,
    )  # fmt: skip
    return row
