"""What did not arrive: for the office whose candidates it was for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, QuerySet

from keju.kernel.accounts.models import Candidate
from keju.kernel.exams.models import Exam
from keju.kernel.exams.queries import programme
from keju.kernel.notices.models import Delivery, Gateway, State
from keju.kernel.notices.queries.messages import CHANNELS
from keju.kernel.notices.states import NOT_ARRIVED
from keju.kernel.offices import Actor, acting
from keju.rulebook.words import Words, t

CHUNK = 5000
READER = Actor.system("notices")
OTHER = t("网关未接收（{code}）", "The gateway did not take it ({code})")
FAULTS: Mapping[str, Words] = {
    "": t("等待发送", "Waiting to be sent"),
    "no_address": t("没有登记号码或地址", "No number or address on record"),
    "bad_address": t("号码或地址不正确", "The number or address is wrong"),
    "too_late": t("已过有效时间", "It was too late"),
    "interrupted": t("多次中断", "Interrupted several times"),
    "timeout": t("网关没有应答", "The gateway does not answer"),
    "no_connection": t("连接不上网关", "The gateway cannot be reached"),
    "smtp_down": t("连接不上邮件服务器", "The mail server cannot be reached"),
    "smtp_sign_in": t("邮件服务器拒绝登录", "The mail server does not let us in"),
    "misconfigured": t("网关设置有误，请联系技术支持", "The gateway is set up wrongly; tell support"),
    "adapter_error": t("网关适配程序出错，请联系技术支持", "The gateway's adapter failed; tell support"),
}


@dataclass(frozen=True)
class Undelivered:
    """One kind by one channel: how many wait, will be tried again, or were given up; `since`: the oldest of them."""

    kind: str
    title: Words
    channel: str
    channel_words: Words
    waiting: int
    failed: int
    given_up: int
    since: datetime


@dataclass(frozen=True)
class Down:
    """A gateway that is left alone for a while, and why."""

    channel: str
    fault: str
    until: datetime

    @property
    def channel_words(self) -> Words:
        return CHANNELS[self.channel]

    @property
    def fault_words(self) -> Words:
        return fault_words(self.fault)


@dataclass(frozen=True)
class Stuck:
    """One message that failed or was given up."""

    id: int
    name: str
    kind: str
    channel: str
    fault: str
    attempts: int
    made_at: datetime


@dataclass(frozen=True)
class Overview:
    rows: Sequence[Undelivered]
    down: Sequence[Down]


def undelivered(*, viewer: Actor, exam: Exam, at: datetime) -> Overview:
    """What has not arrived of the messages to candidates of the viewer's offices; `at` is the real time."""
    counts: dict[tuple[str, str], dict[str, int]] = {}
    since: dict[tuple[str, str], datetime] = {}
    found = _below(viewer, exam).filter(state__in=NOT_ARRIVED)
    for kind, channel, state, n, first in found.values_list("kind", "channel", "state").annotate(
        n=Count("pk"), first=Min("made_at")
    ):
        key = (kind, channel)
        counts.setdefault(key, {})[state] = n
        since[key] = min(since.get(key, first), first)
    titles = {code: kind.title for code, kind in programme(exam).messages.items()}
    rows = [
        Undelivered(
            kind,
            titles.get(kind, t(kind, kind)),
            channel,
            CHANNELS[channel],
            states.get(State.QUEUED, 0),
            states.get(State.FAILED, 0),
            states.get(State.GIVEN_UP, 0),
            since[kind, channel],
        )
        for (kind, channel), states in sorted(counts.items())
    ]
    down = [
        Down(g.channel, g.fault, g.paused_until)
        for g in Gateway.objects.filter(paused_until__gt=at).order_by("channel")
    ]
    return Overview(rows, down)


def undelivered_rows(
    *, viewer: Actor, exam: Exam
) -> Iterator[tuple[str, Words, Words, Words, int, datetime]]:
    """Each message that failed or was given up: the candidate's name, kind, channel, why, attempts, since. No numbers."""
    titles = {code: kind.title for code, kind in programme(exam).messages.items()}
    last = 0
    while found := undelivered_page(viewer=viewer, exam=exam, after=last, size=CHUNK):
        for one in found:
            yield (
                one.name, titles.get(one.kind, t(one.kind, one.kind)), CHANNELS[one.channel], fault_words(one.fault),
                one.attempts, one.made_at,
            )  # fmt: skip
        last = found[-1].id


def undelivered_page(*, viewer: Actor, exam: Exam, after: int, size: int) -> list[Stuck]:
    """The next `size` messages that failed or were given up, after that id, with the candidate's name and no number."""
    stuck = _below(viewer, exam).filter(state__in=[State.FAILED, State.GIVEN_UP], pk__gt=after)
    found = list(
        stuck.order_by("pk").values_list(
            "pk", "candidate_id", "kind", "channel", "fault", "attempts", "made_at"
        )[:size]
    )
    with acting(READER):  # an office knows the names of its candidates, which are kept nationally
        names = dict(Candidate.objects.filter(pk__in={row[1] for row in found}).values_list("pk", "name"))
    return [Stuck(pk, names.get(candidate, ""), *rest) for pk, candidate, *rest in found]


def _below(viewer: Actor, exam: Exam) -> QuerySet[Delivery]:
    path = viewer.office_path
    return Delivery.objects.filter(exam=exam, office_path__gte=path, office_path__lt=path + "~")


def fault_words(code: str) -> Words:
    return FAULTS.get(code) or OTHER.format(code=code)
