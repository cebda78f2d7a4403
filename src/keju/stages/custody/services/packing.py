"""Boxes and packs are opened in the store, their bags counted and sealed anew by point (V11.2.2, V11.2.3): the receivers and
the confidential officer who watched sign for exactly what is done, and the receipt goes up at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID, uuid5

from keju.kernel.approvals import effects
from keju.kernel.approvals.content import Content, Table
from keju.kernel.approvals.models import Proposal
from keju.kernel.approvals.needing import Need
from keju.kernel.audit import NotPermitted, Stale, record, write
from keju.kernel.calendar import CHINA
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.notices.services.offices import deliver
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office, path_of
from keju.rulebook import enforce
from keju.rulebook.words import t
from keju.stages.custody import events, queries
from keju.stages.custody.models import Container, Holding, Operation
from keju.stages.custody.params import Params
from keju.stages.custody.queries import packing as reads
from keju.stages.custody.queries.handovers import check_idle
from keju.stages.custody.queries.naming import place_names
from keju.stages.custody.rules import packing as rules
from keju.stages.custody.rules.chain import Act, Change
from keju.stages.custody.rules.containers import Kind, Planned, boxes, read_code
from keju.stages.custody.services.chain import carry_out
from keju.stages.custody.services.making import Where, made_at, seal
from keju.stages.custody.services.together import Signatures, Signing, sign_together

INSIDE = Change(place="", place_path="", custodian="", holder_id=None)
effects.called(reads.REPACK, t("拆箱清点、重新装箱", "Boxes opened, counted, and packed anew"))
RECEIPT = t("拆箱清点回执：{n}袋", "Receipt of bags counted: {n:bag|bags}")
RECEIVED = t(
    "{office}已拆箱{boxes}件，清点试卷袋{bags}袋，与登记一致，重新装成{packs}包并加封。记录{number}号可在“试卷—拆箱、清点、装包”中打开。",
    "{office} has opened {boxes:container|containers}, counted {bags:bag|bags} as on record, and sealed them in "
    "{packs:pack|packs}. Record no. {number} is under Papers, “Open, count, repack”.",
)


@dataclass(frozen=True)
class Hands:
    """Who unpacks and repacks, and who watches; `codes`: person → the code of their own that they sign with."""

    receivers: Sequence[int]
    officer: int | None
    codes: Mapping[int, str]


@dataclass(frozen=True)
class Packed:
    """How far the signing is, and the new packs once everybody has signed. `signatures`: None where it was done before."""

    signatures: Signatures | None
    packs: list[Container]


@write("custody:containers:pack")
def repack(
    *,
    exam: Exam,
    box_codes: Sequence[str],
    scanned: Sequence[str],
    key: UUID,
    hands: Hands,
    by: Actor,
    at: datetime,
) -> Packed:
    """When all have signed, everything in these boxes lies in new sealed packs, each for one half-day of one site; the boxes
    stand open and empty, and the superior has the receipt.

    `scanned`: the codes that were read, as scanned or typed: exactly what the boxes hold. All or nothing, once for a `key`,
    whose second arrival returns the same packs. Refused with fewer people than the rule names, and at a point on a day of
    the exam, when packs are opened in the seal room alone.
    """
    if Operation.objects.filter(exam=exam, key=uuid5(key, "sealed")).exists():
        return Packed(None, _again(exam, key, scanned, by, at))
    rows = queries.by_codes(exam, [read_code(code) or code for code in box_codes], viewer=by)
    if len(rows) != len(set(box_codes)) or any(
        row.kind not in (Kind.BOX, Kind.PACK) for row in rows.values()
    ):
        raise NotPermitted(hidden=True)
    held = queries.held(exam, [row.pk for row in rows.values()])
    enforce(rules.check_boxes({h.container.code: h.state for h in held.values()}, by.office_code))
    enforce(check_idle({pk: h.container.code for pk, h in held.items()}))
    inside = [h for bags in queries.contents(exam, list(held)).values() for h in bags]
    read = [read_code(code) or code for code in scanned if code.strip()]
    crew = reads.crew(exam, by.office_code)
    days = {s.starts_at.astimezone(CHINA).date() for s in exams.sessions(exam)}
    enforce(
        [
            *rules.check_scanned([h.container.code for h in inside], read),
            *rules.check_day(str(office(by.office_code).kind), at.astimezone(CHINA).date(), days),
            *rules.check_hands(hands.receivers, hands.officer, crew.receivers, crew.officers, crew.least),
        ]
    )
    signed = _signed(exam, held, inside, key, hands, crew, by, at)
    if not signed.is_whole:
        return Packed(signed, [])
    packs = _carried_out(exam, held, inside, key, signed.proposal, by, at)
    return Packed(signed, packs)


def _signed(
    exam: Exam,
    held: Mapping[int, Holding],
    inside: Sequence[Holding],
    key: UUID,
    hands: Hands,
    crew: reads.Crew,
    by: Actor,
    at: datetime,
) -> Signatures:
    """Each signs in the post they hold there, for the list of boxes and bags as it was counted."""
    path = path_of(by.office_code)
    people = [crew.receivers[p] for p in dict.fromkeys(hands.receivers)]
    people += [crew.officers[p] for p in [hands.officer] if p is not None]
    posts: dict[str, int] = {}
    for one in people:
        posts[f"post:{one.post}"] = posts.get(f"post:{one.post}", 0) + 1
    return sign_together(
        kind=reads.REPACK,
        subject=f"packing:{key}",
        exam=exam,
        office_path=path,
        content=_content(exam, held, inside, by),
        needs=[Need(post, n, path) for post, n in posts.items()],
        signings=[
            Signing(one.person_id, one.name, f"post:{one.post}", path, hands.codes.get(one.person_id, ""))
            for one in people
        ],
        rules=[crew.clause],
        by=by,
        at=at,
    )


def _content(exam: Exam, held: Mapping[int, Holding], inside: Sequence[Holding], by: Actor) -> Content:
    """Exactly what is signed: each box with its seal, each bag with the box it came in and the half-day it goes to."""
    first = next(iter(held.values()))
    half_day = t("{site} 第{n}场", "{site} session {n}")
    names = {pk: h.container.code for pk, h in held.items()}
    return Content(
        title=t("拆箱清点、重新装箱", "Boxes opened, counted, and packed anew"),
        facts=[
            (t("单位", "Office"), office(by.office_code).name),
            (t("地点", "Place"), place_names(exam, [first.place])[first.place]),
            (t("拆开的箱（包）", "Boxes opened"), str(len(held))),
            (t("袋", "Bags"), str(len(inside))),
        ],
        tables=[
            Table(
                (t("箱（包）", "Box"), t("封条号", "Seal"), t("内装", "Holds")),
                [
                    (h.container.code, h.seal or "—", str(sum(b.parent_id == pk for b in inside)))
                    for pk, h in sorted(held.items(), key=lambda pair: pair[1].container.code)
                ],
            ),
            Table(
                (t("袋", "Bag"), t("来自", "From"), t("考试地点、场次", "For")),
                [
                    (
                        b.container.code,
                        names[b.parent_id or 0],
                        half_day.format(site=b.container.site_code, n=b.container.session),
                    )
                    for b in inside
                ],
            ),
        ],
        place="custody-packing",
        place_args={"exam": exam.slug},
    )  # fmt: skip


def _carried_out(
    exam: Exam,
    held: Mapping[int, Holding],
    inside: Sequence[Holding],
    key: UUID,
    proposal: Proposal,
    by: Actor,
    at: datetime,
) -> list[Container]:
    clause = proposal.rules[0]
    act = partial(
        carry_out, exam=exam, office_path=by.office_path, subject=f"packing:{key}", proposal_id=proposal.pk,
        rules=[clause], by=by, at=at,
    )  # fmt: skip
    sealed = {pk: Change(seal="") for pk, h in held.items() if h.seal}
    if sealed:
        act(key=uuid5(key, "opened"), act=Act.OPENED, changes=sealed)
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
    act(
        key=uuid5(key, "unpacked"),
        act=Act.UNPACKED,
        changes={h.container_id: places[h.parent_id or 0] for h in inside},
    )
    serves = {h.container_id: (h.container.site_code, h.container.session) for h in inside}
    packs = _packs(exam, serves, held, key, by, at)
    into = {bag: Change(parent_id=pack, **INSIDE) for pack, bags in packs.items() for bag in bags}
    act(key=uuid5(key, "packed"), act=Act.PACKED, changes=into)
    done = act(
        key=uuid5(key, "sealed"), act=Act.SEALED, changes={pk: Change(seal=seal(exam, pk)) for pk in packs}
    )
    counts = {"boxes": len(held), "bags": len(inside), "packs": len(packs)}
    record(
        events.REPACKED, by=by, at=at, subject=f"office:{by.office_code}", exam=exam.slug, office_path=by.office_path,
        rules=[clause], data={**counts, "operation": done.pk, "proposal": proposal.pk},
    )  # fmt: skip
    _send_receipt(exam, done, counts, clause, by, at)
    return list(Container.objects.filter(pk__in=list(packs)).order_by("code"))


def _send_receipt(
    exam: Exam, done: Operation, counts: Mapping[str, int], clause: str, by: Actor, at: datetime
) -> None:
    """V11.2.2, V11.2.3: the count is with the superior at once."""
    to = "centre" if str(office(by.office_code).kind) == "region" else by.office_code[:2]
    deliver(
        exam=exam, title=RECEIPT.format(n=counts["bags"]),
        body=RECEIVED.format(office=office(by.office_code).name, number=done.pk, **counts), to=[to], kind="custody",
        by=by, at=at,
    )  # fmt: skip
    record(
        events.RECEIPT_SENT, by=by, at=at, subject=f"operation:{done.pk}", exam=exam.slug, office_path=by.office_path,
        rules=[clause], data={"to": to, **counts},
    )  # fmt: skip


def _packs(
    exam: Exam,
    bags: dict[int, tuple[str, int]],
    held: Mapping[int, Holding],
    key: UUID,
    by: Actor,
    at: datetime,
) -> dict[int, Sequence[int]]:
    """New packs, open, where the boxes stand: pack → the bags that go into it."""
    capacity = exams.params(exam, Params).box_bags
    lots = [
        (site.partition("-")[0], lot)
        for (site, _), mine in rules.by_half_day(bags).items()
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


def _again(exam: Exam, key: UUID, scanned: Sequence[str], by: Actor, at: datetime) -> list[Container]:
    bags = Container.objects.filter(steps__operation__key=uuid5(key, "packed"), exam=exam)
    if {read_code(code) for code in scanned if code.strip()} != set(bags.values_list("code", flat=True)):
        raise Stale
    done = Operation.objects.get(exam=exam, key=uuid5(key, "sealed"))
    record(
        events.REPEATED, by=by, at=at, subject=f"operation:{done.pk}", exam=exam.slug, office_path=done.office_path,
        rules=["V11.2.2"], data={"act": done.act},
    )  # fmt: skip
    return list(Container.objects.filter(steps__operation=done).order_by("code"))
