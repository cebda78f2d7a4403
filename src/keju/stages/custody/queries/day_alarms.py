"""What goes wrong on the exam day and after it: late, left, short, different, tried."""

from collections.abc import Iterator
from datetime import datetime, time

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from keju.algorithms.workdays import CHINA
from keju.kernel.duties import queries as duties
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam, Session
from keju.rulebook.words import Words, t
from keju.stages.custody.models import Attempt, Holding, JointCount
from keju.stages.custody.params import Params
from keju.stages.custody.queries.alarms import Alarm, watches
from keju.stages.custody.rules.containers import Kind
from keju.stages.custody.rules.counting import back_by
from keju.stages.custody.rules.halfday import drawn_by, subject_of
from keju.stages.custody.rules.places import Spot

LATE = t(
    "{site}{session}的试卷没有按时领到封卷室", "{site}, {session}: papers are not in the seal room in time"
)
LEFT = t(
    "{site}{session}临近开考还有{n}袋没有发放",
    "{site}, {session}: {n} bags are not issued shortly before the start",
)
BACK = t(
    "{site}{session}结束后还有{n}袋没有回到保密室", "{site}, {session}: {n} bags are not back in the store"
)
SHORT = t("{site}的备用卷袋{code}不足：缺{n}份", "{site}: spare bag {code} lacks {n}")
DIFFERS = t(
    "{site}{session}第{room}考场清点与记录不一致",
    "{site}, {session}, room {room}: the count differs from the record",
)
CARDS = t("{office}还有{n}个答题卡袋没有送出", "{office}: {n} card bags are not sent on")
PAPERS = t("{office}还有{n}份试卷没有销毁", "{office}: {n} papers are not destroyed")
TRIED = {
    "wrong_half_day": t(
        "{site}有人要领取不该领取的试卷，已拒绝", "{site}: somebody tried to draw papers out of turn; refused"
    ),
    "early_opening": t(
        "{site}有人要提前或在别处启封，已拒绝",
        "{site}: somebody tried to open papers early or elsewhere; refused",
    ),
}


@watches("withdrawal_late")
def withdrawal_late(exam: Exam, path: str, at: datetime) -> Iterator[Alarm]:
    """V15.2: an hour before the start papers that serve the session still lie in a store."""
    minutes = exams.params(exam, Params).papers_drawn_minutes_before
    for session in exams.sessions(exam):
        since = drawn_by(session.starts_at, minutes)
        if since <= at < session.ends_at:
            for site, office_path, _ in _lying(exam, path, session.number, Spot.STORE):
                words = LATE.format(site=site, session=session.name)
                yield _at_site("withdrawal_late", "V15.2", site, session.number, office_path, since, words)


@watches("bags_not_issued")
def bags_not_issued(exam: Exam, path: str, at: datetime) -> Iterator[Alarm]:
    """V15.3.4: shortly before the start bags of the session still lie in the seal room."""
    minutes = exams.params(exam, Params).bags_issued_minutes_before
    for session in exams.sessions(exam):
        since = drawn_by(session.starts_at, minutes)
        if since <= at < session.ends_at:
            for site, office_path, n in _lying(exam, path, session.number, Spot.SEAL_ROOM):
                words = LEFT.format(site=site, session=session.name, n=n)
                yield _at_site("bags_not_issued", "V15.3.4", site, session.number, office_path, since, words)


@watches("return_late")
def return_late(exam: Exam, path: str, at: datetime) -> Iterator[Alarm]:
    """V16.1.1: after the session papers or cards are still in rooms or in the seal room."""
    minutes = exams.params(exam, Params).back_minutes_after
    for session in exams.sessions(exam):
        since = back_by(session.ends_at, minutes)
        if since <= at:
            for site, office_path, n in _lying(
                exam, path, session.number, Spot.SEAL_ROOM, Spot.ROOM, spares=True
            ):
                words = BACK.format(site=site, session=session.name, n=n)
                yield _at_site("return_late", "V16.1.1", site, session.number, office_path, since, words)


@watches("spares_short")
def spares_short(exam: Exam, path: str, at: datetime) -> Iterator[Alarm]:
    """V15.6, V16.2.2: a spare bag that does not hold its five after the session."""
    minutes = exams.params(exam, Params).back_minutes_after
    over = [s.number for s in exams.sessions(exam) if back_by(s.ends_at, minutes) <= at]
    held = _under(exam, path).filter(container__kind=Kind.SPARE_BAG)
    short = held.filter(Q(missing__gt=0) | Q(out__gt=0, container__session__in=over))
    for one in short.select_related("container"):
        c = one.container
        yield Alarm(
            "spares_short", "V15.6", f"container:{c.code}", c.office_path, one.at,
            SHORT.format(site=c.site_code, code=c.code, n=one.out + one.missing),
            "custody-spares", {"site": c.site_code, "session": c.session},
        )  # fmt: skip


