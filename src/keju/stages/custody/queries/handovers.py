"""Handovers: what is expected, found and signed; who may be named for one; what was abnormal."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from keju.kernel.exams import clearing
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import path_of
from keju.rulebook import Refusal
from keju.rulebook.handovers import HandoverKind, HandoverRole
from keju.stages.custody.models import (
    CustodyException,
    Handover,
    HandoverItem,
    HandoverPerson,
    HandoverScan,
    Holding,
)
from keju.stages.custody.params import Params
from keju.stages.custody.rules.handovers import LIVING, NOT_WHOLE, Expected, Seen, Verdict
from keju.stages.staffing import queries as staffing

NATION = Actor.system("custody")


def kind_of(exam: Exam, code: str) -> HandoverKind:
    """The programme's kind of that code; KeyError if it has none."""
    found = exams.programme(exam).handover(code)
    if found is None:
        raise KeyError(code)
    return found


def told_after(exam: Exam, code: str) -> HandoverKind | None:
    """The kind whose people are told when one of this code is signed; None where the programme wants nobody told."""
    return exams.programme(exam).handover_after(code) if kind_of(exam, code).informs else None


def least(exam: Exam, need: HandoverRole) -> int:
    """How many of the role take part."""
    if isinstance(need.least, int):
        return need.least
    return int(getattr(exams.params(exam, Params), need.least.removeprefix("custody.")))


def lower_path(sender: str, receiver: str) -> str:
    """The path of the lower of two offices: whose both see."""
    return max(path_of(sender), path_of(receiver), key=len)


def side_code(row: Handover, side: str) -> str:
    return row.sender_code if side == "sender" else row.receiver_code


def in_scope(exam: Exam, *, viewer: Actor) -> QuerySet[Handover]:
    """Every handover in the viewer's scope."""
    path = viewer.office_path or "-"
    return Handover.objects.filter(exam=exam, office_path__gte=path, office_path__lt=path + "~")


def listed(exam: Exam, *, viewer: Actor, state: str = "", office: str = "") -> QuerySet[Handover]:
    """Those in the viewer's scope, newest first: in that state, with that office on either side or at a place below it."""
    found = in_scope(exam, viewer=viewer).order_by("-pk")
    if state:
        found = found.filter(state=state)
    if office:
        found = found.filter(Q(sender_code__startswith=office) | Q(receiver_code__startswith=office))
    return found


def handover(exam: Exam, handover_id: int, *, viewer: Actor) -> Handover:
    """One in the viewer's scope; `Handover.DoesNotExist` otherwise."""
    return in_scope(exam, viewer=viewer).select_related("proposal", "operation").get(pk=handover_id)


def people(row: Handover) -> list[HandoverPerson]:
    """Who is named now, in the order named; of both sides, whatever the viewer may know of the persons themselves (V11.1)."""
    return list(row.people.filter(left=False).select_related("change"))


@dataclass(frozen=True)
class Candidate:
    """Somebody who may be named: in force and trained for a post of the role."""

    person_id: int
    name: str
    post: str


def candidates(exam: Exam, office_code: str, need: HandoverRole) -> list[Candidate]:
    """Who may take this part at that office: appointed there and in force, trained for the post (V2.9, V4.3)."""
    return candidates_of(exam, {office_code: need.posts})[office_code]


def candidates_of(exam: Exam, wanted: Mapping[str, Collection[str]]) -> dict[str, list[Candidate]]:
    """As `candidates` for offices (code → posts); a role without posts takes anybody in force there. Five statements."""
    trained = {post.code: set(post.needs.training) for post in exams.programme(exam).posts}
    with acting(NATION):
        rows = list(
            staffing.appointments_in_force(exam, "/")
            .filter(office_code__in=list(wanted))
            .values_list("office_code", "post", "member__person_id", "member__person__name")
            .order_by("pk")
        )
        passed = clearing.cleared(exam, {row[2] for row in rows})
    found: dict[str, list[Candidate]] = {code: [] for code in wanted}
    for office, post, person, name in rows:
        fits = not wanted[office] or post in wanted[office]
        if fits and trained.get(post, set()) <= passed.get(person, set()):
            found[office].append(Candidate(person, name, post))
    return found


def qualified(
    exam: Exam, kind: HandoverKind, sender: str, receiver: str
) -> dict[tuple[str, str, int], Candidate]:
    """(side, role, person) → the post by which they may take that part."""
    everyone = candidates_of(exam, dict.fromkeys((sender, receiver), ()))
    found: dict[tuple[str, str, int], Candidate] = {}
    for need in kind.people:
        for one in everyone[sender if need.side == "sender" else receiver]:
            if not need.posts or one.post in need.posts:
                found.setdefault((need.side, need.role, one.person_id), one)
    return found


@dataclass(frozen=True)
class Progress:
    """How far a count is: items `found` whole, `damaged`, `missing`, not yet `unseen`; codes read that are no items; and
    those read twice and not yet judged."""

    expected: int
    found: int
    damaged: int
    missing: int
    unseen: int
    strays: Sequence[tuple[str, str]]
    repeats: Sequence[str]


