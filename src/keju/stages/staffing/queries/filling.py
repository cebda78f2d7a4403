"""Who could fill what is missing: a proposal from the registry that a person looks over and confirms."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.rulebook.model import Post
from keju.stages.staffing.models import LIVING, Appointment, Member
from keju.stages.staffing.params import Params
from keju.stages.staffing.queries.appointed import NATION, barred_members
from keju.stages.staffing.queries.needs import gaps
from keju.stages.staffing.queries.people import under
from keju.stages.staffing.rules import MAY_APPOINT, Place, is_doubtful, is_fit_home, is_sent


@dataclass(frozen=True)
class Candidate:
    """Somebody without a post, as far as the choice needs. `in_sector`: or their employer sounds so and nobody looked into it."""

    id: int
    name: str
    employer: str
    in_sector: bool
    permanent: bool
    home: str


@dataclass(frozen=True)
class Pick:
    """One person proposed for one post at one place."""

    post: Post
    place: Place
    member: Candidate

    @property
    def key(self) -> str:
        """As a form sends it back."""
        floor = "" if self.place.floor is None else self.place.floor
        return f"{self.post.code}|{self.place.office_code}|{floor}|{self.member.id}|{self.place.building}"


@dataclass(frozen=True)
class Filling:
    """What is proposed, and how many posts nobody of the registry is left for."""

    picks: Sequence[Pick]
    unfilled: int


def fill(exam: Exam, *, viewer: Actor, by_kind: str, posts: Sequence[str] = ()) -> Filling:
    """For every missing person of the posts that the viewer's office appoints, somebody idle of the nearest home office;
    for who is sent from above, of the sender's own office first and never of the place that is looked at.

    Nobody of the sector goes where it is banned; elsewhere they go first, for outsiders are scarce. Permanent staff go where
    they are asked for first. The same registry gives the same proposal. Nothing is written.
    """
    programme = exams.programme(exam)
    mine = [
        p.code
        for p in programme.posts
        if by_kind in MAY_APPOINT.get(p.appointed_by, (p.appointed_by,)) and not is_by_office(p)
    ]
    idle = _idle(exam, viewer)
    taken: set[int] = set()
    picks: list[Pick] = []
    unfilled = 0
    wanted = [g for g in gaps(exam, viewer.office_path, posts=posts or mine) if g.post.code in mine]
    # What asks most is filled first: outsiders and permanent staff are not used up by posts that anybody may hold; and an
    # office keeps people for its own posts before it sends any.
    wanted.sort(key=lambda g: (not g.post.needs.sector_ban, not g.post.needs.permanent, is_sent(g.post)))
    for gap in wanted:
        free = _suitable(gap.post, gap.place, [c for c in idle if c.id not in taken])
        missing = max(0, gap.missing - gap.counted.asked)
        chosen = free[:missing]
        unfilled += missing - len(chosen)
        taken.update(c.id for c in chosen)
        picks += [Pick(gap.post, gap.place, c) for c in chosen]
    return Filling(picks, unfilled)


def is_by_office(post: Post) -> bool:
    """Whether the post goes with an office that somebody holds already, as that of a leader: no list can propose them."""
    return post.holder is not None and post.needs.letter


def _suitable(post: Post, place: Place, free: Sequence[Candidate]) -> list[Candidate]:
    found = [
        c
        for c in free
        if not (post.needs.sector_ban and c.in_sector)
        and (not post.needs.permanent or c.permanent)
        and is_fit_home(post, place.office_path, c.home)
    ]
    return sorted(
        found,
        key=lambda c: (
            len(c.home) if is_sent(post) else abs(len(c.home) - len(place.office_path)),
            post.needs.sector_ban == c.in_sector,
            c.permanent != post.needs.permanent,
            c.id,
        ),
    )


def _idle(exam: Exam, viewer: Actor) -> list[Candidate]:
    """Members of the viewer's offices without a living appointment anywhere and without a bar."""
    mine = Member.objects.filter(left_on=None, **under(viewer.office_path))
    ids = set(mine.values_list("pk", flat=True))
    with acting(NATION):
        held = Appointment.objects.filter(exam=exam, member=OuterRef("pk"), state__in=LIVING)
        found = Member.objects.filter(~Exists(held), pk__in=ids).exclude(pk__in=barred_members(exam))
        rows = found.order_by("pk").values_list(
            "pk", "person__name", "person__employer", "in_sector", "sector_sure", "permanent", "office_path"
        )
        words = exams.params(exam, Params).sector_words
        return [
            Candidate(pk, name, employer, closed or is_doubtful(employer, closed, sure, words), *rest)
            for pk, name, employer, closed, sure, *rest in rows
        ]
