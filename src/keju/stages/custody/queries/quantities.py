"""Paper quantities as the seats of now need them, and as the regions confirmed them."""

from collections.abc import Sequence
from dataclasses import dataclass

from keju.kernel.audit import NotPermitted
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor
from keju.kernel.offices.looking import once_a_look
from keju.kernel.offices.queries import path_of
from keju.rulebook.words import Words
from keju.stages.custody import rules
from keju.stages.custody.models.quantities import Confirmation
from keju.stages.custody.params import Params
from keju.stages.seating import queries as seating


@dataclass(frozen=True)
class Quantities:
    """What a region needs. `names`: site code → name; `digest` stands for the lines."""

    bags: list[rules.Bag]
    lines: list[rules.Line]
    names: dict[str, Words]

    @property
    def digest(self) -> str:
        return rules.digest(self.lines)


def quantities(exam: Exam, region_code: str, *, viewer: Actor) -> Quantities:
    """Computed from the region's plans in force, as far as the viewer sees them."""
    loads, names = [], {}
    for plan in seating.plans(exam, viewer=viewer, region_code=region_code):
        site = plan.site
        names[site.code] = site.name
        loads += [
            rules.Load(site.code, load.number, load.category, load.count) for load in seating.room_loads(plan)
        ]
    sessions = sessions_of(exam)
    lines = rules.quantities(loads, sessions, exams.params(exam, Params))
    return Quantities(rules.bags(loads, sessions), lines, names)


def sessions_of(exam: Exam) -> dict[str, list[int]]:
    """Category → the sessions in which it has a subject."""
    programme = exams.programme(exam)
    return {c.code: sorted({s.session for s in programme.subjects_of(c.code)}) for c in programme.categories}


@once_a_look
def confirmations(exam: Exam, *, viewer: Actor) -> dict[str, Confirmation]:
    """Region → the confirmation that counts: its last."""
    found = Confirmation.objects.filter(exam=exam, office_path__startswith=viewer.office_path)
    return {row.region_code: row for row in found.order_by("version")}


def lines_of(row: Confirmation) -> list[rules.Line]:
    """The quantities as they were confirmed."""
    return [rules.Line(*line) for line in row.lines]


def own_region(viewer: Actor, region_code: str) -> str:
    """The path of a region in the viewer's scope; hidden otherwise."""
    path = path_of(region_code)
    if not path.startswith(viewer.office_path or "-"):
        raise NotPermitted(hidden=True)
    return path


def scan_of(exam: Exam, region_code: str, *, viewer: Actor) -> str:
    """The file of the stamped form that counts; hidden where there is none."""
    own_region(viewer, region_code)
    row = confirmations(exam, viewer=viewer).get(region_code)
    if row is None:
        raise NotPermitted(hidden=True)
    return row.scan


def names_of(exam: Exam) -> tuple[dict[int, Words], dict[str, Words]]:
    """(session number → name, category → name)."""
    programme = exams.programme(exam)
    return {s.number: s.name for s in exams.sessions(exam)}, {c.code: c.name for c in programme.categories}


def sums(lines: Sequence[rules.Line], place: str) -> list[rules.Line]:
    """The lines summed over all sites."""
    return rules.totals(lines, place)