def progress(row: Handover) -> Progress:
    """Of one handover. Three statements."""
    counted = HandoverItem.objects.filter(handover=row).aggregate(
        expected=Count("pk"),
        found=Count("pk", filter=Q(seen=Seen.INTACT)),
        damaged=Count("pk", filter=Q(seen__in=list(NOT_WHOLE))),
        missing=Count("pk", filter=Q(seen=Seen.MISSING)),
        unseen=Count("pk", filter=Q(seen="")),
    )
    scans = HandoverScan.objects.filter(handover=row)
    odd = [Verdict.EXTRA, Verdict.FOREIGN, Verdict.UNKNOWN, Verdict.MISREAD]
    strays = list(scans.filter(verdict__in=odd).values_list("code", "verdict").distinct().order_by("code"))
    return Progress(**counted, strays=strays, repeats=repeats(row))


def repeats(row: Handover) -> list[str]:
    """Codes read twice and not judged since."""
    waiting: dict[str, bool] = {}
    judged = [Seen.SAME, Seen.DUPLICATE]
    scans = HandoverScan.objects.filter(handover=row).filter(Q(verdict=Verdict.AGAIN) | Q(seen__in=judged))
    for code, verdict in scans.order_by("pk").values_list("code", "verdict"):
        waiting[code] = verdict == Verdict.AGAIN
    return sorted(code for code, open_ in waiting.items() if open_)


def expected(row: Handover, codes: Collection[str] | None = None) -> dict[str, Expected]:
    """Code → item of the list, of these codes or all."""
    found = HandoverItem.objects.filter(handover=row)
    if codes is not None:
        found = found.filter(code__among=list(codes))
    return {
        code: Expected(container, seal, seen)
        for code, container, seal, seen in found.values_list("code", "container_id", "seal", "seen")
    }


@dataclass(frozen=True)
class Stays:
    """An item that is there and is not handed over: it is frozen, or so is what lies in it (`inside`, codes)."""

    container_id: int
    code: str
    inside: Sequence[str]


def stays(row: Handover) -> list[Stays]:
    """Of the items found whole those that stay with the sender as they stand now, by code (V11.3.3). Two statements, the same
    for every viewer: both sides sign for it."""
    with acting(NATION):
        items = dict(row.items.filter(seen=Seen.INTACT).values_list("container_id", "code"))
        frozen = Holding.objects.filter(exam_id=row.exam_id, frozen=True).filter(
            Q(container_id__among=list(items)) | Q(parent_id__among=list(items))
        )
        found: dict[int, list[str]] = {}
        for pk, parent, code in frozen.order_by("container__code").values_list(
            "container_id", "parent_id", "container__code"
        ):
            if pk in items:
                found.setdefault(pk, [])
            else:
                found.setdefault(parent, []).append(code)
    return sorted((Stays(pk, items[pk], inside) for pk, inside in found.items()), key=lambda s: s.code)


def still_there(row: Handover) -> int:
    """How many of its containers stand where it ended and are expected by no other handover."""
    there = Holding.objects.filter(container_id=OuterRef("container_id"), place=row.place, frozen=False)
    elsewhere = HandoverItem.objects.filter(container_id=OuterRef("container_id"), living=True)
    return row.items.filter(Exists(there), ~Exists(elsewhere)).count()


def busy(container_ids: Iterable[int]) -> dict[int, int]:
    """Container → the living handover that expects it."""
    rows = HandoverItem.objects.filter(container_id__among=list(container_ids), living=True)
    return dict(rows.values_list("container_id", "handover_id"))


def check_idle(held: Mapping[int, str]) -> Iterator[Refusal]:
    """No handover under way expects one of these (container → its code): what is counted and signed there stays as it is."""
    taken = busy(held)
    if taken:
        facts = {
            "containers": "、".join(sorted(held[pk] for pk in taken)[:5]),
            "others": "、".join(str(pk) for pk in sorted(set(taken.values()))[:5]),
        }
        yield Refusal("V11.1", "handover_busy", facts)


def came_by(container_ids: Collection[int], kinds: Collection[str]) -> set[int]:
    """Those of the containers that were handed over whole by a closed handover of one of the kinds."""
    rows = HandoverItem.objects.filter(
        container_id__among=list(container_ids), handover__kind__in=list(kinds), handover__state="closed"
    )
    return set(rows.exclude(seen=Seen.MISSING).values_list("container_id", flat=True))


def exceptions(exam: Exam, *, viewer: Actor, open_only: bool = False) -> QuerySet[CustodyException]:
    """What was abnormal in the viewer's scope, newest first."""
    path = viewer.office_path or "-"
    found = CustodyException.objects.filter(exam=exam, office_path__gte=path, office_path__lt=path + "~")
    found = found.filter(instructed_at=None) if open_only else found
    return found.select_related("handover", "container").order_by("-pk")


def living(exam: Exam, path: str) -> QuerySet[Handover]:
    """Those under way at and under the path."""
    return Handover.objects.filter(
        exam=exam, office_path__gte=path, office_path__lt=path + "~", state__in=LIVING
    )
