"""Damage is reported, treated by several after the superior's approval, and reported up (V12.6.1, V12.6.2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid5

from keju.kernel.approvals import effects
from keju.kernel.approvals.content import Content, Table
from keju.kernel.approvals.needing import Need
from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.files import photographs
from keju.kernel.notices.services import deliver
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office
from keju.rulebook import enforce
from keju.rulebook.words import Words, t
from keju.stages.custody import events, queries
from keju.stages.custody.models import Case, CaseContainer, CaseStep, Holding
from keju.stages.custody.models.cases import CLOSED, INSTRUCTED, REPORTED, TREATED
from keju.stages.custody.params import Params
from keju.stages.custody.queries import cases as reads
from keju.stages.custody.queries.journeys import candidates
from keju.stages.custody.rules import cases as rules
from keju.stages.custody.rules.cases import CaseKind, Sort
from keju.stages.custody.rules.chain import Act, Change
from keju.stages.custody.services.chain import carry_out
from keju.stages.custody.services.together import Signatures, Signing, sign_together

TREAT = "custody.treat"
TREATER = "post:case_treater"
effects.called(TREAT, t("处理破损试卷袋", "Treat a damaged bag"))
MOST_PHOTOS = 12
TITLES: Mapping[str, Words] = {
    CaseKind.DAMAGE: t("试卷袋未封或破损", "A bag unsealed or damaged"),
    CaseKind.INCIDENT: t("试卷失窃、损毁或泄密", "Papers stolen, lost or leaked"),
}


@dataclass(frozen=True)
class NewCase:
    """What was found. `key`: from the device; `photos`: of the damage as it was found."""

    key: UUID
    kind: CaseKind
    sort: Sort
    words: str
    container_ids: Sequence[int] = ()
    photos: Sequence[bytes] = field(default=(), repr=False)
    exposed: bool = False


@write("custody:case:report")
def report(*, exam: Exam, found: Sequence[NewCase], by: Actor, at: datetime) -> list[Case]:
    """Each case stands once by its key; its containers are frozen, those of damage open; those above were told at once.

    RuleRefused if one does not say what it has to (a photo before anybody touches it: V12.6.2); ValidationError for a
    photo that cannot be read; NotPermitted for a container out of sight.
    """
    known = {c.key: c for c in Case.objects.filter(exam=exam, key__in=[n.key for n in found])}
    new = [n for n in found if n.key not in known]
    held = queries.held(exam, {pk for n in new for pk in n.container_ids})
    if any(
        pk not in held or not held[pk].office_path.startswith(by.office_path or "-")
        for n in new
        for pk in n.container_ids
    ):
        raise NotPermitted(hidden=True)
    refusals = []
    for n in new:
        inside = [held[pk].container.code for pk in n.container_ids if held[pk].parent_id is not None]
        refusals += rules.check_report(n.kind, n.sort, n.words, len(n.container_ids), len(n.photos), inside)
    enforce(refusals)
    for n in new:
        known[n.key] = _opened(exam, n, held, by, at)
    rows = [known[n.key] for n in found]
    fresh = [known[n.key] for n in new]
    record(
        events.CASE_REPORTED, by=by, at=at, subject=f"case:{rows[0].pk}" if len(rows) == 1 else f"cases:{len(rows)}",
        exam=exam.slug, office_path=by.office_path, rules=sorted({_clause(r) for r in rows}),
        data={"cases": [[r.pk, r.kind, r.sort] for r in fresh], "again": len(rows) - len(fresh)},
    )  # fmt: skip
    for kind in sorted({r.kind for r in fresh}):
        _tell(exam, [r for r in fresh if r.kind == kind], TITLES[kind], by, at)
    return rows


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


def close(row: Case, words: str, by: Actor, at: datetime) -> None:
    """The case is over."""
    row.state, row.closed_by, row.closed_at = CLOSED, by.ref, at
    moved(row, CLOSED, words, by, at)


def locked(exam: Exam, case_id: int, version: int, by: Actor) -> Case:
    """The case in the actor's scope, locked; Stale if somebody moved first."""
    reads.one(exam, case_id, viewer=by)
    row = Case.objects.select_for_update().get(pk=case_id)
    if row.version != version:
        raise Stale
    return row


