"""Short checks, pledges and personal links (V4.3, P8.1). A single one is a batch of one."""

import hashlib
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.exams import clearing
from keju.kernel.exams import queries as exams
from keju.kernel.exams.clearing import NewClearance
from keju.kernel.exams.models import Exam
from keju.kernel.files import scans
from keju.kernel.files.services import store
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.bulk import insert_rows, insert_rows_returning
from keju.rulebook import enforce
from keju.rulebook.teaching import Module
from keju.stages.staffing import events
from keju.stages.staffing.models import Pledge, TrainingLink, Try
from keju.stages.staffing.params import Params
from keju.stages.staffing.queries import courses, handbooks
from keju.stages.staffing.queries import standing as checks
from keju.stages.staffing.queries.handbooks import NATION
from keju.stages.staffing.rules.checks import (
    check_begin,
    check_pledge,
    is_pass,
    right_answers,
    tries_left,
)

TRY = (
    *("exam_id", "person_id", "office_path", "module", "number", "seed", "pool", "questions", "way"),
    *("scan", "entered_by", "begun_at"),
)
PLEDGE = (
    *("exam_id", "person_id", "office_path", "module", "words_sha", "way", "scan", "entered_by", "signed_at"),
)


@dataclass(frozen=True)
class Taker:
    """Somebody who takes a check or signs a pledge, and the office whose people they are."""

    person_id: int
    office_path: str


@write(None)
def begin_checks(
    *, exam: Exam, wanted: Sequence[tuple[Taker, str]], way: str, scan: str = "", by: Actor, at: datetime
) -> list[int]:
    """Each (taker, module) has a try open, its questions fixed by a seed of its own; ids in order.

    Refused for who attended no course of the module, has passed, or has no try left. A try already open is gone on with.
    """
    params = exams.params(exam, Params)
    modules = {code: _module(exam, code) for _, code in wanted}
    ids = [taker.person_id for taker, _ in wanted]
    with acting(NATION):
        pools = {code: handbooks.pool(exam, module) for code, module in modules.items()}
        there, mine = courses.attended(exam, ids), _tries(exam, modules, ids)
        opened: dict[tuple[int, str], int] = {}
        new = []
        for taker, code in wanted:
            key = (taker.person_id, code)
            rows = mine.get(key, [])
            ended = [one for one in rows if one.ended_at is not None]
            if len(ended) < len(rows):
                opened[key] = next(one.pk for one in rows if one.ended_at is None)
                continue
            times = there.get(key, 0)
            left = tries_left(len(ended), times, params.check_tries)
            passed = any(one.passed for one in ended)
            enforce(check_begin(attended=times > 0, passed=passed, left=left, name=modules[code].name))
            new.append((taker, code, len(ended) + 1))
        made = insert_rows_returning(
            "staffing_try",
            TRY,
            [
                (
                    exam.pk, taker.person_id, taker.office_path, code, number, _seed(exam, taker, code, number),
                    pools[code][0], min(params.check_questions, len(pools[code][1])), way, scan, by.ref, at,
                )
                for taker, code, number in new
            ],
        )  # fmt: skip
    opened |= {(taker.person_id, code): pk for (taker, code, _), pk in zip(new, made, strict=True)}
    pools_used = {code: version for code, (version, _) in pools.items()}
    takers = [taker for taker, _ in wanted]
    _event(events.CHECK_BEGUN, exam, modules.values(), takers, by, at, {"new": len(new), "pools": pools_used})
    return [opened[taker.person_id, code] for taker, code in wanted]


@write(None)
def hand_in_checks(
    *, exam: Exam, answers: Mapping[int, Sequence[int | None]], by: Actor, at: datetime
) -> dict[int, bool]:
    """The answers (try → for each question the place of the chosen one, from 0) are counted; try → whether it is passed.

    Whoever has so passed what a module asks may from now on do what needs it. Stale where a try was handed in before.
    """
    with acting(NATION):
        rows = _open_tries(exam, answers)
        papers = checks.papers(exam, rows)
        for row in rows:
            row.answers, row.right = (
                list(answers[row.pk]),
                right_answers(papers[row.pk], answers[row.pk]),
            )
    return _end(exam, rows, ["answers"], by, at)


