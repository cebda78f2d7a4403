"""Who saw questions is kept apart until the exam ends, a discipline officer with them at every moment (V12.6.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook import Refusal, enforce
from keju.stages.custody import events
from keju.stages.custody.models import Companion, Isolation
from keju.stages.custody.queries import cases as reads
from keju.stages.custody.queries.companions import companions
from keju.stages.custody.rules import cases as rules


@dataclass(frozen=True)
class Isolated:
    """Somebody who saw questions; `companion_id`: the discipline officer with them, a person of the register; `devices`: what
    was handed in."""

    name: str
    companion_id: int | None
    place: str
    devices: str


@write("custody:case:report")
def isolate(
    *, exam: Exam, case_id: int, people: Sequence[Isolated], by: Actor, at: datetime
) -> list[Isolation]:
    """Each is kept apart from now on, accompanied, without devices; whoever is registered already stays as they are.

    RuleRefused where the companion holds no post of the discipline authority in force at the office or above it.
    """
    row = reads.one(exam, case_id, viewer=by)
    able = companions(exam, row.office_path)
    names = {p.companion_id: able[p.companion_id].name for p in people if p.companion_id in able}
    enforce(
        [
            r
            for p in people
            for r in rules.check_isolation(p.name, names.get(p.companion_id, ""), p.place, p.devices)
        ]
    )
    known = set(row.isolations.values_list("name", flat=True))
    new = {p.name.strip(): p for p in people if p.name.strip() not in known}
    made = Isolation.objects.bulk_create(
        Isolation(
            case=row, exam=exam, office_path=row.office_path, name=name, companion=names[p.companion_id],
            place=p.place.strip(), devices=p.devices.strip(), started_at=at, made_by=by.ref,
        )
        for name, p in new.items()
    )  # fmt: skip
    with_them = Companion.objects.bulk_create(
        Companion(
            isolation=one, office_path=row.office_path, person_id=new[one.name].companion_id, name=one.companion,
            from_at=at, made_by=by.ref,
        )
        for one in made
    )  # fmt: skip
    record(
        events.ISOLATED, by=by, at=at, subject=f"case:{row.pk}", exam=exam.slug, office_path=row.office_path,
        rules=["V12.6.3"], data={"people": len(made), "companions": [c.person_id for c in with_them]},
    )  # fmt: skip
    return made


@write("custody:case:report")
def relieve(
    *, exam: Exam, case_id: int, isolation_id: int, companion_id: int, by: Actor, at: datetime
) -> Companion:
    """From now on another discipline officer is with them; the former one leaves at the same moment, so nobody is ever alone.

    Whoever is there already stays. Stale once the isolation has ended.
    """
    case = reads.one(exam, case_id, viewer=by)
    one = case.isolations.select_for_update().filter(pk=isolation_id).first()
    if one is None:
        raise NotPermitted(hidden=True)
    if one.ended_at is not None:
        raise Stale
    able = companions(exam, case.office_path)
    name = able[companion_id].name if companion_id in able else ""
    enforce(rules.check_isolation(one.name, name, one.place, one.devices))
    now = one.companions.filter(until_at=None).first()
    if now is None or now.person_id != companion_id:
        one.companions.filter(until_at=None).update(until_at=at, ended_by=by.ref)
        now = Companion.objects.create(
            isolation=one, office_path=one.office_path, person_id=companion_id, name=name, from_at=at, made_by=by.ref
        )  # fmt: skip
        one.companion = name
        one.save(update_fields=["companion"])
    record(
        events.COMPANION_RELIEVED, by=by, at=at, subject=f"case:{case.pk}", exam=exam.slug, office_path=case.office_path,
        rules=["V12.6.3"], data={"isolation": one.pk, "companion": companion_id},
    )  # fmt: skip
    return now


@write("custody:case:report")
def end_isolation(*, exam: Exam, case_id: int, by: Actor, at: datetime) -> int:
    """Everybody kept apart because of the case is free. Refused before the last session ends. Returns how many."""
    row = reads.one(exam, case_id, viewer=by)
    enforce(rules.check_isolation_end(at, reads.last_session_ends(exam)))
    n = Isolation.objects.filter(case=row, ended_at=None).update(ended_at=at, ended_by=by.ref)
    if not n:
        enforce([Refusal("V12.6.3", "custody_isolation_nobody")])
    Companion.objects.filter(isolation__case=row, until_at=None).update(until_at=at, ended_by=by.ref)
    record(
        events.ISOLATION_ENDED, by=by, at=at, subject=f"case:{row.pk}", exam=exam.slug, office_path=row.office_path,
        rules=["V12.6.3"], data={"people": n},
    )  # fmt: skip
    return n
