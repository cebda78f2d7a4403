"""A region opens the boxes in its store, counts the bags, and repacks them by point under new seals (V11.2.2)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from keju.kernel.audit import NotPermitted, record, write
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.rulebook import enforce
from keju.stages.custody import events, queries
from keju.stages.custody.models import Container, Holding, Operation
from keju.stages.custody.params import Params
from keju.stages.custody.rules.chain import Act, Change
from keju.stages.custody.rules.containers import Kind, Planned, boxes, read_code
from keju.stages.custody.rules.packing import by_half_day, check_boxes, check_scanned
from keju.stages.custody.services.chain import carry_out
from keju.stages.custody.services.making import Where, made_at, seal

INSIDE = Change(place="", place_path="", custodian="", holder_id=None)


@write("custody:containers:pack")
def repack(
    *, exam: Exam, box_codes: Sequence[str], scanned: Sequence[str], key: UUID, by: Actor, at: datetime
) -> list[Container]:
    """Everything in these boxes lies in new sealed packs, each for one half-day of one site; the boxes stand open and empty.

    `scanned`: the codes that were read, as scanned or typed: exactly what the boxes hold. All or nothing, once for a `key`,
    whose second arrival returns the same packs.
    """
    if Operation.objects.filter(exam=exam, key=uuid5(key, "sealed")).exists():
        return _again(exam, key, by, at)
    rows = queries.by_codes(exam, [read_code(code) or code for code in box_codes], viewer=by)
    if len(rows) != len(set(box_codes)) or any(
        row.kind not in (Kind.BOX, Kind.PACK) for row in rows.values()
    ):
        raise NotPermitted(hidden=True)
    held = queries.held(exam, [row.pk for row in rows.values()])
    enforce(check_boxes({h.container.code: h.state for h in held.values()}, by.office_code))
    inside = [h for bags in queries.contents(exam, list(held)).values() for h in bags]
    read = [read_code(code) or code for code in scanned if code.strip()]
    enforce(check_scanned([h.container.code for h in inside], read))
    common = {"exam": exam, "office_path": by.office_path, "rules": ["V11.2.2"], "by": by, "at": at}
    sealed = {pk: Change(seal="") for pk, h in held.items() if h.seal}
    if sealed:
        carry_out(key=uuid5(key, "opened"), act=Act.OPENED, changes=sealed, **common)  # type: ignore[arg-type]
    places = {
        pk: Change(
            parent_id=None,
            place=h.place,
            place_path=h.place_path,
            custodian=h.custodian,
            holder_id=h.holder_id,
        )
        for pk, h in held.items()
    }
    out = {h.container_id: places[h.parent_id or 0] for h in inside}
    carry_out(key=uuid5(key, "unpacked"), act=Act.UNPACKED, changes=out, **common)  # type: ignore[arg-type]
    packs = _packs(
        exam,
        {h.container_id: (h.container.site_code, h.container.session) for h in inside},
        held,
        key,
        by,
        at,
    )
    into = {bag: Change(parent_id=pack, **INSIDE) for pack, bags in packs.items() for bag in bags}
    carry_out(key=uuid5(key, "packed"), act=Act.PACKED, changes=into, **common)  # type: ignore[arg-type]
    seals = {pk: Change(seal=seal(exam, pk)) for pk in packs}
    carry_out(key=uuid5(key, "sealed"), act=Act.SEALED, changes=seals, **common)  # type: ignore[arg-type]
    record(
        events.REPACKED, by=by, at=at, subject=f"office:{by.office_code}", exam=exam.slug, office_path=by.office_path,
        rules=["V11.2.2"], data={"boxes": len(held), "bags": len(inside), "packs": len(packs)},
    )  # fmt: skip
    return list(Container.objects.filter(pk__in=list(packs)).order_by("code"))


def _packs(
    exam: Exam, bags: dict[int, tuple[str, int]], held: dict[int, Holding], key: UUID, by: Actor, at: datetime
) -> dict[int, Sequence[int]]:
    """New packs, open, where the boxes stand: pack → the bags that go into it."""
    capacity = exams.params(exam, Params).box_bags
    lots = [
        (site.partition("-")[0], lot)
        for (site, _), mine in by_half_day(bags).items()
        for lot in boxes(mine, capacity)
    ]
    first = next(iter(held.values()))
    where = Where(place=first.place, place_path=first.place_path, custodian=first.custodian)
    blank = Planned(Kind.PACK, "", 0, 0, "", 0)
    ids = made_at(
        exam, [blank] * len(lots), [path_of(point) for point, _ in lots], region=by.office_path, key=uuid5(key, "packs"),
        sealed=False, by=by, at=at, where=where,
    )  # fmt: skip
    return {pk: lot for pk, (_, lot) in zip(ids, lots, strict=True)}


def _again(exam: Exam, key: UUID, by: Actor, at: datetime) -> list[Container]:
    done = Operation.objects.get(exam=exam, key=uuid5(key, "sealed"))
    record(
        events.REPEATED, by=by, at=at, subject=f"operation:{done.pk}", exam=exam.slug, office_path=done.office_path,
        rules=["V11.2.2"], data={"act": done.act},
    )  # fmt: skip
    return list(Container.objects.filter(steps__operation=done).order_by("code"))
