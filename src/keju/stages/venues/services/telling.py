"""Who is told what when a region has decided its hosts (V6.2), and who need not be told again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from keju.kernel.calendar import CHINA
from keju.kernel.exams import queries as exams
from keju.kernel.exams.models import Exam
from keju.kernel.notices import services as notices
from keju.kernel.offices import Actor
from keju.kernel.offices.queries import office
from keju.rulebook.words import Words, t

HOST = t("确定为承考考点的通知", "You are a host point")
HOST_AGAIN = t("承考范围调整的通知", "The candidates whom you host have changed")
GUEST = t("考生考试地点安排的通知", "Where your candidates sit the exam")
GUEST_AGAIN = t("考生考试地点调整的通知", "Your candidates now sit the exam elsewhere")
GONE = t("不再承担考试的通知", "You are no longer a host point")
TO_HOST = t(
    "{name}确定为本次考试的承考考点，考试日{day}，承担以下考点的考生：{points}。"
    "请在规定期限内落实考试地点和考场，录入系统并上报。",
    "{name} hosts this exam on {day}, for the candidates of: {points}. "
    "Settle sites and rooms, enter them in the system and report them within the time allowed.",
)
TO_GUEST = t(
    "你考点的考生安排在{name}考试，考试日{day}。", "Your candidates sit the exam at {name} on {day}."
)
TO_GONE = t(
    "考区重新确定了承考考点，{name}不再承担本次考试，也不再需要上报考试地点。",
    "The region has decided its hosts anew: {name} no longer hosts this exam and need not report a site.",
)


@dataclass(frozen=True)
class Told:
    """Codes of those who were told: as hosts, as guests of another host, and that they are in no part of it any more."""

    hosts: tuple[str, ...]
    guests: tuple[str, ...]
    gone: tuple[str, ...]


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> Told:
    """Whom a new assignment concerns: hosts that are new or receive others than before, guests whose host is another, and
    points that hosted and have no part any more."""
    was, will = _received(before), _received(now)
    hosts = tuple(sorted(h for h, points in will.items() if was.get(h) != points))
    guests = tuple(sorted(p for p, h in now.items() if p != h and before.get(p) != h))
    gone = tuple(sorted(h for h in was if h not in now))
    return Told(hosts, guests, gone)


def tell(exam: Exam, before: Mapping[str, str], now: Mapping[str, str], by: Actor, at: datetime) -> Told:
    """Every host whom it concerns has a notice with its guests, every other point one with its host."""
    told, received = changed(before, now), _received(now)
    for host in told.hosts:
        title = HOST_AGAIN if before.get(host) == host else HOST
        listed = t(
            "、".join(office(p).name.zh for p in received[host]),
            ", ".join(office(p).name.en for p in received[host]),
        )
        _send(exam, title, TO_HOST, host, [host], by, at, points=listed)
    for host in sorted({now[p] for p in told.guests}):
        mine = [p for p in told.guests if now[p] == host]
        for title, to in (
            (GUEST, [p for p in mine if p not in before]),
            (GUEST_AGAIN, [p for p in mine if p in before]),
        ):
            if to:
                _send(exam, title, TO_GUEST, host, to, by, at)
    for host in told.gone:
        _send(exam, GONE, TO_GONE, host, [host], by, at)
    return told


def _received(assignment: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for point, host in sorted(assignment.items()):
        found.setdefault(host, []).append(point)
    return found


def _send(
    exam: Exam,
    title: Words,
    body: Words,
    host: str,
    to: Sequence[str],
    by: Actor,
    at: datetime,
    **facts: object,
) -> None:
    moment = exams.milestone(exam, "exam_day")
    on = moment.astimezone(CHINA).date() if moment else t("（另行通知）", "(a day to be told)")
    said = body.format(name=office(host).name, day=on, **facts)
    notices.send(exam=exam, title=title, body=said, to=to, kind="hosts", by=by, at=at)
