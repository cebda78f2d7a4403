"""The pages of the outbox: what did not arrive, asking again, the list without numbers; the candidate's inbox."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from keju.kernel.accounts.models import Candidate, Login
from keju.kernel.audit.models import Event
from keju.kernel.exams.models import Exam
from keju.kernel.notices.gateways import Refused
from keju.kernel.notices.models import Delivery, Message, Silence
from keju.kernel.notices.tests.post import (
    DOWN,
    Clock,
    Fake,
    fake_gateways,
    people,
    post,
    refuse,
    states,
    tell,
)
from keju.kernel.notices.tests.year import AT, ROOT, exam_of_2011, signed_in
from keju.kernel.offices import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def exam(settings):
    fake_gateways(settings)
    return exam_of_2011()


def at(name):
    return reverse(name, kwargs={"exam": "vet-2011"})


def text(answer, status=200):
    assert answer.status_code == status, answer.content.decode()[:3000]
    return answer.content.decode()


def as_candidate(client, candidate_id):
    with acting(ROOT):
        login = Login.objects.create(username=f"c{candidate_id}", kind="candidate", password="!", made_at=AT)
        Candidate.objects.filter(pk=candidate_id).update(login=login)
    client.force_login(login, backend="django.contrib.auth.backends.ModelBackend")


def test_what_did_not_arrive_is_counted_listed_and_asked_again(exam, client):
    tell(exam, people(("13800138000", ""), ("13900139000", "")))
    tell(exam, people(("13700137000", ""), first=3), path="/11/")
    Fake.act = staticmethod(refuse(Refused("http_422")))
    post("sms", Clock())
    signed_in(client, "13", "region_officer")
    page = text(client.get(at("notices-undelivered")))
    assert "报名已确认" in page and ">2<" in page and ">3<" not in page and at("notices-again") in page
    book = CalamineWorkbook.from_filelike(BytesIO(client.get(at("notices-undelivered-list")).content))
    rows = book.get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows[1:]] == ["考生1", "考生2"] and "http_422" in rows[1][3]
    assert "138001" not in str(rows) and "8000" not in str(rows)
    assert client.get(at("notices-again")).status_code == 405
    client.post(at("notices-again"), {"kind": "review.first.passed", "channel": "sms"})
    assert sorted(state for state, _, _ in states()) == ["given_up", "queued", "queued"]
    assert "text message" in text(client.get(at("notices-undelivered") + "?lang=en")).lower()


def test_who_may_only_read_cannot_ask_again(exam, client):
    signed_in(client, "1301", "point_clerk")
    text(client.get(at("notices-undelivered")))
    text(client.post(at("notices-again"), {"kind": "x", "channel": "sms"}), 403)


def test_a_gateway_that_is_down_is_named_with_when_it_is_tried_again(exam, client, monkeypatch):
    tell(exam, people(("13800138000", "")))
    Fake.act = staticmethod(refuse(DOWN))
    clock = Clock()
    post("sms", clock)
    monkeypatch.setattr("keju.kernel.notices.pages.now", lambda exam=None: clock.now + timedelta(seconds=5))
    signed_in(client, "13", "region_officer")
    assert "http_503" in text(client.get(at("notices-undelivered")))


def test_the_inbox_says_how_else_a_message_went_out_and_marks_one_as_read(exam, client):
    (one,) = people(("13800138000", "one@example.org"))
    tell(exam, [one])
    tell(exam, [one])
    post("sms", Clock())
    as_candidate(client, one)
    page = text(client.get(at("notices-messages")))
    assert "+86138****8000" in page and "13800138000" not in page and "one@example.org" not in page
    assert "电子邮件等待发送" in page
    assert ">2<" in page
    with acting(ROOT):
        first, _ = Message.objects.order_by("pk")
    client.post(at("notices-messages-read"), {"message": first.pk})
    with acting(ROOT):
        assert [m.read_at is None for m in Message.objects.order_by("pk")] == [False, True]
    assert '<span class="badge-count">1<' in text(client.get(at("notices-messages")))
    client.post(at("notices-messages-read"))
    assert "badge-count" not in text(client.get(at("notices-messages")))
    assert client.post(at("notices-messages-read"), {"message": 10**9}).status_code == 404


def test_another_ones_message_cannot_be_marked(exam, client):
    one, two = people(("", ""), ("", ""))
    tell(exam, [one])
    as_candidate(client, two)
    with acting(ROOT):
        message = Message.objects.get()
    assert client.post(at("notices-messages-read"), {"message": message.pk}).status_code == 404
    with acting(ROOT):
        assert Message.objects.get().read_at is None


def test_looking_at_the_inbox_writes_nothing(exam, client):
    (one,) = people(("", ""))
    tell(exam, [one])
    as_candidate(client, one)
    client.get(at("notices-messages"))
    with acting(ROOT):
        assert Message.objects.get().read_at is None
    assert (
        client.get(at("notices-messages-read")).status_code
        == client.get(at("notices-mail")).status_code
        == 405
    )


def test_two_hundred_and_one_messages_are_two_pages(exam, client):
    (one,) = people(("", ""))
    with acting(ROOT):
        Message.objects.bulk_create(
            Message(
                exam=exam, candidate_id=one, office_path="/13/", kind="x", words_zh=f"第{n}条", words_en=f"No {n}.",
                sent_at=AT + timedelta(minutes=n // 2),
            )
            for n in range(201)
        )  # fmt: skip
    as_candidate(client, one)
    first = text(client.get(at("notices-messages")))
    assert first.count("<article") == 200 and "第200条" in first and "第0条" not in first
    after = first.split("?after=")[1].split('"')[0]
    second = text(client.get(at("notices-messages") + "?after=" + after))
    assert second.count("<article") == 1 and "第0条" in second
    for nonsense in ("x", "2011_1", "2011-05-01_9", "_", "2011-05-01T00:00:00%2B08:00_99999999999999999999"):
        text(client.get(at("notices-messages") + "?after=" + nonsense))


def test_a_candidate_chooses_essential_mail_only_and_back(exam, client):
    (one,) = people(("", "one@example.org"))
    as_candidate(client, one)
    assert 'value="essential"' in text(client.get(at("notices-messages")))
    client.post(at("notices-mail"), {"mail": "essential"})
    with acting(ROOT):
        assert [s.candidate_id for s in Silence.objects.all()] == [one]
    assert 'value="all"' in text(client.get(at("notices-messages")))
    client.post(at("notices-mail"), {"mail": "all"})
    with acting(ROOT):
        assert not Silence.objects.exists() and not Delivery.objects.exists()


def test_a_rehearsal_says_that_nothing_leaves_the_house(exam, client):
    with acting(ROOT):
        Exam.objects.update(is_rehearsal=True)
    signed_in(client, "13", "region_officer")
    assert "演练" in text(client.get(at("notices-undelivered")))


def test_the_outbox_over_the_api_for_the_office_that_may_see_it(exam, client):
    tell(exam, people(("13800138000", ""), ("13900139000", "")))
    tell(exam, people(("13700137000", ""), first=3), path="/11/")
    Fake.act = staticmethod(refuse(Refused("http_422")))
    post("sms", Clock())
    outbox = "/api/v1/notices/vet-2011/outbox"
    signed_in(client, "13", "region_officer")
    (row,) = client.get(outbox).json()["rows"]
    assert (row["kind"], row["channel"], row["given_up"]) == ("review.first.passed", "sms", 2)
    first = client.get(outbox + "/undelivered?size=1").json()
    rest = client.get(f"{outbox}/undelivered?after={first['next']}").json()
    names = [(r["name"], r["fault"]) for r in first["rows"] + rest["rows"]]
    assert names == [("考生1", "http_422"), ("考生2", "http_422")] and rest["next"] is None
    assert "8000" not in str(first) + str(rest)
    body = {"kind": "review.first.passed", "channel": "sms"}
    again = client.post(outbox + "/again", body, "application/json")
    assert (again.status_code, again.json()) == (200, {"count": 2})
    assert sorted(state for state, _, _ in states()) == ["given_up", "queued", "queued"]
    with acting(ROOT):
        assert Event.objects.get(kind="notices.deliveries.asked_again").data["count"] == 2
    assert client.post(outbox + "/again", {**body, "channel": "x"}, "application/json").status_code == 422


def test_who_may_not_send_cannot_ask_again_over_the_api_and_a_candidate_sees_nothing(exam, client):
    outbox = "/api/v1/notices/vet-2011/outbox"
    signed_in(client, "1301", "point_clerk")
    assert client.get(outbox).status_code == 200
    body = {"kind": "review.first.passed", "channel": "sms"}
    assert client.post(outbox + "/again", body, "application/json").status_code == 403
    as_candidate(client, people(("13800138000", ""))[0])
    assert client.get(outbox).status_code == client.get(outbox + "/undelivered").status_code == 403
