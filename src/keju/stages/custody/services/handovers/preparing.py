"""A handover is prepared: what is expected, who is named; and it is announced to the receiver before arrival (V11.3.1)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count

from keju.kernel.audit import NotPermitted, Stale, write
from keju.kernel.exams.models import Exam
from keju.kernel.notices.services.offices import deliver
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.bulk import insert_rows
from keju.kernel.offices.queries import ladder, office
from keju.rulebook import Refusal, enforce
from keju.rulebook.handovers import HandoverKind
from keju.rulebook.words import t
from keju.stages.custody import events, queries
from keju.stages.custody.models import Handover, HandoverPerson, Holding
from keju.stages.custody.queries import handovers as reads
from keju.stages.custody.queries.naming import HANDOVER_STATES, ROLES
from keju.stages.custody.queries.stores import humans_by_person
from keju.stages.custody.rules import handovers as rules
from keju.stages.custody.rules.handovers import Named
from keju.stages.custody.rules.places import Spot, read
from keju.stages.custody.services.attempts import on_record
from keju.stages.custody.services.handovers import hooks
from keju.stages.custody.services.handovers.noting import noted
from keju.stages.staffing import queries as staffing

ITEM = ("handover_id", "office_path", "container_id", "code", "seal", "inside", "seen", "seen_seal", "living")
ESCORT = "escort"  # the role of who comes with the papers
NATION = Actor.system("custody")
ADVICE = t("{kind}：{n}件将到达", "{kind}: {n} containers are on the way")
ADVISED = t(
    "移交单位：{sender}。出发：{departs}，预计到达：{arrives}。押运人：{escorts}。联系：{contact}。请接收人、机要员和负责人届时在场。",
    "Sender: {sender}. Departure {departs}, expected {arrives}. Escorts: {escorts}. Contact: {contact}. Let receivers, the "
    "confidential officer and the person responsible be there.",
)


def between(*, sender_office: str, receiver_office: str, place: str, **_: object) -> tuple[str, str]:
    """Where a refused attempt at a handover belongs, and to what."""
    return reads.lower_path(sender_office, receiver_office), place


@on_record(between)
@write("custody:handover:make")
def prepare(
    *,
    exam: Exam,
    key: UUID,
    kind: str,
    container_ids: Collection[int],
    sender_office: str,
    receiver_office: str,
    place: str,
    people: Sequence[Named],
    by: Actor,
    at: datetime,
) -> Handover:
    """The handover stands with its list and the people named for it. A second arrival of `key` returns the first.

    `place`: where the containers are afterwards ("store:15"). RuleRefused by V2.6, V2.9, V10.1, V11.1, V11.2.1, V11.3.1,
    V12.2.0 and what the keepers of the place say; who is named twice or is not qualified stands on record. NotPermitted for
    who belongs to neither side, or containers out of sight; Stale if somebody else took one of them meanwhile.
    """
    former = Handover.objects.filter(exam=exam, key=key).first()
    if former is not None:
        same = (former.kind, former.place, former.sender_code, former.receiver_code)
        listed = set(former.items.values_list("container_id", flat=True))
        if same != (kind, place, sender_office, receiver_office) or listed != set(container_ids):
            raise Stale
        noted(events.HANDOVER_PREPARED, former, by, at, {"again": True})
        return former
    if by.role != "system" and by.office_code not in (sender_office, receiver_office):
        raise NotPermitted
    of = reads.kind_of(exam, kind)
    path = reads.lower_path(sender_office, receiver_office)
    held = queries.held(exam, container_ids)
    stray = [h for h in held.values() if not h.container.office_path.startswith(path)]
    if not held or len(held) != len(set(container_ids)) or stray:
        raise NotPermitted(hidden=True)
    row = Handover(
        exam=exam,
        office_path=path,
        key=key,
        kind=kind,
        sender_code=sender_office,
        receiver_code=receiver_office,
        place=place,
        containers=len(held),
        receipt_to=_receipt_to(of, receiver_office),
        prepared_by=by.ref,
        prepared_at=at,
    )
    able = reads.qualified(exam, of, sender_office, receiver_office)
    enforce(
        [
            *_check_offices(of, sender_office, receiver_office),
            *_check_officers(exam, {sender_office, receiver_office}),
            *rules.check_way(of, {h.place for h in held.values() if h.place}, place),
            *_check_place(of, place, receiver_office),
            *_check_containers(of, held.values(), sender_office),
            *rules.check_people(
                of,
                people,
                {k: c.post for k, c in able.items()},
                _least(exam, of),
                _role_names(of),
                humans_by_person(p.person_id for p in people),
            ),
            *hooks.refusals("prepare", exam, row, sorted(held), at),
        ]
    )
    inside = dict(
        Holding.objects.filter(exam=exam, parent_id__among=list(held))
        .values_list("parent_id")
        .annotate(n=Count("pk"))
    )
    try:
        with transaction.atomic():
            row.save()
            insert_rows(
                "custody_handover_item",
                ITEM,
                [(row.pk, path, pk, h.container.code, h.seal, inside.get(pk, 0), "", "", True) for pk, h in sorted(held.items())],
            )  # fmt: skip
    except IntegrityError as raced:
        if "custody_handover_item_living" in str(raced) or "custody_handover_once" in str(raced):
            raise Stale from raced
        raise
    _check_unmoved(exam, held)
    HandoverPerson.objects.bulk_create(
        HandoverPerson(
            handover=row, office_path=path, side=p.side, role=p.role, person_id=p.person_id,
            name=able[p.side, p.role, p.person_id].name, post=able[p.side, p.role, p.person_id].post,
            answers=_answers(of, people, p),
        )
        for p in people
    )  # fmt: skip
    data = {"kind": kind, "containers": row.containers, "place": place, "people": len(people)}
    noted(events.HANDOVER_PREPARED, row, by, at, data)
    return row


@write("custody:handover:make")
def announce(
    *,
    exam: Exam,
    handover_id: int,
    departs_at: datetime,
    arrives_at: datetime,
    escorts: str,
    contact: str,
    by: Actor,
    at: datetime,
) -> Handover:
    """The receiver has the advice of dispatch: who escorts, contact, departure, expected arrival. It may be sent anew.

    The escorts are those named for the handover; `escorts` says what else the receiver should know of them, such as plates.
    """
    row = locked(exam, handover_id, by, "prepared", "announced")
    if arrives_at <= departs_at:
        enforce([Refusal("V11.3.1", "handover_times", field="arrives_at")])
    named = [p for p in reads.people(row) if p.role == ESCORT]
    who = "；".join(part for part in ("、".join(p.name for p in named), escorts.strip()) if part)
    if not who or not contact.strip():
        enforce([Refusal("V11.3.1", "handover_advice", field="contact" if who else "escorts")])
    row.state, row.announced_at = "announced", at
    row.departs_at, row.arrives_at = departs_at, arrives_at
    row.escorts, row.contact = who[:300], contact.strip()[:200]
    changed(row, "state", "announced_at", "departs_at", "arrives_at", "escorts", "contact")
    of = reads.kind_of(exam, row.kind)
    deliver(
        exam=exam,
        title=ADVICE.format(kind=of.name, n=row.containers),
        body=ADVISED.format(
            sender=office(row.sender_code).name, departs=departs_at, arrives=arrives_at, escorts=row.escorts, contact=row.contact
        ),
        to=[inbox_of(row.receiver_code)],
        kind="custody",
        by=by,
        at=at,
    )  # fmt: skip
    noted(
        events.HANDOVER_ANNOUNCED, row, by, at,
        {"departs": departs_at, "arrives": arrives_at, "escorts": [p.person_id for p in named]}, ["V11.3.1"],
    )  # fmt: skip
    return row


@write("custody:handover:make")
def break_off(*, exam: Exam, handover_id: int, reason: str, by: Actor, at: datetime) -> Handover:
    """It ends without effect: every container stays where and with whom it was, and may be handed over anew."""
    row = locked(exam, handover_id, by, *rules.LIVING)
    if not reason.strip():
        enforce([Refusal("V11.1", "handover_reason", field="reason")])
    row.items.update(living=False)
    row.state, row.ended_at, row.reason = "broken_off", at, reason.strip()[:300]
    changed(row, "state", "ended_at", "reason")
    noted(events.HANDOVER_BROKEN_OFF, row, by, at, {"reason": row.reason})
    return row


def locked(exam: Exam, handover_id: int, by: Actor, *states: str) -> Handover:
    """The handover, locked, in one of these states; `Handover.DoesNotExist` out of scope, RuleRefused in another state."""
    row = reads.in_scope(exam, viewer=by).select_for_update(of=("self",)).get(pk=handover_id)
    if row.state not in states:
        enforce([Refusal("V11.1", "handover_state", {"state": HANDOVER_STATES[row.state]})])
    return row


def changed(row: Handover, *fields: str) -> None:
    row.version += 1
    row.save(update_fields=[*fields, "version"])


def inbox_of(code: str) -> str:
    """Whose inbox it is: a site has none, its point has."""
    return code.partition("-")[0]


def _receipt_to(of: HandoverKind, receiver: str) -> str:
    if not of.receipt:
        return ""
    return next(code for code in [*ladder(receiver), "centre"] if str(office(code).kind) == of.receipt)


def _check_offices(of: HandoverKind, sender: str, receiver: str) -> Iterator[Refusal]:
    ends = (str(office(sender).kind), str(office(receiver).kind))
    related = reads.lower_path(sender, receiver).startswith(
        min(office(sender).path, office(receiver).path, key=len)
    )
    if ends != (of.sender, of.receiver) or not related:
        yield Refusal("V11.1", "handover_offices", {"kind": of.name}, field="kind")


def _check_place(of: HandoverKind, place: str, receiver: str) -> Iterator[Refusal]:
    """A mail room or seal room is the receiver's; whose a store or a journey is, their keepers say."""
    where = read(place) if place.partition(":")[0] in of.target else None
    if where is None or where.spot not in (Spot.MAIL_ROOM, Spot.SEAL_ROOM, Spot.ROOM):
        return
    whose = where.key.partition("/")[0]
    if whose != receiver and not (where.spot != Spot.MAIL_ROOM and whose.startswith(f"{receiver}-")):
        yield Refusal("V11.3.1", "handover_to", {"kind": of.name}, field="place")