@write("staffing:training:hold")
def enter_paper(
    *,
    exam: Exam,
    module_code: str,
    right: Mapping[int, int],
    scan: bytes,
    by: Actor,
    at: datetime,
) -> dict[int, bool]:
    """Checks taken on paper: person → how many of the questions were right, with the scan that shows it.

    Counted as any other try; refused for the same reasons. NotPermitted for people of other offices.
    """
    takers = _takers(exam, right, by)
    kept = _kept(scan, f"check-{module_code}", by, at)
    wanted = [(taker, module_code) for taker in takers]
    tries = begin_checks(exam=exam, wanted=wanted, way="paper", scan=kept, by=by, at=at)
    with acting(NATION):
        rows = _open_tries(exam, tries)
        for row in rows:
            row.right = min(right[row.person_id], row.questions)
            row.way, row.scan, row.entered_by = "paper", kept, by.ref
    passed = _end(exam, rows, ["way", "scan", "entered_by"], by, at)
    return {row.person_id: passed[row.pk] for row in rows}


@write(None)
def sign_pledge(
    *,
    exam: Exam,
    module_code: str,
    office_path: str,
    signed_as: str,
    agreed: bool,
    way: str,
    by: Actor,
    at: datetime,
) -> None:
    """The person has signed the module's pledge, with their own name (P8.1); a second time changes nothing."""
    if by.person_id is None:
        raise NotPermitted
    enforce(check_pledge(signed_as, courses.person(by.person_id).name, agreed=agreed))
    sign_pledges(
        exam=exam, module_code=module_code, takers=[Taker(by.person_id, office_path)], way=way, by=by, at=at
    )


@write("staffing:training:hold")
def enter_pledges(
    *, exam: Exam, module_code: str, person_ids: Collection[int], scan: bytes, by: Actor, at: datetime
) -> int:
    """Pledges signed on paper, with the scan; returns how many are new."""
    takers = _takers(exam, dict.fromkeys(person_ids, 0), by)
    kept = _kept(scan, f"pledge-{module_code}", by, at)
    return sign_pledges(
        exam=exam, module_code=module_code, takers=takers, way="paper", scan=kept, by=by, at=at
    )


@write(None)
def sign_pledges(
    *,
    exam: Exam,
    module_code: str,
    takers: Sequence[Taker],
    way: str,
    scan: str = "",
    by: Actor,
    at: datetime,
) -> int:
    """These have signed the module's pledge as it reads now; returns how many are new."""
    module = _module(exam, module_code)
    if module.pledge is None:
        raise NotPermitted(hidden=True)
    sha = hashlib.sha256(f"{module.pledge.zh}\n{module.pledge.en}".encode()).hexdigest()
    rows = [
        (exam.pk, taker.person_id, taker.office_path, module.code, sha, way, scan, by.ref, at)
        for taker in takers
    ]
    with acting(NATION):
        added = insert_rows("staffing_pledge", PLEDGE, rows, on_conflict="DO NOTHING")
    _event(
        events.PLEDGE_SIGNED,
        exam,
        [module],
        takers,
        by,
        at,
        {"new": added, "words": sha, "way": way, "scan": scan},
    )
    _settle(exam, [module.code], [taker.person_id for taker in takers], by, at)
    return added


@write("staffing:training:hold")
def give_links(*, exam: Exam, person_ids: Collection[int], by: Actor, at: datetime) -> dict[int, str]:
    """Each of them has a personal link; person → its token, which is told now and stands nowhere. An earlier one ends."""
    takers = _takers(exam, dict.fromkeys(person_ids, 0), by)
    until = at + timedelta(days=exams.params(exam, Params).training_link_days)
    tokens = {taker.person_id: secrets.token_urlsafe(24) for taker in takers}
    with acting(NATION):
        TrainingLink.objects.filter(exam=exam, person_id__among=list(tokens), ended_at=None).update(
            ended_at=at
        )
        TrainingLink.objects.bulk_create(
            TrainingLink(
                exam=exam, person_id=taker.person_id, office_path=taker.office_path,
                token_hash=checks.hashed(tokens[taker.person_id]), expires_at=until, made_by=by.ref, made_at=at,
            )
            for taker in takers
        )  # fmt: skip
    record(
        events.LINKS_GIVEN, by=by, at=at, subject="people", exam=exam.slug, rules=["V4.3"],
        data={"count": len(tokens), "until": until},
    )  # fmt: skip
    return tokens