@watches("count_differs")
def count_differs(exam: Exam, path: str, at: datetime) -> Iterator[Alarm]:
    """V15.5.2: a joint count that is not what the room's record says, until it is explained in writing."""
    names = _names(exam)
    found = JointCount.objects.filter(
        exam=exam, finding=None, office_path__gte=path, office_path__lt=path + "~"
    )
    for row in found.exclude(differences=[]).select_related("seal_room"):
        site, session = row.seal_room.site_code, row.seal_room.session
        yield Alarm(
            "count_differs", "V15.5.2", f"joint_count:{row.pk}", row.office_path, row.at,
            DIFFERS.format(site=site, session=names[session], room=row.room), "custody-difference", {"count_id": row.pk},
        )  # fmt: skip


@watches("cards_late")
def cards_late(exam: Exam, path: str, at: datetime) -> Iterator[Alarm]:
    """V16.1.2: the term is over and card bags are still with the point, or with the region."""
    held = _under(exam, path).filter(container__kind=Kind.CARD_BAG)
    for kind, length in (("point", 4), ("region", 2)):
        yield from _overdue(
            exam, held, f"V16.1.2/{kind}", length, Count("pk"), "cards_late", "V16.1.2", CARDS, at
        )


@watches("destruction_late")
def destruction_late(exam: Exam, path: str, at: datetime) -> Iterator[Alarm]:
    """V16.2.1: the month is over and papers of the point are neither destroyed nor on their way to the centre."""
    held = _under(exam, path).filter(container__kind=Kind.BAG)
    left = Sum(F("inside") + F("out") + F("used") + F("unused"))
    yield from _overdue(exam, held, "V16.2.1", 4, left, "destruction_late", "V16.2.1", PAPERS, at)


def _tried(kind: str, rule: str) -> None:
    """Attempts of the day, until its end."""

    @watches(kind)
    def attempts(exam: Exam, path: str, at: datetime) -> Iterator[Alarm]:
        morning = datetime.combine(at.astimezone(CHINA).date(), time(), CHINA)
        found = Attempt.objects.filter(
            exam=exam,
            kind=kind,
            at__gte=morning,
            at__lte=at,
            office_path__gte=path,
            office_path__lt=path + "~",
        )
        seen = set()
        for row in found.order_by("at"):
            if row.subject in seen:
                continue
            seen.add(row.subject)
            site, _, session = row.subject.partition(":")[2].partition("/")
            yield Alarm(
                kind, rule, row.subject, row.office_path, row.at, TRIED[kind].format(site=site), "custody-seal-room",
                {"site": site, "session": int(session)},
            )  # fmt: skip


_tried("wrong_half_day", "V15.2")
_tried("early_opening", "V11.2.3")


def _under(exam: Exam, path: str) -> QuerySet[Holding]:
    return Holding.objects.filter(exam=exam, office_path__gte=path, office_path__lt=path + "~")


def _lying(
    exam: Exam, path: str, session: int, *spots: Spot, spares: bool = False
) -> list[tuple[str, str, int]]:
    """(site, its path, how many bags of the session) for the sites whose bags lie at places of these kinds."""
    kinds = [Kind.BAG, Kind.CARD_BAG, *([Kind.SPARE_BAG] if spares else [])]
    where = Q()
    for spot in spots:
        where |= Q(spot__startswith=f"{spot}:")
    found = _under(exam, path).filter(container__session=session, container__kind__in=kinds)
    found = found.annotate(spot=Coalesce("parent__holding__place", F("place"))).filter(where)
    rows = found.values_list("container__site_code", "office_path").annotate(n=Count("pk"))
    return list(rows.order_by("container__site_code"))


def _overdue(
    exam: Exam, held: QuerySet[Holding], duty: str, length: int, what: Count | Sum, kind: str, rule: str, words: Words,
    at: datetime,
) -> Iterator[Alarm]:  # fmt: skip
    """An alarm for each office (codes of that length) that still has some of it after its duty's term."""
    found = held.annotate(keeper=Coalesce("parent__holding__custodian", F("custodian")))
    left = {
        keeper: n
        for keeper, n in found.values_list("keeper").annotate(n=what).order_by("keeper")
        if n and keeper and len(keeper) == length and keeper.isdigit()
    }
    due = duties.due_by_owner(exam=exam, rule=duty, owners=list(left)) if left else {}
    for keeper, n in left.items():
        term = due.get(keeper)
        if term is not None and term <= at:
            office_path = f"/{keeper[:2]}/" + (f"{keeper}/" if length > 2 else "")
            yield Alarm(
                kind,
                rule,
                f"office:{keeper}",
                office_path,
                term,
                words.format(office=keeper, n=n),
                "custody-returns",
                {},
            )


def _at_site(
    kind: str, rule: str, site: str, session: int, office_path: str, since: datetime, words: Words
) -> Alarm:
    return Alarm(
        kind, rule, subject_of(site, session), office_path, since, words, "custody-seal-room",
        {"site": site, "session": session},
    )  # fmt: skip


def _names(exam: Exam) -> dict[int, Words]:
    sessions: list[Session] = exams.sessions(exam)
    return {s.number: s.name for s in sessions}
