"""A site as its papers need it, read once: place, rooms, plan, sessions, who supervises. Nothing is written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from keju.algorithms.photo import for_print
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.files import queries as files
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import office, path_of
from keju.rulebook import Words
from keju.rulebook.words import speaking
from keju.stages.seating import queries as seating
from keju.stages.tickets import queries
from keju.stages.tickets.documents import Hall, Holder, Place, RoomSheet, SitePapers, Sitting, Stamp
from keju.stages.tickets.queries import PRINTER, RoomTicket
from keju.stages.venues import queries as venues

PICTURE, PICTURE_HEIGHT = "site", 1600
"""The name of the site's own drawing among a paper's files; pixels that half a sheet of A3 shows."""


@dataclass(frozen=True)
class Scene:
    """`places` and `sizes` (columns, desks in each) by a room's id; `plan` is that behind the tickets, as the print ledger
    names it, `stamp` what it is marked by, `stamps` that of every version by its id; `picture` the file of the site's own
    drawing, "" without one."""

    exam: Exam
    code: str
    name: Words
    address: str
    around: str
    places: Mapping[int, Place]
    sizes: Mapping[int, tuple[int, int]]
    halls: Sequence[Hall]
    plan: str
    stamp: Stamp
    stamps: Mapping[int, Stamp]
    points: tuple[Words, Words]
    phone: str
    picture: str

    @property
    def office_path(self) -> str:
        return site_path(self.code)


def site_path(site_code: str) -> str:
    return f"{path_of(site_code[:4])}{site_code[-2:]}/"


def scene(exam: Exam, site_code: str, plan_id: int) -> Scene:
    """As public facts for whoever has a ticket there (V14.3), whatever their scope; `plan_id` is that of the tickets."""
    here = Actor.system("tickets", site_path(site_code))
    # The front of a ticket is Chinese whoever prints it, so that copies of one content are the same bytes.
    with acting(here), speaking("zh"):
        site = venues.site_facts(exam, site_code)
        around = site.around
        rooms = venues.rooms(site)
        used = {r.room_id for r in queries.rooms_in_use(viewer=here, exam=exam)}
        plans = seating.versions(exam, site_code, viewer=here)
        stamps = {p.pk: Stamp(p.version, p.hash) for p in plans}
    return Scene(
        exam=exam,
        code=site_code,
        name=site.name,
        address=site.address,
        around=around,
        places={
            r.pk: Place(site.name, site.address, around, r.building, r.floor, r.number, r.name) for r in rooms
        },
        sizes={r.pk: (r.columns, r.rows) for r in rooms},
        halls=[Hall(r.number, r.building, r.floor, r.kind, r.name, r.stair, r.pk in used) for r in rooms],
        plan=f"plan:{plan_id}",
        stamp=stamps[plan_id],
        stamps=stamps,
        points=(office(site_code[:2]).name, office(site_code[:4]).name),
        phone=queries.supervision_phone(exam, site_code),
        picture=site.picture,
    )


def category_of(exam: Exam, code: str) -> Words:
    return next(c.name for c in exams.programme(exam).categories if c.code == code)


def sittings(exam: Exam, category: str) -> list[Sitting]:
    """The sessions with the subjects that the category sits."""
    mine = exams.programme(exam).subjects_of(category)
    found = [
        (s, [subject.name for subject in mine if subject.session == s.number]) for s in exams.sessions(exam)
    ]
    return [Sitting(s.name, names, s.starts_at, s.ends_at) for s, names in found if names]


def holder(exam: Exam, p: RoomTicket) -> Holder:
    return Holder(
        p.number, p.name, p.sex, p.identity_masked, p.seat, f"p{p.photo_sha256}", category_of(exam, p.category)
    )  # fmt: skip


def papers(here: Scene, people: Sequence[RoomTicket]) -> SitePapers:
    """Everything that a site's papers are made of, with everybody in `people` (by room and seat)."""
    exam = here.exam
    found = []
    for room_id, group in groupby(people, key=lambda p: p.room_id):
        mine = list(group)
        found.append(
            RoomSheet(
                here.places[room_id],
                category_of(exam, mine[0].category),
                *here.sizes[room_id],
                [holder(exam, p) for p in mine],
                [(p.seat, p.column, p.row) for p in mine],
            )
        )
    categories = sorted({p.category for p in people})
    return SitePapers(
        exam=exam.name,
        region=here.points[0],
        point=here.points[1],
        code=here.code,
        site=here.name,
        address=here.address,
        surroundings=here.around,
        stamp=here.stamp,
        rooms=found,
        halls=here.halls,
        sittings={category_of(exam, c).zh: sittings(exam, c) for c in categories},
        phone=here.phone,
        picture=PICTURE if here.picture else "",
    )


def chunks(whole: SitePapers, rooms: int) -> Iterable[SitePapers]:
    """The same, so many rooms at a time."""
    for start in range(0, len(whole.rooms), rooms):
        yield replace(whole, rooms=whole.rooms[start : start + rooms])


def photos(whole: SitePapers, height: int) -> dict[str, bytes]:
    """By the name under which the template asks for them, as large as the paper needs; the same photo once."""
    wanted = {h.photo for room in whole.rooms for h in room.holders}
    found = files.read_many(sorted(name[1:] for name in wanted), viewer=PRINTER)
    return {f"p{sha}": for_print(data, height) for sha, data in found.items()}


def drawing(here: Scene) -> dict[str, bytes]:
    """The site's own drawing, by the name under which the template asks for it; nothing where there is none."""
    if not here.picture:
        return {}
    return {PICTURE: for_print(files.read(here.picture, viewer=PRINTER), PICTURE_HEIGHT)}
