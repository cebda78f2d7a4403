"""The register of recordings, what is missing of it, what is to be replayed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import Count, QuerySet

from keju.kernel.accounts.models import Person
from keju.kernel.calendar import CHINA
from keju.kernel.duties.standing import standing
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import path_of
from keju.stages.security.models import Disposal, Recording, RecordingCheck, Replay
from keju.stages.security.params import Params
from keju.stages.security.queries.inspecting import exam_days, under
from keju.stages.security.queries.people import region_of
from keju.stages.security.rules import recordings as rules

# Exam rooms with a camera, by session that is over, of which the register has nothing.
GAPS = """
SELECT s.code, r.number, x.number FROM venues_site s
JOIN venues_room r ON r.site_id = s.id AND r.kind IN ('exam', 'separate') AND r.cameras
JOIN exams_session x ON x.exam_id = s.exam_id AND x.ends_at <= %s
LEFT JOIN security_recording e
  ON e.exam_id = s.exam_id AND e.site_code = s.code AND e.room = r.number AND e.session = x.number
WHERE s.exam_id = %s AND s.reported_at IS NOT NULL AND s.office_path >= %s AND s.office_path < %s AND e.id IS NULL
ORDER BY s.code, r.number, x.number
"""


@dataclass(frozen=True)
class SiteRecordings:
    """How a site stands: recordings missing, kept, to be replayed and replayed."""

    code: str
    missing: int
    kept: int
    wanted: int
    replayed: int


@dataclass(frozen=True)
class KeptPoint:
    """A point all of whose recordings are past their term and that has not reported it: how many, and until when."""

    code: str
    kept: int
    missing: int
    until: date


def clause(exam: Exam) -> str:
    """The clause that recordings rest on."""
    return "P2.2" if exams.programme(exam).clause("P2.2") else "V14.1"


def replay_clause(exam: Exam) -> str:
    return "P7.2" if exams.programme(exam).clause("P7.2") else "V14.1"


def exam_ends(exam: Exam, path: str) -> date | None:
    """The day on which the exam ended for the office, as its calendar says; else the day of the last session, where the
    exam was put off so many days later. Never the earlier of the two: the term is not shortened by a calendar.
    """
    known, day = exams.milestone(exam, "exam_ends", path), exams.milestone(exam, "exam_day", path)
    found = [known.astimezone(CHINA).date()] if known else []
    if (days := exam_days(exam)) is not None:
        found.append(day.astimezone(CHINA).date() + (days[1] - days[0]) if day else days[1])
    return max(found, default=None)


def keep_until(exam: Exam, path: str) -> date:
    """The last day of the term. ValueError for an exam without a day."""
    ends = exam_ends(exam, path)
    if ends is None:
        raise ValueError(f"{exam.slug} has no sessions")
    return rules.keep_until(ends, exams.params(exam, Params).recording_months)


def over(exam: Exam, at: datetime) -> list[int]:
    """Numbers of the sessions that are over."""
    return [s.number for s in exams.sessions(exam) if s.ends_at <= at]


def recordings(
    exam: Exam, *, viewer: Actor, site: str = "", session: int | None = None, state: str = "", after: int = 0
) -> QuerySet[Recording]:
    """The viewer's register, newest first. `state`: kept or disposed."""
    found = Recording.objects.filter(exam=exam, **under(viewer.office_path)).order_by("-id")
    if site:
        found = found.filter(site_code__startswith=site)
    if session:
        found = found.filter(session=session)
    if state:
        found = found.filter(disposed_at__isnull=state == "kept")
    found = found.filter(pk__lt=after) if after else found
    return found.select_related("custodian").annotate(watched=Count("replays", distinct=True))


def recording(exam: Exam, recording_id: int, *, viewer: Actor) -> Recording:
    """The recording; `Recording.DoesNotExist` outside the viewer's scope."""
    return Recording.objects.get(exam=exam, pk=recording_id, **under(viewer.office_path))


def checks(row: Recording) -> list[RecordingCheck]:
    return list(RecordingCheck.objects.filter(recording=row).order_by("-id"))


