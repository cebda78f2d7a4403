"""After the exam: card bags on their way to the centre, spare bags back with five each, papers that end (V16.1.2, V16.2)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, Left

from keju.kernel.audit import NotPermitted
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import path_of
from keju.rulebook.words import Words
from keju.stages.custody.models import CustodyException, Destruction, Holding, JointCount, Step
from keju.stages.custody.queries.naming import place_names
from keju.stages.custody.rules.chain import Act
from keju.stages.custody.rules.containers import Kind
from keju.stages.custody.rules.ending import Ending
from keju.stages.custody.rules.places import Spot

CENTRE = "centre"


@dataclass(frozen=True)
class Returned:
    """A site's bags after the exam. Cards: all, not counted back yet, still with the point, with the region, at the centre.

    Spares: bags, at the centre, bags that lack papers. Papers: to destroy at the point, defective ones that are not at the
    centre yet (they go in their bag, as it is), missing, destroyed.
    """

    site: str
    cards: int
    uncounted: int
    with_point: int
    with_region: int
    at_centre: int
    spares: int
    spares_back: int
    spares_short: int
    to_destroy: int
    to_return: int
    missing: int
    destroyed: int

    @property
    def point(self) -> str:
        return self.site.partition("-")[0]


def returned(exam: Exam, *, viewer: Actor, site: str = "") -> list[Returned]:
    """Every site of the viewer's scope, in one statement."""
    card, spare = Q(container__kind=Kind.CARD_BAG), Q(container__kind=Kind.SPARE_BAG)
    paper = Q(container__kind=Kind.BAG)
    found = _kept(exam, viewer.office_path or "-")
    found = found.filter(container__site_code__startswith=site) if site else found
    rows = found.values("container__site_code").annotate(
        cards=Count("pk", filter=card),
        uncounted=Count("pk", filter=card & (Q(inside__gt=0) | Q(out__gt=0))),
        with_point=Count("pk", filter=card & Q(keeper=F("point"))),
        with_region=Count("pk", filter=card & Q(keeper=F("region"))),
        at_centre=Count("pk", filter=card & Q(keeper=CENTRE)),
        spares=Count("pk", filter=spare),
        spares_back=Count("pk", filter=spare & Q(keeper=CENTRE)),
        spares_short=Count("pk", filter=spare & (Q(out__gt=0) | Q(missing__gt=0))),
        to_destroy=Coalesce(
            Sum(F("inside") + F("out") + F("used") + F("unused"), filter=paper & Q(defective=0)), 0
        ),
        to_return=Coalesce(Sum("defective", filter=paper & ~Q(keeper=CENTRE)), 0),
        missing=Coalesce(Sum("missing", filter=paper), 0),
        destroyed=Coalesce(Sum("destroyed", filter=paper), 0),
    )
    return [Returned(row.pop("container__site_code"), **row) for row in rows.order_by("container__site_code")]


@dataclass(frozen=True)
class CardBag:
    """A room's bag of cards as the chain knows it: `counted` cards written on when it was counted back; 0 before."""

    code: str
    seal: str
    place: Words
    counted: int


def card_bags(exam: Exam, site_code: str, session: int, room: int, *, viewer: Actor) -> list[CardBag]:
    """The card bags of a room in a session, by code: where they are and what was counted into them (V16.1.2)."""
    path = viewer.office_path or "-"
    rows = list(
        Holding.objects.select_related("container", "parent__holding")
        .filter(
            exam=exam, office_path__gte=path, office_path__lt=path + "~", container__kind=Kind.CARD_BAG,
            container__site_code=site_code, container__session=session, container__room=room,
        )
        .order_by("container__code")
    )  # fmt: skip
    where = {h.pk: h.parent.holding.place if h.parent else h.place for h in rows}
    named = place_names(exam, where.values())
    return [CardBag(h.container.code, h.seal, named[where[h.pk]], h.used) for h in rows]


def endings(
    exam: Exam, point_code: str, *, viewer: Actor, ids: Collection[int] | None = None
) -> dict[int, Ending]:
    """The bags of papers that the point still has, by id; these alone if `ids` are given."""
    path = path_of(point_code)
    if not path.startswith(viewer.office_path or "-"):
        raise NotPermitted(hidden=True)
    found = Holding.objects.select_related("container", "parent__holding").filter(
        exam=exam, office_path__gte=path, office_path__lt=path + "~", container__kind=Kind.BAG
    )
    found = found.exclude(place=Spot.DESTROYED)
    found = found.filter(container_id__among=list(ids)) if ids is not None else found
    rows = list(found.order_by("container__code"))
    open_ones = _unexplained(exam, rows)
    return {
        h.container_id: Ending(
            h.container.code, Kind(h.container.kind), h.place, h.state.counts, h.frozen,
            (h.container.site_code, h.container.session, h.container.room) not in open_ones,
        )
        for h in rows
    }  # fmt: skip


def destructions(exam: Exam, *, viewer: Actor) -> QuerySet[Destruction]:
    """The viewer's orders and records, newest first."""
    path = viewer.office_path or "-"
    found = Destruction.objects.select_related("order", "head", "officer")
    return found.filter(exam=exam, office_path__gte=path, office_path__lt=path + "~").order_by("-id")


def destruction(exam: Exam, destruction_id: int, *, viewer: Actor) -> Destruction:
    """One in the viewer's scope; hidden otherwise."""
    row = destructions(exam, viewer=viewer).filter(pk=destruction_id).first()
    if row is None:
        raise NotPermitted(hidden=True)
    return row


def _kept(exam: Exam, path: str) -> QuerySet[Holding]:
    found = Holding.objects.filter(exam=exam, office_path__gte=path, office_path__lt=path + "~")
    return found.exclude(container__site_code="").annotate(
        keeper=Coalesce("parent__holding__custodian", F("custodian")),
        point=Left("container__site_code", 4),
        region=Left("container__site_code", 2),
    )


def _unexplained(exam: Exam, rows: Iterable[Holding]) -> set[tuple[str, int, int]]:
    short = [h for h in rows if h.missing]
    if not short:
        return set()
    done = JointCount.objects.filter(exam=exam, papers_missing__gt=0, finding__isnull=False)
    known = set(done.values_list("seal_room__site_code", "seal_room__session", "room"))
    return {(h.container.site_code, h.container.session, h.container.room) for h in short} - known


def spares_to_judge(exam: Exam, container_ids: Collection[int]) -> list[Holding]:
    """The spare bags among these containers, by code, without those that are frozen and those that a superior released as they
    are, and nobody opened or counted since: what they lack is known, and instructed."""
    found = Holding.objects.select_related("container").filter(
        exam=exam, container__kind=Kind.SPARE_BAG, container_id__among=list(container_ids), frozen=False
    )
    since = Step.objects.filter(
        container_id=OuterRef("container_id"),
        act__in=[Act.OPENED, Act.BROKEN, Act.COUNTED],
        at__gt=OuterRef("instructed_at"),
    )
    lifted = CustodyException.objects.filter(
        ~Exists(since), container_id=OuterRef("container_id"), lifts=True
    )
    return list(found.exclude(Exists(lifted)).order_by("container__code"))