def _check_officers(exam: Exam, codes: Collection[str]) -> Iterator[Refusal]:
    """V2.6: no body moves papers without a confidential officer."""
    with acting(NATION):
        for code in sorted(codes):
            if str(office(code).kind) in ("region", "point"):
                yield from staffing.check_confidential_officer(exam, code)


def _check_containers(of: HandoverKind, held: Collection[Holding], sender: str) -> Iterator[Refusal]:
    """Each is in the sender's custody, by itself, free, and came by the handover before this one."""
    ids = [h.container_id for h in held]
    busy = reads.busy(ids)
    came = reads.came_by(ids, of.follows) if of.follows else set(ids)
    against = (
        ("V11.1", "handover_inside", [h for h in held if h.parent_id is not None]),
        ("V11.1", "handover_not_yours", [h for h in held if h.parent_id is None and h.custodian != sender]),
        ("V11.3.3", "custody_frozen", [h for h in held if h.frozen]),
        ("V11.1", "handover_busy", [h for h in held if h.container_id in busy]),
        ("V11.2.1", "handover_chain", [h for h in held if h.container_id not in came]),
    )
    for clause, code, found in against:
        if found:
            facts = {
                "containers": "、".join(sorted(h.container.code for h in found)[:5]),
                "others": "、".join(str(pk) for pk in sorted(set(busy.values()))[:5]),
                "kinds": "、".join(of.follows),
            }
            yield Refusal(clause, code, facts, field="containers")


def _check_unmoved(exam: Exam, judged: Mapping[int, Holding]) -> None:
    """Stale if a container took a step since it was judged: listing it waits for a handover that lists it too, and goes on when
    that one has closed."""
    now = queries.held(exam, judged)
    if any(now[pk].number != h.number for pk, h in judged.items()):
        raise Stale


def _least(exam: Exam, of: HandoverKind) -> dict[tuple[str, str], int]:
    return {(need.side, need.role): reads.least(exam, need) for need in of.people}


def _role_names(of: HandoverKind) -> dict[tuple[str, str], object]:
    return {(need.side, need.role): ROLES[need.role] for need in of.people}


def _answers(of: HandoverKind, people: Sequence[Named], one: Named) -> bool:
    """The first named of the first role of the side answers for it (V10.1)."""
    for need in of.roles_of(one.side):
        mine = [p for p in people if (p.side, p.role) == (need.side, need.role)]
        if mine:
            return mine[0] is one
    return False
