"""The leader of a region lets a site open although something is red."""

from collections.abc import Collection
from datetime import datetime

from keju.kernel.accounts import services as accounts
from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office
from keju.kernel.readiness import events, rules
from keju.kernel.readiness.gates import obstacles, overridable
from keju.kernel.readiness.models import Override
from keju.kernel.readiness.registry import Gate
from keju.rulebook import enforce


@write("readiness:gate:override")
def override(
    *,
    exam: Exam,
    site_code: str,
    clauses: Collection[str],
    seen: int,
    reason: str,
    code: str,
    by: Actor,
    at: datetime,
) -> list[Override]:
    """These clauses do not keep the site closed any more, as far as they were red when this was decided.

    `seen`: how many things the leader saw missing under these clauses; `Stale` if it is more or fewer by now. `code` proves
    the leader. Empty if it does not: no error is raised, because a wrong try is remembered.
    """
    site = office(site_code)
    if not site.path.startswith(by.office_path or "-") or by.person_id is None:
        raise NotPermitted(hidden=True)
    red = {o.rule: o for o in obstacles(exam, [site.path], Gate.EXAM, at)[site.path]}
    enforce(rules.check_override(clauses, red, overridable(exam), reason))
    if sum(red[rule].lacking for rule in set(clauses)) != seen:
        raise Stale
    purpose = f"readiness:{site_code}:{','.join(sorted(set(clauses)))}"
    proof = accounts.prove(person_id=by.person_id, code=code, purpose=purpose[:200], by=by, at=at)
    if proof is None:
        return []
    made = Override.objects.bulk_create(
        Override(
            exam=exam,
            office_path=site.path,
            rule=rule,
            lacking=red[rule].lacking,
            missing_zh=red[rule].missing.zh,
            missing_en=red[rule].missing.en,
            reason=reason.strip(),
            proof=proof,
            made_by=by.ref,
            made_at=at,
        )
        for rule in sorted(set(clauses))
    )
    record(
        events.OVERRIDDEN,
        by=by,
        at=at,
        subject=f"site:{site_code}",
        exam=exam.slug,
        office_path=site.path,
        rules=sorted(set(clauses)),
        data={"lacking": {one.rule: one.lacking for one in made}},  # the reason stands in the rows
    )
    return made
