"""Changing what a registration says after its close: at the counter before confirmation, or by an approved correction.

Who may, when, and with whose consent is the review's to decide (V5.3.2b); here the new data pass the same rules as any
registration, and the former version is kept. The identity and the point never change: that would be another
registration.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from keju.kernel.accounts.sealed import seal
from keju.kernel.audit import Stale, record, write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.rulebook import Refusal, enforce
from keju.stages.registration import events, rules
from keju.stages.registration.documents import FACTS, FACTS_OF, NUMBERED
from keju.stages.registration.models import Registration, State, Version
from keju.stages.registration.params import Params
from keju.stages.registration.rules import Submission

#: what may be put right, with the longest value the register keeps
AMENDABLE = {
    **{"name": 80, "phone": 40, "email": 120, "address": 200, "employer": 120, "category": 20, "route": 20},
    **dict.fromkeys(FACTS, 80),
}
SEALED = ("phone", "email", "address")


def amendable(*, exam: Exam, registration_id: int) -> dict[str, str]:
    """What the registration says now, field by field, in clear: to compare with; `Registration.DoesNotExist` out of scope."""
    row = Registration.objects.get(exam=exam, pk=registration_id)
    plain = {key: str(getattr(row, key)) for key in AMENDABLE if key not in FACTS}
    return {**plain, **{key: str(value) for key, value in row.route_facts.items() if key in FACTS}}


def against_amendment(*, exam: Exam, registration_id: int, changes: Mapping[str, str]) -> list[Refusal]:
    """What stands against the registration saying so; `Registration.DoesNotExist` out of scope. Changes nothing."""
    row = Registration.objects.get(exam=exam, pk=registration_id)
    return _refusals(exam, row, _amended(row, changes), changes)


@write(None)
def amend(
    *, exam: Exam, registration_id: int, changes: Mapping[str, str], version: int, by: Actor, at: datetime
) -> int:
    """A submitted or confirmed registration says what `changes` (field → new value) say. Returns the new version.

    `Stale` if it is not the version that was seen, or neither submitted nor confirmed; `RuleRefused` with what stands
    against the new data.
    """
    row = Registration.objects.select_for_update().get(exam=exam, pk=registration_id)
    if row.version != version or row.state not in (State.SUBMITTED, State.CONFIRMED):
        raise Stale
    submission = _amended(row, changes)
    enforce(_refusals(exam, row, submission, changes))
    values = {key: getattr(submission, key) for key in ("name", "employer", "category", "route")}
    sealed = {key: seal(getattr(submission, key)) for key in SEALED}
    Registration.objects.filter(pk=row.pk).update(
        **values, **sealed, route_facts=dict(submission.route_facts), version=version + 1
    )
    Version.objects.create(
        registration=row,
        candidate_id=row.candidate_id,
        office_path=row.office_path,
        number=version + 1,
        at=at,
        by=by.ref,
        snapshot=json.dumps(
            {**vars(submission), "route_facts": dict(submission.route_facts)},
            ensure_ascii=False,
            sort_keys=True,
        ),
    )
    record(
        events.AMENDED,
        by=by,
        at=at,
        subject=f"registration:{row.pk}",
        exam=exam.slug,
        office_path=row.office_path,
        rules=["V5.3.2b"],
        data={"fields": sorted(changes), "version": version + 1},
    )
    return version + 1


def _amended(row: Registration, changes: Mapping[str, str]) -> Submission:
    """The registration as it would be submitted with the changes; what another route asks, and it does not, is dropped."""
    given = {key: value.strip() for key, value in changes.items()}
    facts = {**row.route_facts, **{key: value for key, value in given.items() if key in FACTS}}
    route = given.get("route", row.route)
    if route != row.route:
        facts = {key: value for key, value in facts.items() if key in FACTS_OF.get(route, ())}
    plain = {key: value for key, value in given.items() if key in AMENDABLE and key not in FACTS}
    stated = Submission(
        identity=row.identity, name=row.name, phone=row.phone, email=row.email, address=row.address,
        employer=row.employer, category=row.category, route=row.route, route_facts=facts,
        point_code=row.point_code, photo_sha256=row.photo_sha256, pledge=True,
        document_kind=row.document_kind, country=row.country, **_by_hand(row),
    )  # fmt: skip
    return replace(stated, **plain)  # type: ignore[arg-type]


def _by_hand(row: Registration) -> dict[str, str]:
    """Birthday and sex, where the document's number does not tell them: as at the submission."""
    return {} if row.document_kind in NUMBERED else {"birth_on": str(row.birth_on), "sex": row.sex}


def _refusals(
    exam: Exam, row: Registration, submission: Submission, changes: Mapping[str, str]
) -> list[Refusal]:
    programme = exams.programme(exam)
    categories, routes = {c.code for c in programme.categories}, [r.code for r in programme.routes]
    strange = sorted(key for key in changes if key not in AMENDABLE)
    long = sorted(key for key, value in changes.items() if len(value.strip()) > AMENDABLE.get(key, 0))
    wrong = [Refusal("V5.3.2b", "registration_amendment_field", {"fields": strange or long})]
    document = rules.document_of(submission, row.submitted_at.date())
    person = rules.check_person(submission, document)
    return [
        *(wrong if strange or long else []),
        *(r for r in person if r.field != "identity"),  # it was accepted once and does not change here
        *rules.check_category(submission, categories),
        *rules.check_route(submission, exams.params(exam, Params), exam.year, routes),
    ]
