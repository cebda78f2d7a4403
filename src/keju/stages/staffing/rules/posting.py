"""Posts and how many fill them (V2.1-V2.8, P4.1): what is needed where, what is missing, who may be appointed by whom."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from keju.rulebook import Refusal, rule
from keju.rulebook.model import Post
from keju.rulebook.words import Words, t
from keju.stages.staffing.params import Params

OFFICE_WORDS: dict[str, Words] = {
    "committee": t("委员会", "the committee"),
    "office": t("管理办公室", "the office"),
    "centre": t("中心", "the centre"),
    "region": t("考区办公室", "the region office"),
    "point": t("考点办公室", "the point office"),
}
# A point's posts may also be filled by its region in one sheet; who is sent from above is sent by that office alone.
MAY_APPOINT = {"point": ("point", "region"), "region": ("region",), "committee": ("committee",)}


SENDERS = {"region": ("committee",), "point": ("committee", "region")}
"""Kind of office at which a post is held → who, appointing to it, sends somebody from above."""


@dataclass(frozen=True, order=True)
class Place:
    """Where a post is filled: an office, or a floor of it; `units`: rooms counted there (1 where none are)."""

    office_code: str
    office_path: str
    building: str = ""
    floor: int | None = None
    units: int = 1


@dataclass(frozen=True)
class Quota:
    """How many fill a post at one unit, in figures of the day; `most` None: as many as one likes."""

    least: int
    most: int | None


@dataclass(frozen=True)
class Counted:
    """Who holds a post at a place: accepted and in force, still asked, barred by a recusal, and substitutes in force."""

    accepted: int = 0
    asked: int = 0
    barred: int = 0
    substitutes: int = 0


def quota_of(post: Post, params: Params) -> Quota | None:
    """The post's quota in figures; None where the programme counts nobody."""
    if post.quota is None:
        return None
    figures: Mapping[str, int] = vars(params)
    least, most = (
        figures[value.removeprefix("staffing.")] if isinstance(value, str) else value
        for value in (post.quota.min, post.quota.max)
    )
    return Quota(least or 0, most)


def shortfall(quota: Quota, units: int, counted: Counted) -> tuple[int, int]:
    """(how many are missing, how many are too many) in a place of so many units, of those in force."""
    missing = max(0, quota.least * units - counted.accepted)
    over = 0 if quota.most is None else max(0, counted.accepted - quota.most * units)
    return missing, over


@rule("V2.1", "V2.2", "V2.7", "P4.1")
def check_appointer(post: Post, by_kind: str) -> Iterator[Refusal]:
    """Whoever is sent from above is sent by that office alone: inspectors by the committee, supervisors by the region."""
    if by_kind not in MAY_APPOINT.get(post.appointed_by, (post.appointed_by,)):
        facts = {"post": post.name, "by": OFFICE_WORDS.get(post.appointed_by, post.appointed_by)}
        yield Refusal(post.rule, "staffing_appointer", facts)


def is_sent(post: Post) -> bool:
    """Whether who holds the post is sent from above the place where it is held, as inspectors and supervisors are."""
    return post.appointed_by in SENDERS.get(post.at, ())


@rule("V2.1", "V2.2")
def is_fit_home(post: Post, place: str, home: str) -> bool:
    """Whether somebody of the home office is proposed for the post at the place (both paths).

    Who looks at a place is sent from above it, so nobody of that place; any other post takes people above, at or below.
    """
    if is_sent(post):
        return not home.startswith(place)
    return place.startswith(home) or home.startswith(place)


@rule("V2.8")
def check_place(post: Post, place: Place, known: Sequence[Place], room: int | None) -> Iterator[Refusal]:
    """The post is filled where the programme has it: an office of that kind, a floor in use; a room only where rooms count."""
    if not any(p.office_code == place.office_code for p in known):
        yield Refusal(post.rule, "staffing_place", {"post": post.name, "place": place.office_code})
    elif not any(
        (p.building, p.floor) == (place.building, place.floor)
        for p in known
        if p.office_code == place.office_code
    ):
        yield Refusal(
            post.rule, "staffing_floor", {"post": post.name, "place": place.office_code}, field="floor"
        )
    if room is not None and (post.quota is None or post.quota.per != "room"):
        yield Refusal(post.rule, "staffing_room", {"post": post.name}, field="room")


@rule("V2.1", "V2.2", "V2.3", "V2.4", "V2.5", "V2.7", "P4.1")
def check_quota(post: Post, quota: Quota | None, place: Place, living: int) -> Iterator[Refusal]:
    """Not more than the rule allows are appointed, those still asked counted, substitutes not."""
    if quota is not None and quota.most is not None and living > quota.most * place.units:
        facts = {
            "post": post.name,
            "place": place.office_code,
            "most": quota.most * place.units,
            "rule": post.rule,
        }
        yield Refusal(post.rule, "staffing_too_many", facts)


@rule("V2.7")
def check_sector(post: Post, name: str, in_sector: bool, *, doubtful: bool = False) -> Iterator[Refusal]:
    """Nobody whose employer belongs to the sector holds a post that is closed to it; a `doubtful` one is looked into first."""
    if post.needs.sector_ban and in_sector:
        yield Refusal(post.rule, "staffing_sector", {"name": name, "post": post.name}, field="name")
    elif post.needs.sector_ban and doubtful:
        yield Refusal(post.rule, "staffing_sector_doubt", {"name": name, "post": post.name}, field="name")


@rule("V2.7")
def is_doubtful(employer: str, in_sector: bool, sure: bool, words: Iterable[str]) -> bool:
    """Whether an employer sounds like the sector's, is said not to be of it, and nobody has looked into that."""
    return not in_sector and not sure and any(word in employer for word in words)


@rule("V2.8")
def check_nowhere_else(name: str, path: str, others: Sequence[str], mine: str) -> Iterator[Refusal]:
    """Nobody serves at two sites, two points or two regions on one day; above and below in one line is one place.

    `others`: paths of the member's other living appointments; those outside `mine`, the actor's office, are not named.
    """
    for other in others:
        if not (other.startswith(path) or path.startswith(other)):
            code = "staffing_elsewhere_here" if other.startswith(mine or "-") else "staffing_elsewhere"
            yield Refusal(
                "V2.8", code, {"name": name, "place": other.strip("/").replace("/", "-")}, field="name"
            )
            return


@rule("V2.6")
def check_confidential_officer(office: Words | str, officers: int, least: int) -> Iterator[Refusal]:
    """No movement of papers is opened by a body without its confidential officer in force."""
    if officers < least:
        yield Refusal("V2.6", "staffing_no_confidential_officer", {"office": office, "least": least})


@rule("V2.7")
def check_invigilators(site: str, rooms: int, invigilators: int, least: int, most: int) -> Iterator[Refusal]:
    """Rooms are drawn only when every room gets at least the fewest invigilators, and none more than the most."""
    if invigilators < rooms * least:
        facts = {"site": site, "rooms": rooms, "have": invigilators, "need": rooms * least, "least": least}
        yield Refusal("V2.7", "staffing_invigilators_few", facts)
    elif invigilators > rooms * most:
        facts = {"site": site, "rooms": rooms, "have": invigilators, "need": rooms * most, "most": most}
        yield Refusal("V2.7", "staffing_invigilators_many", facts)
