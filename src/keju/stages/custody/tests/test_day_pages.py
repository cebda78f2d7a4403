"""The seal room in the hand: what to do now, step after step, by the pages alone."""

import pytest
from django.test import Client
from django.urls import reverse

from keju.kernel.exams.models import Exam
from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import acting
from keju.stages.custody.models import Attempt
from keju.stages.custody.pages import opening, seal_room
from keju.stages.custody.tests import day as days
from keju.stages.custody.tests.day import SESSION, SITE, Day
from keju.stages.custody.tests.world import POINT_PAPERS, key


@pytest.fixture
def day(exam: Exam, monkeypatch: pytest.MonkeyPatch) -> Day:
    made = days.day(exam)
    for room in (seal_room, opening):
        monkeypatch.setattr(room, "now", lambda _: days.drawn_at(exam))
    return made


def at(name: str, exam: Exam, **more: object) -> str:
    return reverse(name, kwargs={"exam": exam.slug, "site": SITE, "session": SESSION, **more})


@pytest.mark.rule("V15.2", "V15.3.1", "V15.3.4")
def test_papers_are_drawn_checked_and_issued_by_page(day: Day) -> None:
    exam, client = day.exam, Client()
    signed_in(client, "1301", "point_custody")
    for name in (
        "custody-day",
        "custody-spare-book",
        "custody-returns",
        "custody-destructions",
        "custody-destruction-new",
    ):
        assert client.get(reverse(name, kwargs={"exam": exam.slug})).status_code == 200, name
    assert "V15.2" in client.get(at("custody-seal-room", exam)).content.decode()
    draw = {
        "key": str(key("page")), "head": day.head, "officer": day.officer, "officer_code": day.code(day.officer),
        "staff_1": day.staff[0], "staff_1_code": day.code(day.staff[0]), "staff_2": day.staff[1],
        "staff_2_code": day.code(day.staff[1]),
    }  # fmt: skip
    wrong = draw | {"scanned": scanned(day, 1, 2)}
    assert client.get(at("custody-seal-room-withdraw", exam)).status_code == 200
    assert client.post(at("custody-seal-room-withdraw", exam), wrong).status_code == 409
    with acting(POINT_PAPERS):
        assert Attempt.objects.get().kind == "wrong_half_day"  # refused, and yet on record
    done = client.post(at("custody-seal-room-withdraw", exam), draw | {"scanned": scanned(day, 1)})
    assert done.status_code == 302
    read = {"key": str(key("page seals")), "scanned": scanned(day, 1)}
    assert client.post(at("custody-seal-room-seals", exam), read | {"scanned": "B000"}).status_code == 409
    assert client.post(at("custody-seal-room-seals", exam), read).status_code == 302
    first, second = day.pair(1)
    bags = " ".join(h.container.code for h in days.bags(exam) if h.container.room == 1)
    room = at("custody-seal-room-room", exam, room=1)
    given = {"key": str(key("page room")), "bags": bags, "first": first, "second": second}
    assert client.post(room, given).status_code == 409
    answer = client.post(room, given | {"first_code": day.code(first), "second_code": day.code(second)})
    assert answer.url == at("custody-seal-room-room", exam, room=2)
    assert "第2考场" in client.get(answer.url).content.decode()
    early = client.post(
        at("custody-seal-room-open", exam, room=1), {"key": str(key("page open"))}, follow=True
    )
    assert "V11.2.3" in early.content.decode()
    assert client.post(at("custody-seal-room-leave", exam), {"version": 1}).status_code == 409
    for name in ("custody-spares", "custody-seal-room-back", "custody-seal-room"):
        assert client.get(at(name, exam)).status_code == 200, name
    assert client.get(at("examday-count", exam, room=1)).status_code == 200


def scanned(day: Day, *sessions: int) -> str:
    return "\n".join(f"{h.container.code}\n{h.seal}" for s in sessions for h in days.bags(day.exam, s))
