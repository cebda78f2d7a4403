"""Reading announcements and the calendar that regions publish."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from keju.kernel.calendar import CHINA
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam, Milestone, Opening
from keju.kernel.offices import Actor
from keju.kernel.offices import queries as offices
from keju.kernel.offices.models import Kind, Office
from keju.rulebook.words import Words, t
from keju.stages.announcement import rules
from keju.stages.announcement.models import Answer, Notice, Publication, RegionPage, State
from keju.stages.announcement.params import Params


@dataclass(frozen=True)
class Windows:
    """The registration periods as they hold for an office; None where not yet set."""

    registration_opens: datetime | None
    registration_closes: datetime | None
    confirmation_opens: datetime | None
    confirmation_ends: datetime | None


def windows(exam: Exam, office_path: str = "/") -> Windows:
    """The periods for an office, in China time: its own region's calendar where one is set, else the nation's."""
    known = {key: at.astimezone(CHINA) for key, at in exams.milestones(exam, office_path).items()}
    return Windows(
        known.get("registration_opens"),
        known.get("registration_closes"),
        known.get("confirmation_opens"),
        known.get("confirmation_ends"),
    )


def public_windows(exam: Exam) -> Windows:
    """The periods as the public page shows them: the nation's, else from the first region's opening to the last's end."""
    known = exams.public_calendar(exam)
    return Windows(
        known.get("registration_opens"),
        known.get("registration_closes"),
        known.get("confirmation_opens"),
        known.get("confirmation_ends"),
    )


def published(exam: Exam) -> QuerySet[Notice]:
    """What the public reads, newest first."""
    return Notice.objects.filter(exam=exam, state=State.PUBLISHED)


def notices(exam: Exam, *, viewer: Actor) -> QuerySet[Notice]:
    """Every announcement that the viewer's office may read, drafts included at the national bodies."""
    return Notice.objects.filter(exam=exam)


def notice(exam: Exam, notice_id: int) -> Notice:
    """One announcement within the viewer's scope; `Notice.DoesNotExist` otherwise."""
    return Notice.objects.get(exam=exam, pk=notice_id)


def region_page(exam: Exam, region_code: str) -> RegionPage | None:
    return RegionPage.objects.filter(exam=exam, region_code=region_code).first()


def region_pages(exam: Exam) -> QuerySet[RegionPage]:
    return RegionPage.objects.filter(exam=exam).order_by("region_code")


def publications(exam: Exam, region_code: str) -> QuerySet[Publication]:
    """Where else the region published, the latest first; to the public only what is not struck out."""
    return Publication.objects.filter(exam=exam, region_code=region_code)


def publication(exam: Exam, publication_id: int, *, viewer: Actor) -> Publication:
    """One entry of the viewer's own offices; `Publication.DoesNotExist` otherwise."""
    own = Publication.objects.filter(exam=exam, office_path__startswith=viewer.office_path or "?")
    return own.get(pk=publication_id)


def answers(exam: Exam, region_code: str = "") -> QuerySet[Answer]:
    """What the region (or every region) answers to its candidates; withdrawn ones are left out."""
    found = Answer.objects.filter(exam=exam, withdrawn_at=None)
    return found.filter(region_code=region_code) if region_code else found


def answer(exam: Exam, answer_id: int, *, viewer: Actor) -> Answer:
    """One that stands, of the viewer's own offices; `Answer.DoesNotExist` otherwise."""
    return answers(exam).filter(office_path__startswith=viewer.office_path or "?").get(pk=answer_id)


def unpublished(exam: Exam, region_code: str) -> list[Words]:
    """What of V3.3 the region's page still lacks: periods, places, contacts, requirements, other media."""
    opening = exams.opening(exam, region_code)
    if opening is None:
        return []
    known, page = windows(exam, opening.office_path), region_page(exam, region_code)
    points = exams.openings(exam, "point").filter(office_path__startswith=opening.office_path)
    placeless = points.filter(address="").count()
    asked = (
        (known.registration_opens is None, t("网上报名时间", "period of online registration")),
        (known.confirmation_opens is None, t("报名确认时间", "period of confirmation")),
        (placeless > 0, t("{n}个考点的确认地点", "confirmation places of {n} points").format(n=placeless)),
        (not (opening.contact and opening.phone), t("考区联系方式", "contact of the region")),
        (page is None or not page.requirements_zh.strip(), t("报名要求", "requirements")),
        (
            not publications(exam, region_code).filter(struck_at=None).exists(),
            t("其他媒体发布", "another medium"),
        ),
    )
    return [words for lacking, words in asked if lacking]


def publishing_due(exam: Exam) -> datetime | None:
    """The last moment of V3.1, once the exam day is known."""
    day = exams.milestone(exam, "exam_day")
    return None if day is None else rules.announcement_due(day, exams.params(exam, Params))


@dataclass(frozen=True)
class Standing:
    """How far an office is: its opening if it takes part, and what is still missing before candidates may come."""

    office: Office
    opening: Opening | None
    missing: tuple[Words, ...]
    points: int = 0
    points_open: int = 0


def below(exam: Exam, *, viewer: Actor) -> list[Standing]:
    """The offices that the viewer opens: the regions for the centre, its points for a region."""
    if viewer.office_path == "/":
        return _standings(exam, list(offices.regions()))
    return _standings(exam, list(offices.points(viewer.region_code)))


def standing(exam: Exam, office_code: str, *, viewer: Actor) -> Standing:
    """One office of the viewer's subtree; `Office.DoesNotExist` otherwise."""
    found = offices.office(office_code)
    if found.kind not in (Kind.REGION, Kind.POINT) or not found.path.startswith(viewer.office_path or "?"):
        raise Office.DoesNotExist
    return _standings(exam, [found])[0]


def dated_paths(exam: Exam) -> set[str]:
    """The calendars ("/" the nation's, "/11/" a region's) on which registration has its dates."""
    found = Milestone.objects.filter(exam=exam, key="registration_opens")
    return set(found.values_list("office_path", flat=True))


def _standings(exam: Exam, wanted: list[Office]) -> list[Standing]:
    known = {o.office_id: o for o in exams.openings(exam)}
    dated = dated_paths(exam)
    under: Counter[str] = Counter(o.parent_id for o in offices.points())
    opened: Counter[str] = Counter(o.office.parent_id for o in known.values() if o.office.kind == Kind.POINT)
    return [
        Standing(
            office,
            known.get(office.code),
            tuple(_missing(office, known.get(office.code), dated)),
            under[office.code],
            opened[office.code],
        )
        for office in wanted
    ]


def _missing(office: Office, opening: Opening | None, dated: set[str]) -> Iterator[Words]:
    if opening is None:
        return
    if not opening.leader:
        yield t("组长", "leader")
    if not opening.contact:
        yield t("联系人", "contact")
    if not opening.phone:
        yield t("电话", "telephone")
    if office.kind == Kind.POINT and not opening.address:
        yield t("确认地点", "confirmation place")
    if office.kind == Kind.REGION and not dated & {"/", office.path}:
        yield t("报名时间", "registration periods")
