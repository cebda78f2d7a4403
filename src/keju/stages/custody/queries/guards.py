"""Who guards a store when, by the rosters in force; and whom keys keep off those rosters."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any

from django.db import connection
from django.db.models import Max

from keju.kernel.accounts.models import Person
from keju.kernel.accounts.queries import HUMAN
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.stages.custody.models import KeyStep, Store
from keju.stages.custody.rules.stores import Hours
from keju.stages.staffing.queries import rosters

NATION = Actor.system("custody")
RULE = "V12.2.4"
KEPT = """
SELECT s.office_code,
  min((SELECT min(p.at) FROM custody_step p WHERE p.exam_id = s.exam_id AND p.place = 'store:' || s.id))
FROM custody_store s WHERE s.exam_id = %s AND s.office_code = ANY(%s) GROUP BY 1
"""


@dataclass(frozen=True)
class Guard:
    """Somebody stands guard, by the version of the roster that is in force."""

    human: int
    name: str
    starts_at: datetime
    ends_at: datetime
    place: str

    @property
    def hours(self) -> Hours:
        return self.starts_at, self.ends_at


def kinds(exam: Exam) -> list[str]:
    """The rosters of guards of a store."""
    return [kind.code for kind in rosters.kinds(exam) if kind.rule == RULE]


def guards_of(
    exam: Exam, stores: Sequence[Store], from_at: datetime, until_at: datetime
) -> dict[int, list[Guard]]:
    """Store → who guards it within these hours, in order of time.

    A shift without a place, or of one that is no store of the office, is of all its stores; else of that one alone.
    """
    names: dict[str, dict[str, int]] = defaultdict(dict)
    for one in stores:
        names[one.office_code][one.name] = one.pk
    with acting(NATION):
        rows = list(
            rosters.in_force(exam)
            .filter(
                roster__kind__in=kinds(exam), roster__office_code__in=list(names), ends_at__gt=from_at,
                starts_at__lt=until_at,
            )
            .order_by("starts_at", "ends_at", "pk")
            .values_list("roster__office_code", "member__person_id", "name", "starts_at", "ends_at", "place")
        )  # fmt: skip
        humans = dict(Person.objects.filter(pk__in={row[1] for row in rows}).values_list("pk", HUMAN))
    found: dict[int, list[Guard]] = {one.pk: [] for one in stores}
    for code, person, name, starts, ends, place in rows:
        guard = Guard(humans[person], name, starts, ends, place)
        mine = names[code]
        for pk in [mine[place]] if place in mine else mine.values():
            found[pk].append(guard)
    return found


def guarding(exam: Exam, office_codes: Collection[str]) -> dict[str, set[int]]:
    """Office → the humans on a roster of guards in force: with any shift before papers are kept, afterwards with one of the
    time of keeping, over or not."""
    since = kept_since(exam, office_codes)
    with acting(NATION):
        rows = list(
            rosters.in_force(exam)
            .filter(roster__kind__in=kinds(exam), roster__office_code__in=list(office_codes))
            .order_by()
            .values_list("roster__office_code", "member__person_id")
            .annotate(last=Max("ends_at"))
        )
        humans = dict(Person.objects.filter(pk__in={row[1] for row in rows}).values_list("pk", HUMAN))
    found: dict[str, set[int]] = defaultdict(set)
    for code, person, last in rows:
        if code not in since or last > since[code]:
            found[code].add(humans[person])
    return found


@rosters.keeps_off(RULE)
def keyholders(exam: Exam, office_codes: Collection[str]) -> dict[str, set[int]]:
    """Office → the persons who have a key of one of its stores, or had one while papers were kept: they stand on no roster of
    its guards."""
    since = kept_since(exam, office_codes)
    with acting(NATION):
        steps = KeyStep.objects.filter(exam=exam, store__office_code__in=list(office_codes))
        rows = list(
            steps.order_by("store_id", "lock", "label", "number").values_list(
                "store_id", "lock", "label", "store__office_code", "holder_id", "at"
            )
        )
        holders = [
            (code, person)
            for (*key, code, person, _), after in zip_longest(rows, rows[1:])
            if person is not None and _counts(key, after, since.get(code))
        ]
        humans = dict(Person.objects.filter(pk__in={p for _, p in holders}).values_list("pk", HUMAN))
        same: dict[int, set[int]] = defaultdict(set)
        entries = Person.objects.filter(human__in=set(humans.values())).values_list("pk", "human")
        for pk, human in entries:
            same[human].add(pk)
    found: dict[str, set[int]] = defaultdict(set)
    for code, person in holders:
        found[code] |= {person} | same[humans[person]]
    return found


def _counts(key: Sequence[object], after: tuple[Any, ...] | None, since: datetime | None) -> bool:
    """Whether a key's holder still has it, or gave it away when papers were kept already. `after`: the next step of all."""
    if after is None or list(after[:3]) != list(key):
        return True
    return since is not None and after[-1] > since


def kept_since(exam: Exam, office_codes: Collection[str]) -> dict[str, datetime]:
    """Office → when papers first came to one of its stores, where any did."""
    with acting(NATION), connection.cursor() as cursor:
        cursor.execute(KEPT, [exam.pk, list(office_codes)])
        return {code: since for code, since in cursor.fetchall() if since is not None}