def moved(
    row: Case,
    kind: str,
    words: str,
    by: Actor,
    at: datetime,
    *,
    photos: Sequence[photographs.Photo] = (),
    people: Sequence[str] = (),
) -> None:
    """The case's new state stands, with its step and its event."""
    row.version += 1
    row.save()
    CaseStep.objects.create(
        case=row, office_path=row.office_path, kind=kind, words=words.strip()[:500], photos=list(photos), people=list(people),
        happened_at=at, at=at, by=by.ref, name=by.name,
    )  # fmt: skip
    record(
        f"{events.CASE}.{kind}", by=by, at=at, subject=f"case:{row.pk}", exam=row.exam.slug, office_path=row.office_path,
        rules=[_clause(row)], data={"state": row.state, "photos": [p["sha"] for p in photos], "people": len(people)},
    )  # fmt: skip


def free(
    exam: Exam,
    row: Case,
    ids: Sequence[int],
    words: str,
    by: Actor,
    at: datetime,
    *,
    proposal_id: int | None = None,
) -> None:
    """These containers of the case may move again."""
    frozen = {pk: Change(frozen=False) for pk, h in queries.held(exam, ids).items() if h.frozen}
    if frozen:
        carry_out(
            exam=exam, key=uuid5(row.key, "released"), act=Act.RELEASED, changes=frozen, office_path=row.office_path,
            subject=f"case:{row.pk}", proposal_id=proposal_id, reason=words[:300], rules=[_clause(row)], by=by, at=at,
        )  # fmt: skip


def _opened(exam: Exam, new: NewCase, held: Mapping[int, Holding], by: Actor, at: datetime) -> Case:
    path = by.office_path
    row = Case.objects.create(
        exam=exam, office_path=path, office_code=by.office_code, key=new.key, kind=new.kind, sort=new.sort,
        words=new.words.strip()[:500], exposed=new.exposed, reported_by=by.ref, reported_at=at,
    )  # fmt: skip
    CaseContainer.objects.bulk_create(
        CaseContainer(case=row, office_path=path, container_id=pk, seal_before=held[pk].seal)
        for pk in dict.fromkeys(new.container_ids)
    )
    broken: dict[int, Change] = {}
    frozen: dict[int, Change] = {}
    for pk in new.container_ids:
        h = held[pk]
        if new.kind is CaseKind.DAMAGE and h.seal and h.parent_id is None:
            broken[pk] = Change(seal="", frozen=True)
        elif not h.frozen:
            frozen[pk] = Change(frozen=True)
    for act, changes in ((Act.BROKEN, broken), (Act.FROZEN, frozen)):
        if changes:
            carry_out(
                exam=exam, key=uuid5(new.key, str(act)), act=act, changes=changes, office_path=path,
                subject=f"case:{row.pk}", reason=row.words[:300], rules=[_clause(row), "V11.3.3"], by=by, at=at,
            )  # fmt: skip
    photos = photographs.keep(
        photos=new.photos[:MOST_PHOTOS], name=f"case-{row.pk}", office_path=path, by=by, at=at
    )
    CaseStep.objects.create(
        case=row,
        office_path=path,
        kind=REPORTED,
        words=row.words,
        photos=photos,
        happened_at=at,
        at=at,
        by=by.ref,
        name=by.name,
    )
    return row


def _tell(exam: Exam, rows: Sequence[Case], title: Words, by: Actor, at: datetime) -> None:
    """The region at once; of an incident the centre, too (V12.5)."""
    region = by.office_path.strip("/").split("/")[0]
    to = {region} if region else {"centre"}
    if rows[0].kind == CaseKind.INCIDENT:
        to.add("centre")
    lines = [f"{r.pk}: {r.words}" for r in rows[:20]]
    said = t("{office}报告：\n{lines}", "{office} reports:\n{lines}")
    body = said.format(office=office(by.office_code).name, lines="\n".join(lines))
    deliver(exam=exam, title=title, body=body, to=sorted(to), kind="custody", by=by, at=at)


def _clause(row: Case) -> str:
    return "V12.5" if row.kind == CaseKind.INCIDENT else "V12.6.1"