def _open_tries(exam: Exam, ids: Collection[int]) -> list[Try]:
    """The tries, locked; Stale where one is not open any more."""
    rows = list(Try.objects.select_for_update().filter(exam=exam, pk__among=list(ids)).order_by("pk"))
    if len(rows) < len(ids) or any(row.ended_at is not None for row in rows):
        raise Stale
    return rows


def _end(exam: Exam, rows: Sequence[Try], more: Sequence[str], by: Actor, at: datetime) -> dict[int, bool]:
    """The tries, whose right answers are counted, are over; what follows from those passed is done. Try → passed."""
    percent = exams.params(exam, Params).check_percent
    for row in rows:
        row.passed, row.ended_at = is_pass(row.right or 0, row.questions, percent), at
    with acting(NATION):
        Try.objects.bulk_update(rows, ["right", "passed", "ended_at", *more], batch_size=2000)
    modules = [_module(exam, code) for code in sorted({row.module for row in rows})]
    passed = [row for row in rows if row.passed]
    takers = [Taker(row.person_id, row.office_path) for row in rows]
    facts = {"tries": len(rows), "passed": len(passed), "ids": sorted(row.pk for row in rows)[:50]}
    _event(events.CHECK_ENDED, exam, modules, takers, by, at, facts)
    if passed:
        _settle(exam, [m.code for m in modules], [row.person_id for row in passed], by, at)
    return {row.pk: bool(row.passed) for row in rows}


def _settle(exam: Exam, codes: Collection[str], person_ids: Collection[int], by: Actor, at: datetime) -> None:
    """Who has passed a check, and signed where the module has a pledge, is cleared for what needs the module."""
    pledged = {code for code in codes if _module(exam, code).pledge is not None}
    ids = list(set(person_ids))
    with acting(NATION):
        rows = Try.objects.filter(exam=exam, module__in=codes, person_id__among=ids, passed=True)
        signed = set(
            Pledge.objects.filter(exam=exam, module__in=pledged, person_id__among=ids).values_list(
                "person_id", "module"
            )
        )
        passed = [
            NewClearance(row.person_id, row.office_path, row.module, f"check:{row.pk}")
            for row in rows.order_by("pk")
            if row.module not in pledged or (row.person_id, row.module) in signed
        ]
        if passed:
            clearing.clear(exam=exam, passed=passed, by=by, at=at)


def _tries(exam: Exam, codes: Collection[str], ids: Collection[int]) -> dict[tuple[int, str], list[Try]]:
    found: dict[tuple[int, str], list[Try]] = {}
    rows = Try.objects.filter(exam=exam, module__in=list(codes), person_id__among=ids).order_by("number")
    for row in rows:
        found.setdefault((row.person_id, row.module), []).append(row)
    return found


def _takers(exam: Exam, person_ids: Mapping[int, object], by: Actor) -> list[Taker]:
    """People invited to courses, of the actor's offices; NotPermitted for anybody else."""
    rows = courses.places(exam, person_ids, by.office_path)
    if set(rows) != set(person_ids):
        raise NotPermitted(hidden=True)
    return [Taker(pk, rows[pk]) for pk in sorted(person_ids)]


def _kept(scan: bytes, name: str, by: Actor, at: datetime) -> str:
    page = scans.prepare(scan)
    return store(
        data=page.data, name=name, content_type=page.content_type, office_path=by.office_path, by=by, at=at
    )


def _seed(exam: Exam, taker: Taker, module: str, number: int) -> str:
    """By what a person's questions are drawn: another for every try, the same whoever recomputes it."""
    text = f"{exam.slug}/{taker.person_id}/{module}/{number}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _module(exam: Exam, code: str) -> Module:
    found = exams.programme(exam).teaching.module(code)
    if found is None:
        raise NotPermitted(hidden=True)
    return found


def _event(
    kind: str,
    exam: Exam,
    modules: Collection[Module],
    takers: Sequence[Taker],
    by: Actor,
    at: datetime,
    data: Mapping[str, object],
) -> None:
    """At the office whose people they are: who comes by a personal link acts for none."""
    ids, paths = {taker.person_id for taker in takers}, {taker.office_path for taker in takers}
    record(
        kind,
        by=by,
        at=at,
        subject=f"person:{min(ids)}" if len(ids) == 1 else "people",
        exam=exam.slug,
        office_path=min(paths) if len(paths) == 1 else by.office_path or "/",
        rules=sorted({"V4.3", *(module.rule for module in modules)}),
        data={"modules": sorted(module.code for module in modules), "count": len(ids), **data},
    )
