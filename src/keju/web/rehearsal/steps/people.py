"""People of every office and site: entered, appointed, declared, accepted; with recusals planted, found and mended.

Planted in every region, as the seed has it: somebody who sits the exam, a spouse who does, a child who registers after the
declaration, and somebody of the sector put up for a post that is closed to it.
"""

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from itertools import count

from PIL import Image

from keju.algorithms.identity import compose
from keju.algorithms.synthetic.people import generate_people
from keju.kernel.exams import queries as exams
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.models import Office
from keju.kernel.offices.queries import office
from keju.rulebook import RuleRefused
from keju.rulebook.model import Post
from keju.stages.registration import queries as registration
from keju.stages.registration.services import unmask
from keju.stages.staffing import queries, services
from keju.stages.staffing.queries import recusal
from keju.stages.staffing.rules.recusal import NewDeclaration, NewRelative
from keju.stages.staffing.services import NewAppointment, NewMember
from keju.stages.staffing.services.recusal import decide_hit, declare, keep_recusal
from keju.web.rehearsal.world import CLOCKWORK, World

ELDEST, A_DAY = (
    date(1950, 1, 1),
    400,
)  # staff are born in the fifties, candidates later: nobody is both by chance
OF_PURPOSE, OF_REGION = 600, 10  # days of birth
PURPOSES = ("staff", "teachers", "first officer", "sent", "sector", "centre", "couriers")
ENOUGH = 3  # of a post without an upper bound, so that shifts can change
SPARE = 3


@dataclass(frozen=True)
class Slot:
    """One place to fill: the post and where."""

    post: Post
    place: NewAppointment
    home: str


def forerun(world: World) -> None:
    """Before registration opens each region has its first officer, who declares a child that will register."""
    at = world.calendar.registration_opens
    post = [p for p in exams.programme(world.exam).posts if p.at == p.appointed_by == "region"][-1]
    for region in world.regions:
        officer = world.actor("region_officer", region)
        (person,) = strangers(world, region, "first officer", 1)
        seed = world.random(f"people{region.code}").getrandbits(32)
        child = next(generate_people(seed, 1, [region.code], world.year))
        with acting(officer):
            (member,) = services.add_members(members=[person], by=officer, at=at)
            said = NewDeclaration(
                member, False, (NewRelative("child", child.name, child.identity_number),), True
            )
            declare(exam=world.exam, declarations=[said], scan=signed(), by=officer, at=at)
            appointed(world, officer, [NewAppointment(member, post.code, region.code)], at)
        _planted(world).append((member, child.identity_number))


def run(world: World) -> dict[str, int]:
    """Afterwards every post of every place in use is filled by somebody in force, and whoever was barred is replaced."""
    counted: Counter[str] = Counter()
    for region in world.regions:
        at = world.calendar.opened + timedelta(days=3)
        counted.update(_staff(world, region, at))
        if not world.leave_open:
            counted.update(_mend(world, region, at))
    return dict(counted)


def engage(world: World, at: datetime, *, more: int) -> None:
    """What can be filled before there are sites is filled, and every point has so many more people in the registry."""
    for region in world.regions:
        _staff(world, region, at)
        officer = world.actor("region_officer", region)
        homes = [point.path for point in world.points[region.code] for _ in range(more)]
        people = [
            replace(m, employer=f"{office(home.split('/')[-2]).name_zh}第一中学", in_sector=False)
            for m, home in zip(strangers(world, region, "teachers", len(homes)), homes, strict=True)
        ]
        with acting(officer):
            services.add_members(members=people, homes=homes, by=officer, at=at)


def _staff(world: World, region: Office, at: datetime) -> dict[str, int]:
    exam = world.exam
    officer = world.actor("region_officer", region)
    with acting(officer):
        slots = list(_slots(world, region))
        from_above = [s for s in slots if s.post.appointed_by == "committee"]
        own = [s for s in slots if s.post.appointed_by != "committee"]
        spares = [Slot(s.post, s.place, s.home) for s in own[-1:] for _ in range(SPARE)]
        people = _people(world, region, [*own, *spares])
        people[len(own) :] = [replace(m, in_sector=False) for m in people[len(own) :]]
        married = _plant(world, region, own, people)
        ids = services.add_members(members=people, homes=[s.home for s in (*own, *spares)], by=officer, at=at)
        working, waiting = ids[: len(own)], ids[len(own) :]
        said = [
            NewDeclaration(pk, n not in married, tuple(married.get(n, ())), True) for n, pk in enumerate(ids)
        ]
        declare(exam=exam, declarations=said, scan=signed(), by=officer, at=at)
        made = appointed(
            world, officer, [replace(s.place, member_id=pk) for s, pk in zip(own, working, strict=True)], at
        )
        _remember(world, people, ids, married)
        refused = _sector(world, region, own, at)
    sent = _send(world, region, from_above, at)
    with acting(CLOCKWORK):
        keep_recusal(exam=exam, by=CLOCKWORK, at=at)
    _spares(world)[region.code] = waiting
    return {"members": len(ids) + sent, "appointed": len(made) + sent, "sector refused": refused}


