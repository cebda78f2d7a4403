"""What a site's papers need beside its tickets, and which of them are printed, of which plan, and still good."""

from dataclasses import dataclass

from keju.kernel.documents import queries as documents
from keju.kernel.documents.fonts import missing_glyphs
from keju.kernel.documents.queries import Entry
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import path_of
from keju.stages.registration import queries as registration
from keju.stages.seating import queries as seating
from keju.stages.tickets.documents import KINDS, Kind
from keju.stages.tickets.models import Supervision, Ticket
from keju.stages.tickets.queries.again import Again, again
from keju.stages.tickets.queries.rows import PRINTER, generation


@dataclass(frozen=True)
class Unprintable:
    """A candidate whose name has characters that the typeface does not draw: they print as framed code points."""

    number: str
    name: str
    characters: str

    @property
    def codes(self) -> str:
        """U+313A0: what can be told to whoever looks after typefaces."""
        return ", ".join(f"U+{ord(c):04X}" for c in self.characters)


@dataclass(frozen=True)
class Paper:
    """A kind of paper of a site with its last print, if any; `again`: what of it must be printed again, and why."""

    code: str
    kind: Kind
    last: Entry | None
    again: Again | None

    @property
    def current(self) -> bool:
        """It is printed, and all of it still holds."""
        return self.last is not None and self.again is None


def supervision(exam: Exam, office_path: str) -> Supervision | None:
    """The row of exactly this office."""
    with acting(PRINTER):
        return Supervision.objects.filter(exam=exam, office_path=office_path).first()


def supervision_phone(exam: Exam, site_code: str) -> str:
    """The number for the site: its own, its point's, its region's; "" if nobody entered one."""
    above = [path_of(site_code[:2]), path_of(site_code[:4]), f"{path_of(site_code[:4])}{site_code[-2:]}/"]
    with acting(PRINTER):
        found = Supervision.objects.filter(exam=exam, office_path__in=above)
        by_path = dict(found.values_list("office_path", "phone"))
    return next((by_path[path] for path in reversed(above) if path in by_path), "")


@dataclass(frozen=True)
class Standing:
    """What a site's papers follow from: which numbering of the region, which plan of the site (0: none), and whether the
    numbers are those of the region's present plans."""

    round: int
    plan_id: int
    current: bool


def standing(exam: Exam, site_code: str) -> Standing:
    """As it is now: equal as long as neither seats nor numbers of the site have changed."""
    region = site_code[:2]
    with acting(PRINTER):
        made = generation(exam, region)
        plan = seating.plans(exam, viewer=PRINTER, region_code=region).filter(site__code=site_code).first()
        current = made is not None and made.plans == seating.plans_digest(exam, region)
    return Standing(made.round if made else 0, plan.pk if plan else 0, current)


def plan_ids(*, viewer: Actor, exam: Exam, site_code: str) -> set[int]:
    """The plans from which the site's valid tickets are."""
    mine = Ticket.objects.filter(exam=exam, site_code=site_code, revoked_at=None)
    mine = mine.filter(office_path__gte=viewer.office_path, office_path__lt=viewer.office_path + "~")
    return set(mine.order_by().values_list("plan_id", flat=True).distinct())


def unprintable(*, viewer: Actor, exam: Exam, site_code: str) -> list[Unprintable]:
    """Whose name would not print whole, in the order of their numbers: asked before anything is printed."""
    mine = Ticket.objects.filter(exam=exam, site_code=site_code, revoked_at=None)
    mine = mine.filter(office_path__gte=viewer.office_path, office_path__lt=viewer.office_path + "~")
    tickets = dict(mine.order_by("number").values_list("registration_id", "number"))
    with acting(PRINTER):
        names = registration.names_of(viewer=PRINTER, exam=exam, ids=list(tickets))
    found = []
    for pk, number in tickets.items():
        if lost := missing_glyphs(names[pk]):
            found.append(Unprintable(number, names[pk], "".join(sorted(lost))))
    return found


def papers(*, viewer: Actor, exam: Exam, site_code: str) -> list[Paper]:
    """Every kind of paper of the site in the print shop's order, with its last print."""
    last = documents.latest(
        viewer=viewer, exam_slug=exam.slug, subject=f"site:{site_code}", kinds=list(KINDS)
    )
    void = {a.kind: a for a in again(exam, f"{path_of(site_code[:4])}{site_code[-2:]}/")}
    return [Paper(code, kind, last.get(code), void.get(code)) for code, kind in KINDS.items()]