def replays(row: Recording) -> list[Replay]:
    return list(Replay.objects.filter(recording=row).select_related("finding").order_by("-id"))


def gaps(exam: Exam, path: str, at: datetime) -> list[tuple[str, int, int]]:
    """(site, room, session) without a recording: rooms with a camera, sessions that are over."""
    with connection.cursor() as cursor:
        cursor.execute(GAPS, [at, exam.pk, path, path + "~"])
        return cursor.fetchall()


def sampled(exam: Exam, path: str) -> dict[str, list[str]]:
    """Site → checksums of the recordings to replay."""
    by_site: dict[str, list[str]] = {}
    rows = Recording.objects.filter(exam=exam, **under(path)).order_by("id")
    for site, sha in rows.values_list("site_code", "sha256"):
        by_site.setdefault(site, []).append(sha)
    percent = exams.params(exam, Params).replay_percent
    return {site: rules.sample(f"{exam.slug}/{site}", shas, percent) for site, shas in by_site.items()}


def sites(exam: Exam, path: str, at: datetime) -> list[SiteRecordings]:
    """Every site with recordings or without some; a few statements however many."""
    missing: dict[str, int] = {}
    for site, _, _ in gaps(exam, path, at):
        missing[site] = missing.get(site, 0) + 1
    chosen = sampled(exam, path)
    shas = [sha for found in chosen.values() for sha in found]
    seen = set(
        Replay.objects.filter(recording__exam=exam, recording__sha256__in=shas, **under(path)).values_list(
            "recording__site_code", "recording__sha256"
        )
    )
    kept = dict(
        Recording.objects.filter(exam=exam, disposed_at=None, **under(path))
        .values_list("site_code")
        .annotate(n=Count("id"))
    )
    return [
        SiteRecordings(
            site,
            missing.get(site, 0),
            kept.get(site, 0),
            len(chosen.get(site, [])),
            sum((site, sha) in seen for sha in chosen.get(site, [])),
        )
        for site in sorted({*missing, *chosen})
    ]


def kept_points(exam: Exam, path: str, at: datetime) -> list[KeptPoint]:
    """The points at and under the path that may report by now that they kept everything; a few statements."""
    owing = {
        one.owner_path
        for one in standing(exam=exam, office_path=path, at=at)
        if one.rule == "P2.2" and one.open
    }
    if not owing:
        return []
    missing: dict[str, int] = {}
    for site, _, _ in gaps(exam, path, at):
        missing[site[:4]] = missing.get(site[:4], 0) + 1
    terms: dict[str, list[date]] = {}
    rows = Recording.objects.filter(exam=exam, disposed_at=None, **under(path))
    for site, until in rows.order_by("site_code").values_list("site_code", "keep_until"):
        terms.setdefault(site[:4], []).append(until)
    today = at.astimezone(CHINA).date()
    return [
        KeptPoint(code, len(found), missing.get(code, 0), max(found))
        for code, found in terms.items()
        if path_of(code) in owing and max(found) < today
    ]


def disposals(exam: Exam, *, viewer: Actor) -> list[Disposal]:
    """The viewer's orders, newest first."""
    return list(Disposal.objects.filter(exam=exam, **under(viewer.office_path)).order_by("-id"))


def disposal(exam: Exam, disposal_id: int, *, viewer: Actor) -> Disposal:
    """The order; `Disposal.DoesNotExist` outside the viewer's scope."""
    return Disposal.objects.get(exam=exam, pk=disposal_id, **under(viewer.office_path))


def people_called(names: Iterable[str], path: str) -> dict[str, int]:
    """Name → id, of those in the region whose name nobody else there has."""
    found: dict[str, list[int]] = {}
    with acting(Actor.system("security", region_of(path))):
        for pk, name in Person.objects.filter(name__in=set(names)).values_list("pk", "name"):
            found.setdefault(name, []).append(pk)
    return {name: ids[0] for name, ids in found.items() if len(ids) == 1}