def _slots(world: World, region: Office) -> Iterator[Slot]:
    """One for everybody who is missing, and some more where there may be."""
    for gap in queries.gaps(world.exam, region.path):
        more = ENOUGH - gap.least if gap.most is None else 0
        home = {"committee": "/", "region": region.path}.get(
            gap.post.appointed_by, "/".join(gap.place.office_path.split("/")[:3]) + "/"
        )
        place = NewAppointment(0, gap.post.code, gap.place.office_code, gap.place.building, gap.place.floor)
        # whoever is barred already takes the place until somebody is put into it
        for _ in range(max(0, gap.missing - gap.counted.barred) + max(0, more)):
            yield Slot(gap.post, place, home)
    # nobody is owed in these, and papers do not reach a point without them
    for post in exams.programme(world.exam).posts:
        known = queries.appointed(world.exam, region.path, post=post.code, size=1)
        if post.at == "region" and post.quota is None and post.keeps_papers and not known:
            for _ in range(ENOUGH):
                yield Slot(post, NewAppointment(0, post.code, region.code), region.path)


def _people(world: World, region: Office, slots: Sequence[Slot]) -> list[NewMember]:
    """Somebody for each slot: site staff of a school, the others of the authority."""
    found = strangers(world, region, "staff", len(slots))
    return [
        replace(m, employer=f"{office(s.home.split('/')[-2]).name_zh}第一中学", in_sector=False)
        if s.post.at == "site"
        else replace(m, employer=f"{region.name_zh}农业农村厅", in_sector=True)
        for m, s in zip(found, slots, strict=True)
    ]


