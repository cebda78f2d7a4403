"""What every case shares: it is opened and told, moves on with its step, frees its containers, and ends with its exceptions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid5

from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.files import photographs
from keju.kernel.notices.services import deliver
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office
from keju.rulebook import enforce
from keju.rulebook.words import Words, t
from keju.stages.custody import events, queries
from keju.stages.custody.models import Case, CaseContainer, CaseStep, CustodyException, Holding
from keju.stages.custody.models.cases import CLOSED, REPORTED
from keju.stages.custody.queries import cases as reads
from keju.stages.custody.queries import handovers
from keju.stages.custody.rules import cases as rules
from keju.stages.custody.rules.cases import CaseKind, Sort
from keju.stages.custody.rules.chain import Act, Change
from keju.stages.custody.services.chain import carry_out

MOST_PHOTOS = 12
TITLES: Mapping[str, Words] = {
    CaseKind.DAMAGE: t("试卷袋未封或破损", "A bag unsealed or damaged"),
    CaseKind.INCIDENT: t("试卷短少、失窃、损毁或泄密", "Papers missing, stolen, lost or leaked"),
    CaseKind.KEY: t("保密室钥匙遗失", "A key of a store is lost"),
}
CLAUSES: Mapping[str, str] = {
    CaseKind.DAMAGE: "V12.6.1",
    CaseKind.INCIDENT: "V12.5",
    CaseKind.KEY: "V12.2.4",
}


@dataclass(frozen=True)
class NewCase:
    """What was found. `key`: from the device; `photos`: of the damage as it was found; `exceptions`: those of handovers that
    the case is about, with their containers and photos; `key_step`: the loss in the register of keys."""

    key: UUID
    kind: CaseKind
    sort: Sort
    words: str
    container_ids: Sequence[int] = ()
    photos: Sequence[bytes] = field(default=(), repr=False)
    exposed: bool = False
    exceptions: Sequence[int] = ()
    key_step: int | None = None


@write(None)
def open_cases(*, exam: Exam, found: Sequence[NewCase], by: Actor, at: datetime) -> list[Case]:
    """Each case stands once by its key (Stale if it meant another); its containers are frozen, those of damage open; those above
    were told at once.

    Whoever calls has seen to it that the actor may report. Errors as `cases.report`.
    """
    known = {c.key: c for c in Case.objects.filter(exam=exam, key__in=[n.key for n in found])}
    new = [n for n in found if n.key not in known]
    if any(
        (n.kind, n.sort, _said(n)) != (was.kind, was.sort, was.words)
        for n in found
        if (was := known.get(n.key))
    ):
        raise Stale
    carried = {n.key: _carried(exam, n, by) for n in new}
    ids = {n.key: _containers(n, carried[n.key]) for n in new}
    held = queries.held(exam, {pk for mine in ids.values() for pk in mine})
    if any(
        pk not in held or not held[pk].office_path.startswith(by.office_path or "-")
        for mine in ids.values()
        for pk in mine
    ):
        raise NotPermitted(hidden=True)
    refusals = []
    for n in new:
        inside = [held[pk].container.code for pk in ids[n.key] if held[pk].parent_id is not None]
        photos = len(n.photos) + sum(bool(e.photo) for e in carried[n.key])
        refusals += rules.check_report(n.kind, n.sort, n.words, len(ids[n.key]), photos, inside)
    enforce(refusals)
    for n in new:
        known[n.key] = _opened(exam, n, {pk: held[pk] for pk in ids[n.key]}, carried[n.key], by, at)
    rows = [known[n.key] for n in found]
    fresh = [known[n.key] for n in new]
    record(
        events.CASE_REPORTED if fresh else events.REPEATED, by=by, at=at,
        subject=f"case:{rows[0].pk}" if len(rows) == 1 else f"cases:{len(rows)}", exam=exam.slug, office_path=by.office_path,
        rules=sorted({clause(r) for r in rows}),
        data={
            "cases": [[r.pk, r.kind, r.sort] for r in fresh],
            "exceptions": sorted(e.pk for mine in carried.values() for e in mine),
            "again": len(rows) - len(fresh),
        },
    )  # fmt: skip
    for kind in sorted({r.kind for r in fresh}):
        _tell(exam, [r for r in fresh if r.kind == kind], TITLES[kind], by, at)
    return rows


def close(row: Case, words: str, by: Actor, at: datetime) -> None:
    """The case is over, and so are the exceptions that it was opened about: its end is their instruction (V11.3.3)."""
    row.state, row.closed_by, row.closed_at = CLOSED, by.ref, at
    moved(row, CLOSED, words, by, at)
    _instruct(row, words, by, at)


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
        rules=[clause(row)], data={"state": row.state, "photos": [p["sha"] for p in photos], "people": len(people)},
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
            subject=f"case:{row.pk}", proposal_id=proposal_id, reason=words[:300], rules=[clause(row)], by=by, at=at,
        )  # fmt: skip


def clause(row: Case) -> str:
    """The clause that the case stands under."""
    return CLAUSES[row.kind]


def _carried(exam: Exam, new: NewCase, by: Actor) -> list[CustodyException]:
    """The exceptions that the case is about, held; NotPermitted (hidden) out of scope, Stale if one is settled or has a case."""
    if not new.exceptions:
        return []
    mine = handovers.exceptions(exam, viewer=by).select_for_update(of=("self",))
    rows = list(mine.filter(pk__in=list(new.exceptions)).order_by("pk"))
    if len(rows) != len(set(new.exceptions)):
        raise NotPermitted(hidden=True)
    if any(row.case_id is not None or row.instructed_at is not None for row in rows):
        raise Stale
    return rows


def _said(new: NewCase) -> str:
    return new.words.strip()[:500]


def _containers(new: NewCase, carried: Sequence[CustodyException]) -> list[int]:
    known = [row.container_id for row in carried if row.container_id is not None]
    return list(dict.fromkeys([*new.container_ids, *known]))


def _opened(
    exam: Exam,
    new: NewCase,
    held: Mapping[int, Holding],
    carried: Sequence[CustodyException],
    by: Actor,
    at: datetime,
) -> Case:
    path = by.office_path
    row = Case.objects.create(
        exam=exam, office_path=path, office_code=by.office_code, key=new.key, kind=new.kind, sort=new.sort,
        words=_said(new), exposed=new.exposed, key_step_id=new.key_step, reported_by=by.ref, reported_at=at,
    )  # fmt: skip
    CustodyException.objects.filter(pk__in=[e.pk for e in carried]).update(case=row)
    former = queries.last_seals([pk for pk, h in held.items() if not h.seal])
    CaseContainer.objects.bulk_create(
        CaseContainer(case=row, office_path=path, container_id=pk, seal_before=h.seal or former.get(pk, ""))
        for pk, h in held.items()
    )
    broken: dict[int, Change] = {}
    frozen: dict[int, Change] = {}
    for pk, h in held.items():
        if new.kind is CaseKind.DAMAGE and h.seal and h.parent_id is None:
            broken[pk] = Change(seal="", frozen=True)
        elif not h.frozen:
            frozen[pk] = Change(frozen=True)
    for act, changes in ((Act.BROKEN, broken), (Act.FROZEN, frozen)):
        if changes:
            carry_out(
                exam=exam, key=uuid5(new.key, str(act)), act=act, changes=changes, office_path=path,
                subject=f"case:{row.pk}", reason=row.words[:300], rules=[clause(row), "V11.3.3"], by=by, at=at,
            )  # fmt: skip
    photos = [{"sha": e.photo, "thumb": "", "type": "image/jpeg"} for e in carried if e.photo]
    photos += photographs.keep(
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


def _instruct(row: Case, words: str, by: Actor, at: datetime) -> None:
    open_ones = list(row.exceptions.select_for_update().filter(instructed_at=None))
    if not open_ones:
        return
    held = queries.held(row.exam, {e.container_id for e in open_ones if e.container_id is not None})
    said = t("个案{n}：{words}", "Case {n}: {words}").format(n=row.pk, words=words.strip())
    for e in open_ones:
        e.instruction = str(said.zh)[:500]
        e.lifts = e.container_id in held and not held[e.container_id].frozen
        e.instructed_code, e.instructed_by, e.instructed_at = by.office_code, by.ref, at
    CustodyException.objects.bulk_update(
        open_ones, ["instruction", "lifts", "instructed_code", "instructed_by", "instructed_at"]
    )
    record(
        events.EXCEPTION_INSTRUCTED, by=by, at=at, subject=f"case:{row.pk}", exam=row.exam.slug,
        office_path=row.office_path, rules=["V11.3.3"],
        data={"exceptions": [[e.pk, e.kind, e.code, e.lifts] for e in open_ones[:200]], "count": len(open_ones)},
    )  # fmt: skip


def _tell(exam: Exam, rows: Sequence[Case], title: Words, by: Actor, at: datetime) -> None:
    """The superior at once; of an incident region and centre (V12.5)."""
    region = by.office_path.strip("/").split("/")[0]
    own = by.office_path.strip("/") == region
    to = {"centre"} if own else {region}
    if rows[0].kind == CaseKind.INCIDENT:
        to |= {"centre", *([region] if region else [])}
    lines = [f"{r.pk}: {r.words}" for r in rows[:20]]
    said = t("{office}报告：\n{lines}", "{office} reports:\n{lines}")
    body = said.format(office=office(by.office_code).name, lines="\n".join(lines))
    deliver(exam=exam, title=title, body=body, to=sorted(to), kind="custody", by=by, at=at)
