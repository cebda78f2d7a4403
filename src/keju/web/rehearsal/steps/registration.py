"""Candidates register online: most at once, some after mending their photo, some are refused for good."""

from bisect import bisect
from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate, islice

from keju.algorithms.photo import CHECKER_VERSION
from keju.algorithms.synthetic.faces import photo_at, sex_of
from keju.algorithms.synthetic.people import SyntheticPerson, generate_people
from keju.kernel.accounts.queries import identity_index
from keju.kernel.accounts.services import NewCandidate, ensure_candidates
from keju.kernel.audit import record, write
from keju.kernel.exams import queries as exams
from keju.kernel.files.services import NewFile, store_many
from keju.kernel.offices import Actor, acting
from keju.rulebook import Programme
from keju.stages.registration import services as registration
from keju.stages.registration.params import Params
from keju.stages.registration.services import Submission
from keju.web.rehearsal.steps import people
from keju.web.rehearsal.world import CLOCKWORK, Tick, World

GOOD, BAD = 48, 24
CHUNK = 5_000
FEWER, GOLDEN = 0.18, (5**0.5 - 1) / 2
MAJORS = {
    "veterinary": "veterinary",
    "animal husbandry and veterinary": "animal_husbandry_veterinary",
    "Chinese veterinary medicine": "chinese_veterinary",
    "ethnic veterinary medicine": "ethnic_veterinary",
    "aquaculture": "aquaculture",
}
TITLES = {"veterinarian": "veterinarian", "senior veterinarian": "senior_veterinarian"}


def run(world: World, tick: Tick) -> dict[str, int]:
    """Afterwards every eligible person is registered once; the rest were refused by name."""
    people.forerun(world)
    shas = _photos(world)
    refused = mended = 0
    for region, everybody in _by_region(world):
        for members in _batched(everybody, CHUNK):
            r, m = _register(world, region, members, shas)
            refused, mended = refused + r, mended + m
            tick(len(members))
    world.expected["registered"] = world.candidates - refused
    return {"registered": world.candidates - refused, "refused": refused, "photos mended": mended}


def _by_region(world: World) -> Iterator[tuple[str, Iterator[SyntheticPerson]]]:
    """Every region with its people, made as they are asked for: the nation never lies in memory."""
    each, more = divmod(world.candidates, len(world.regions))
    for place, region in enumerate(world.regions):
        seed = world.random(f"people{region.code}").getrandbits(32)
        yield (
            region.code,
            generate_people(seed, each + (place < more), [region.code], world.year, n_good=GOOD, n_bad=BAD),
        )


def _batched(people: Iterator[SyntheticPerson], size: int) -> Iterator[list[SyntheticPerson]]:
    while chunk := list(islice(people, size)):
        yield chunk


def _photos(world: World) -> dict[int, str]:
    """The pool of photos is stored and examined once; returns contents' names by place in the pool."""
    places = _places(world)
    if world.photos:
        return dict(zip(places, world.photos, strict=True))
    pool = [photo_at(world.seed, place, GOOD) for place in places]
    params = exams.params(world.exam, Params)

    @write(None)
    def keep(*, by: Actor, at: object) -> list[str]:
        names = store_many(
            files=[NewFile(p.jpeg, "photo.jpg", "image/jpeg", "/") for p in pool],
            by=by,
            at=world.calendar.registering,
        )
        record(
            "rehearsal.photos.kept",
            by=by,
            at=world.calendar.registering,
            subject="photos",
            data={"n": len(pool)},
        )
        return names

    with acting(CLOCKWORK):
        names = keep(by=CLOCKWORK, at=world.calendar.registering)
        registration.ensure_checked({n: p.jpeg for n, p in zip(names, pool, strict=True)}, params)
    world.photos = {n: p.jpeg for n, p in zip(names, pool, strict=True)}
    world.expected["checker"] = CHECKER_VERSION
    return dict(zip(places, names, strict=True))


def _places(world: World) -> list[int]:
    """The places of the pool that somebody needs: where people are few, most photos would be drawn for nobody."""
    if world.candidates >= GOOD + BAD:
        return list(range(GOOD + BAD))
    people = [person for _, members in _by_region(world) for person in members]
    return sorted({p.photo for p in people} | {_mended(p) for p in people if p.photo >= GOOD})


def _register(
    world: World, region: str, members: list[SyntheticPerson], shas: dict[int, str]
) -> tuple[int, int]:
    points = [p.code for p in world.points[region]]
    place = _unequal if world.uneven else _equal
    programme = exams.programme(world.exam)
    submissions = [
        _submission(programme, p, points[place(i, len(points))], shas, world.year)
        for i, p in enumerate(members)
    ]
    at = world.calendar.registering
    with acting(CLOCKWORK):
        owners = _accounts(world, submissions)
        results = registration.submit(
            exam=world.exam, submissions=submissions, candidate_ids=owners, by=CLOCKWORK, at=at
        )
        again = [
            i for i, r in enumerate(results) if r.refusals and all(f.field == "photo" for f in r.refusals)
        ]
        for i in again:
            submissions[i] = replace(submissions[i], photo_sha256=shas[_mended(members[i])])
        if again:
            registration.submit(
                exam=world.exam,
                submissions=[submissions[i] for i in again],
                candidate_ids=[owners[i] for i in again],
                by=CLOCKWORK,
                at=at,
            )
    return sum(bool(r.refusals) for r in results) - len(again), len(again)


def _equal(i: int, points: int) -> int:
    """At which of so many points the person number `i` registers, all alike."""
    return i % points


def _unequal(i: int, points: int) -> int:
    """As `_equal`, each point having a fifth fewer than the one before: the multiples of the golden ratio fall evenly."""
    shares = [(1 - FEWER) ** n for n in range(points)]
    at = i * GOLDEN % 1 * sum(shares)
    return min(bisect(list(accumulate(shares)), at), points - 1)


def _accounts(world: World, submissions: list[Submission]) -> list[int]:
    found = ensure_candidates(
        people=[NewCandidate(s.identity, s.name, s.phone) for s in submissions],
        by=CLOCKWORK,
        at=world.calendar.registering,
    )
    return [found[identity_index(s.identity)] for s in submissions]


def _mended(person: SyntheticPerson) -> int:
    """The place of a photo that passes, of the same sex as the one that did not."""
    return (person.photo * 2 + (sex_of(1) == person.sex)) % GOOD


def _submission(
    programme: Programme, p: SyntheticPerson, point: str, shas: dict[int, str], year: int
) -> Submission:
    route, facts = _route(p, year)
    routes, categories = [r.code for r in programme.routes], [c.code for c in programme.categories]
    if route not in routes:  # another programme than the one these people studied for
        route, facts = routes[p.photo % len(routes)], {}
    category = p.category if p.category in categories else categories[int(p.phone) % len(categories)]
    return Submission(
        identity=p.identity_number,
        name=p.name,
        phone=p.phone,
        address=p.address,
        employer=p.employer,
        category=category,
        route=route,
        route_facts=facts,
        point_code=point,
        photo_sha256=shas[p.photo],
        pledge=True,
    )


def _route(p: SyntheticPerson, year: int) -> tuple[str, dict[str, str]]:
    s = p.study
    major = MAJORS.get(s.major, s.major)
    if s.route == "b":
        return "title", {"title": TITLES.get(s.title, s.title), "title_on": str(s.title_on or "")}
    if s.route == "c":
        graduating = str(s.graduated_on.year) if s.graduated_on else ""
        return "graduating", {"major": major, "school": s.school, "graduating_year": graduating}
    return "diploma", {"degree": s.degree, "major": major, "school": s.school}
