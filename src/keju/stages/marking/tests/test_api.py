"""The API of the exam day and of marking: the same doors and services as the pages."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from keju.kernel.exams.models import Exam
from keju.kernel.jobs.tests.office import signed_in
from keju.kernel.offices import acting
from keju.stages.examday import services as day
from keju.stages.examday.tests.world import DAY, Seat, officer
from keju.stages.marking.models import Reading
from keju.stages.marking.tests.bags import SCORER, bag, close_day, scan

pytestmark = pytest.mark.django_db


def test_a_room_is_marked_and_closed_over_the_api(exam: Exam, seats: list[Seat]) -> None:
    point = officer("point_manager", "1101")
    with acting(point):
        day.open_rooms(exam=exam, session_number=1, by=point, at=DAY)
    client, other = Client(), Client()
    signed_in(client, "1101", "point_manager")
    signed_in(other, "1301", "point_manager")
    home = f"/api/v1/examday/{exam.slug}"
    rooms = client.get(f"{home}/rooms?session=1").json()
    assert [(r["site_code"], r["room_number"], r["expected"]) for r in rooms] == [
        ("1101-01", 1, 3),
        ("1101-01", 2, 3),
    ]
    room = f"{home}/rooms/{rooms[0]['id']}"
    assert other.get(f"{home}/rooms?session=1").json() == [] and other.get(f"{room}/seats").status_code == 404
    marks = [{"ticket": s.ticket, "present": n != 1} for n, s in enumerate(seats[:3])]
    kind = "application/json"
    assert client.post(f"{room}/marks", {"marks": marks}, kind).status_code == 204
    assert [s["present"] for s in client.get(f"{room}/seats").json()] == [True, False, True]
    wrong = client.post(f"{room}/close", {"counted": 2}, kind)
    assert wrong.status_code == 409 and wrong.json()["reasons"][0]["rule"] == "V15.5.1"
    assert client.post(f"{room}/close", {"counted": 3}, kind).status_code == 204
    assert client.get(f"{home}/totals").json()[0]["closed"] == 1
    assert Client().get(f"{home}/totals").status_code == 403


def test_images_come_in_and_doubts_are_decided_over_the_api(exam: Exam, seats: list[Seat]) -> None:
    close_day(exam)
    batch = bag(exam, seats[0])
    client, keeper = Client(), Client()
    signed_in(client, "centre", "centre_scoring")
    signed_in(keeper, "centre", "centre_key")
    home = f"/api/v1/marking/{exam.slug}"
    images = f"{home}/bags/{batch.pk}/images"
    upload = {"images": SimpleUploadedFile("a.jpg", scan(exam, seats[0].ticket, tick=7))}
    assert keeper.post(images, upload).status_code == 403
    upload["images"].seek(0)
    assert client.post(images, upload).json() == {"read": 0, "to_persons": 1, "already": 0, "refused": {}}
    (row,) = [b for b in client.get(f"{home}/bags?session=1").json() if b["pk"] == batch.pk]
    assert (row["images"], row["doubts"]) == (1, 1)
    with acting(SCORER):
        reading = Reading.objects.get().pk
    decisions = f"{home}/readings/{reading}/decisions"
    assert client.post(decisions, [{"question": 7, "answer": "B"}], "application/json").status_code == 204
    assert client.post(decisions, [{"question": 7, "answer": "B"}], "application/json").status_code == 409
    assert client.get(f"{home}/runs").json() == [] and keeper.get(f"{home}/runs").status_code in (403, 404)
