"""The centre has the papers of a region printed, bagged, boxed and sealed, in the quantities that the region confirmed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypedDict
from uuid import UUID, uuid5

from django.db import connection
from django.db.models import Max

from keju.kernel.audit import record, write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.bulk import insert_rows_returning
from keju.kernel.offices.queries import path_of
from keju.rulebook import enforce
from keju.stages.custody import events, queries
from keju.stages.custody.models import Container
from keju.stages.custody.params import Params
from keju.stages.custody.rules.chain import Act, Change, Counts, State
from keju.stages.custody.rules.containers import (
    FACTS,
    Kind,
    Planned,
    boxes,
    check_makeable,
    code,
    identities,
    planned,
)
from keju.stages.custody.rules.places import Spot
from keju.stages.custody.services.chain import carry_out, log


class Where(TypedDict):
    """A place and whose custody it is."""

    place: str
    place_path: str
    custodian: str


COLUMNS = (
    "exam_id", "office_path", "code", "kind", "site_code", "room", "session", "category", "copies", "first_serial",
    "last_serial", "made_at",
)  # fmt: skip
PRINTED = Where(place=str(Spot.PRINTING_HOUSE), place_path="/", custodian="centre")


@write("custody:containers:make")
def make(*, exam: Exam, region_code: str, key: UUID, by: Actor, at: datetime) -> int:
    """Every bag, card bag and spare bag of the region stands sealed in sealed boxes at the printing house. Returns how many bags.

    Once for a region; refused unless the region's confirmation is that of today's seats. `key` as in `carry_out`.
    """
    path = queries.own_region(by, region_code)
    numbering(exam)  # before anything is looked at: codes, marks and serials are numbered through the exam
    needed = queries.quantities(exam, region_code, viewer=by)
    confirmed = queries.confirmations(exam, viewer=by).get(region_code)
    known = Container.objects.filter(exam=exam, office_path__gte=path, office_path__lt=path + "~")
    changed = confirmed is not None and confirmed.digest != needed.digest
    enforce(check_makeable(confirmed is not None, changed, known.exists()))
    first = _first_serials(exam)
    bags = planned(needed.bags, needed.lines, first_serials=first)
    ids = made_at(
        exam,
        bags,
        [path_of(bag.site) for bag in bags],
        region=path,
        key=uuid5(key, "bags"),
        sealed=True,
        by=by,
        at=at,
    )
    per_box = list(boxes(ids, exams.params(exam, Params).box_bags))
    box = Planned(Kind.BOX, "", 0, 0, "", 0)
    outer = made_at(
        exam,
        [box] * len(per_box),
        [path] * len(per_box),
        region=path,
        key=uuid5(key, "boxes"),
        sealed=False,
        by=by,
        at=at,
    )
    packed = {
        pk: Change(parent_id=into, place="", place_path="", custodian="", holder_id=None)
        for into, lot in zip(outer, per_box, strict=True)
        for pk in lot
    }
    common = {"exam": exam, "office_path": path, "subject": f"region:{region_code}", "by": by, "at": at}
    carry_out(key=uuid5(key, "packed"), act=Act.PACKED, changes=packed, rules=["V11.2.2"], **common)
    seals = {pk: Change(seal=seal(exam, pk)) for pk in outer}
    carry_out(key=uuid5(key, "sealed"), act=Act.SEALED, changes=seals, rules=["V11.2.2"], **common)
    record(
        events.MADE_FOR_REGION,
        by=by,
        at=at,
        subject=f"region:{region_code}",
        exam=exam.slug,
        office_path=path,
        rules=["V9.1", "V15.6"],
        data={"bags": len(ids), "boxes": len(outer), "quantities": needed.digest},
    )
    return len(ids)


def seal(exam: Exam, number: int) -> str:
    """The number on the seal that goes with the label of a container."""
    return f"{exam.pk:03d}-{number:08d}"


def numbering(exam: Exam) -> int:
    """The next number of a container in this exam; whoever makes some waits for whoever is making some."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('custody making', %s))", [exam.pk])
    with acting(Actor.system("custody")):  # numbers run through the nation
        return Container.objects.filter(exam=exam).count() + 1


def made_at(
    exam: Exam,
    planned_: Sequence[Planned],
    paths: Sequence[str],
    *,
    region: str,
    key: UUID,
    sealed: bool,
    by: Actor,
    at: datetime,
    where: Where = PRINTED,
) -> list[int]:
    """These stand at that place: their ids in order. `paths`: whose each is; `region`: the path of the operation."""
    start = numbering(exam)
    codes = [code(p.kind, n) for n, p in enumerate(planned_, start)]
    rows = [
        (
            exam.pk, path, c, str(p.kind), p.site, p.room, p.session, p.category, p.copies, p.first_serial, p.last_serial,
            at,
        )
        for p, c, path in zip(planned_, codes, paths, strict=True)
    ]  # fmt: skip
    ids: list[int] = insert_rows_returning("custody_container", COLUMNS, rows)
    states = {
        pk: State(
            1,
            at,
            where["place"],
            where["place_path"],
            where["custodian"],
            None,
            None,
            seal(exam, pk) if sealed else "",
            False,
            Counts(p.copies),
        )
        for pk, p in zip(ids, planned_, strict=True)
    }
    facts = (dict(zip(COLUMNS, row, strict=True)) for row in rows)
    made = {pk: tuple(of[name] for name in FACTS) for pk, of in zip(ids, facts, strict=True)}
    log(
        exam=exam, key=key, act=Act.MADE, states=states, paths=dict(zip(ids, paths, strict=True)), office_path=region,
        subject="", proposal_id=None, reason="", rules=["V9.1"], identities=identities(made), by=by, at=at,
    )  # fmt: skip
    return ids


def _first_serials(exam: Exam) -> Mapping[tuple[int, str], int]:
    last = Container.objects.filter(exam=exam, first_serial__gt=0).values_list("session", "category")
    return {(session, category): top + 1 for session, category, top in last.annotate(top=Max("last_serial"))}