def strangers(world: World, region: Office, purpose: str, wanted: int) -> list[NewMember]:
    """So many people whom nobody has seen before; each purpose has its own years of birth, and in them each region its days:
    Guangdong's old counties are Hainan's too."""
    seed = world.random(f"{purpose}{region.code}").getrandbits(32)
    first = (PURPOSES.index(purpose) * OF_PURPOSE + (int(region.code) - 11) * OF_REGION) * A_DAY
    return [
        NewMember(
            name=p.name,
            identity=compose(
                p.identity_number[:6],
                ELDEST + timedelta(days=n // A_DAY),
                2 * (n % A_DAY) + (1 if p.sex == "M" else 2),
            ),
            sex=p.sex,
            employer=f"{region.name_zh}农业农村厅",
            phone=p.phone,
            in_sector=True,
            permanent=True,
            languages="普通话",
        )
        for n, p in zip(count(first), generate_people(seed, wanted, [region.code], world.year), strict=False)
    ]


def _plant(
    world: World, region: Office, slots: Sequence[Slot], people: list[NewMember]
) -> dict[int, tuple[NewRelative, ...]]:
    """One of the region's staff is a candidate, the spouse of another is. Returns place in `people` → relatives."""
    open_to = [n for n, s in enumerate(slots) if s.post.needs.recusal and s.post.at != "region"]
    preferred = [n for n in open_to if slots[n].post.needs.sector_ban] or open_to
    found = registration.ids(viewer=CLOCKWORK, exam=world.exam, state="confirmed", office_path=region.path)
    dice = world.random(f"recusals{region.code}")
    if len(preferred) < 2 or len(found) < 2:
        return {}
    own, married = sorted(dice.sample(preferred, 2))
    with acting(CLOCKWORK):
        one, other = (
            unmask(
                exam=world.exam,
                registration_id=pk,
                reason="rehearsal",
                by=CLOCKWORK,
                at=world.calendar.opened,
            )
            for pk, *_ in dice.sample(found, 2)
        )
    people[own] = replace(
        people[own], name=one.name, identity=one.identity, sex="M" if one.sex == "male" else "F"
    )
    return {married: (NewRelative("spouse", other.name, other.identity),)}


def _remember(
    world: World, people: Sequence[NewMember], ids: Sequence[int], married: dict[int, tuple[NewRelative, ...]]
) -> None:
    """What was planted, for the proof."""
    born = [(pk, m.identity) for m, pk in zip(people, ids, strict=True) if m.identity[6:10] >= "1960"]
    _planted(world).extend(born + [(ids[n], r.identity) for n, rs in married.items() for r in rs])


def _planted(world: World) -> list[tuple[int, str]]:
    """(member, identity number) of everything planted so far."""
    return world.expected.setdefault("recusals", [])  # type: ignore[return-value]


def appointed(world: World, officer: Actor, places: Sequence[NewAppointment], at: datetime) -> list[int]:
    """Proposed, and accepted on a signed list."""
    made = services.appoint(exam=world.exam, appointments=places, by=officer, at=at)
    services.accept_on_paper(exam=world.exam, appointment_ids=made, scan=signed(), by=officer, at=at)
    return made


def _send(world: World, region: Office, slots: Sequence[Slot], at: datetime) -> int:
    """Whom the committee sends: entered by the centre, appointed by the committee."""
    if not slots:
        return 0
    centre, committee = world.national("centre_exam"), world.national("committee_member")
    people = strangers(world, region, "sent", len(slots))
    with acting(centre):
        ids = services.add_members(members=people, by=centre, at=at)
        said = [NewDeclaration(pk, True, (), True) for pk in ids]
        declare(exam=world.exam, declarations=said, scan=signed(), by=centre, at=at)
    with acting(committee):
        appointed(
            world, committee, [replace(s.place, member_id=pk) for s, pk in zip(slots, ids, strict=True)], at
        )
    return len(ids)


def _sector(world: World, region: Office, slots: Sequence[Slot], at: datetime) -> int:
    """Somebody of the sector is put up for a post closed to it, and refused."""
    closed = [s for s in slots if s.post.needs.sector_ban]
    if not closed:
        return 0
    officer = world.actor("region_officer", region)
    stranger = replace(strangers(world, region, "sector", 1)[0], in_sector=True)
    (pk,) = services.add_members(members=[stranger], homes=[closed[0].home], by=officer, at=at)
    try:
        services.appoint(
            exam=world.exam,
            appointments=[replace(closed[0].place, member_id=pk, substitute=True)],
            by=officer,
            at=at,
        )
    except RuleRefused as refused:
        return sum(r.code == "staffing_sector" for r in refused.refusals)
    return 0


def _spares(world: World) -> dict[str, list[int]]:
    """Region → members without a post, for whoever must be replaced."""
    return world.expected.setdefault("spares", {})  # type: ignore[return-value]


def _mend(world: World, region: Office, at: datetime) -> dict[str, int]:
    """Whoever is barred is replaced, and somebody above decides: oneself stays barred, the others hold no post any more."""
    exam, officer = world.exam, world.actor("region_officer", region)
    leader, above = world.actor("region_leader", region), world.national("office_officer")
    with acting(officer):
        found = recusal.hits(viewer=officer, exam=exam)
        made = []
        for row, spare in zip(found, _spares(world)[region.code], strict=False):
            for held in queries.held_by(exam, [row.member_id]).get(row.member_id, ()):
                version = queries.appointment(exam, held.id, viewer=officer).version
                done = services.replace(
                    exam=exam, appointment_id=held.id, version=version, member_id=spare,
                    reason="需要回避", by=officer, at=at,
                )  # fmt: skip
                made.append(done.appointment_id)
        if made:
            services.accept_on_paper(exam=exam, appointment_ids=made, scan=signed(), by=officer, at=at)
    for row in found:
        by = above if row.office_path == region.path else leader
        with acting(by):
            decide_hit(
                exam=exam,
                hit_id=row.id,
                version=row.version,
                uphold=row.own,
                cause="" if row.own else "ended",
                reason="已核实，并已更换人员",
                by=by,
                at=at,
            )
    return {"barred": len(found), "replaced": len(made)}


@cache
def signed() -> bytes:
    """The scan of a signed list, as good as blank."""
    buffer = io.BytesIO()
    Image.new("RGB", (420, 594), "white").save(buffer, "PNG")
    return buffer.getvalue()
