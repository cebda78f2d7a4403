"""A post office for tests: an exam that is no rehearsal, candidates with numbers, and a gateway that does as told."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings

from keju.kernel.accounts import services as accounts
from keju.kernel.accounts.models import Candidate
from keju.kernel.accounts.services import NewCandidate
from keju.kernel.calendar import CHINA
from keju.kernel.exams.models import Exam
from keju.kernel.notices import gateways, sending, services
from keju.kernel.notices.gateways import Letter, Unavailable
from keju.kernel.notices.models import Delivery
from keju.kernel.notices.tests.year import AT, ROOT, officer
from keju.kernel.offices import acting
from keju.rulebook.words import t

WORDS = t("您的报名已确认。地点：石家庄", "Your registration is confirmed. Place: Shijiazhuang")
KIND = "review.first.passed"


class Fake:
    """Keeps what it was given; `act(letter, n)` of the n-th letter may raise, or answer with an id."""

    letters: list[Letter] = []
    act: Callable[[Letter, int], str | None] = staticmethod(lambda letter, n: None)

    def __init__(self, options: Any) -> None:
        pass

    def send(self, letter: Letter) -> str:
        answer = Fake.act(letter, len(Fake.letters))
        Fake.letters.append(letter)
        return answer or f"id-{len(Fake.letters)}"


class Clock:
    """A clock that the test winds."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 1, 9, tzinfo=CHINA)

    def __call__(self) -> datetime:
        return self.now

    def wind(self, **more: float) -> None:
        self.now += timedelta(**more)


def fake_gateways(settings: LazySettings, *, adapter: str = "", parallel: int = 1, **more: Any) -> None:
    """Both channels go through `Fake`, or the adapter named, with these options."""
    Fake.letters, Fake.act = [], staticmethod(lambda letter, n: None)
    path = adapter or "keju.kernel.notices.tests.post.Fake"
    option = {
        "adapter": path,
        "per_second": 1e6,
        "parallel": parallel,
        "timeout": 2.0,
        "signature": {},
        **more,
    }
    settings.GATEWAYS = {"sms": option, "email": dict(option)}
    gateways.gateway.cache_clear()


def people(*contacts: tuple[str, str], language: str = "zh", first: int = 1) -> list[int]:
    """Candidates with these (telephone, e-mail)."""
    made = []
    for n, (phone, email) in enumerate(contacts, first):
        index = accounts.ensure_candidates(
            people=[NewCandidate(identity=f"11010119900101{n:04d}", name=f"考生{n}", phone=phone)],
            by=ROOT,
            at=AT,
        )
        made += index.values()
        with acting(ROOT):
            Candidate.objects.filter(pk__in=index.values()).update(email=email, language=language)
    return made


def tell(exam: Exam, ids: list[int], kind: str = KIND, words: Any = WORDS, path: str = "/13/") -> int:
    by = officer(path.strip("/").split("/")[-1] or "centre")
    with acting(by):
        return services.tell_candidates(
            exam=exam, candidate_ids=ids, office_path=path, kind=kind, words=words, by=by, at=AT
        )


def post(channel: str, clock: Clock) -> int:
    """One round of the sender."""
    return sending.round_of(channel, clock=clock)


def drained(channel: str, clock: Clock, rounds: int = 400) -> None:
    """Rounds until nothing is left open, with the clock wound on to what is due next."""
    for _ in range(rounds):
        while post(channel, clock):
            pass
        if not left(channel):
            return
        clock.wind(minutes=30)
    pytest.fail(f"{left(channel)} are still open")


def left(channel: str) -> int:
    with acting(ROOT):
        return Delivery.objects.filter(channel=channel, state__in=["queued", "failed"]).count()


def states(channel: str = "sms") -> list[tuple[str, str, int]]:
    with acting(ROOT):
        found = Delivery.objects.filter(channel=channel).order_by("pk")
        return list(found.values_list("state", "fault", "attempts"))


def refuse(error: Exception) -> Callable[[Letter, int], str | None]:
    def act(letter: Letter, n: int) -> str | None:
        raise error

    return act


DOWN = Unavailable("http_503")
