"""The exam day and marking in a real browser: narrow and wide, both languages; nothing sticks out, axe finds nothing.

With `KEJU_LOOK=folder` a picture of every page is left there for people to look at.
"""

import os
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from keju.kernel.jobs.tests.office import signed_in
from keju.kernel.offices import acting
from keju.stages.examday import queries as examday
from keju.stages.examday import services as day
from keju.stages.examday.services import SeatMark
from keju.stages.examday.tests.world import DAY, OVER, make_exam, officer, seat_people
from keju.stages.marking import services as marking
from keju.stages.marking.models import Batch, Reading
from keju.stages.marking.tests.bags import (
    DATA,
    SCORER,
    bag,
    close_day,
    read,
    read_everybody,
    scan,
    set_keys,
)
from keju.web.tests.test_browser import chromium, faults, opened

pytestmark = pytest.mark.browser
LOOKS = [(360, "light", "zh"), (768, "dark", "en"), (1440, "light", "en"), (1440, "light", "zh")]
POINT = officer("point_manager", "1101")
__all__ = ["chromium"]


def _look(chromium, live_server, pages: dict[str, list[str]]) -> dict[str, list[object]]:
    """Every role's pages at every look; what is wrong with which."""
    found: dict[str, list[object]] = {}
    folder = os.environ.get("KEJU_LOOK")
    for where, addresses in pages.items():
        role, code = where.split("@")
        client = Client()
        signed_in(client, code, role)
        for look in LOOKS:
            context = opened(chromium, live_server, look, client)
            page = context.new_page()
            for address in addresses:
                wrong = faults(page, live_server.url + address)
                if wrong:
                    found[f"{address} {look}"] = wrong
                if folder:
                    name = address.strip("/").replace("/", "-").split("?")[0] or "home"
                    page.screenshot(
                        path=str(Path(folder) / f"{name}-{look[0]}-{look[2]}.png"), full_page=True
                    )
            context.close()
    return found


def test_the_day_and_its_room(chromium, live_server, transactional_db) -> None:
    exam = make_exam()
    seats = seat_people(exam, per_room=6)
    with acting(POINT):
        day.open_rooms(exam=exam, session_number=1, by=POINT, at=DAY)
        room, other = examday.rooms(viewer=POINT, exam=exam)
        marks = [
            SeatMark(seats[0].ticket, True),
            SeatMark(seats[1].ticket, False),
            SeatMark(seats[2].ticket, True, "夹带"),
        ]
        day.record_marks(exam=exam, room_session_id=room.pk, marks=marks, by=POINT, at=DAY)
        rest = [SeatMark(s.ticket, True) for s in seats[6:12]]
        day.record_marks(exam=exam, room_session_id=other.pk, marks=rest, by=POINT, at=DAY)
        day.close_rooms(exam=exam, room_session_ids=[other.pk], by=POINT, at=OVER)
        day.record_marks(
            exam=exam,
            room_session_id=other.pk,
            marks=[SeatMark(seats[6].ticket, False)],
            reason="误记",
            by=POINT,
            at=DAY,
        )
    pages = [
        reverse("examday-home", args=[exam.slug]),
        reverse("examday-room", args=[exam.slug, room.pk]),
        reverse("examday-room", args=[exam.slug, other.pk]),
        reverse("examday-sheet", args=[exam.slug]),
    ]
    assert _look(chromium, live_server, {"point_manager@1101": pages, "region_officer@11": pages[:1]}) == {}


def test_a_tap_marks_a_seat_with_and_without_javascript(chromium, live_server, transactional_db) -> None:
    exam = make_exam()
    seats = seat_people(exam)
    with acting(POINT):
        day.open_rooms(exam=exam, session_number=1, by=POINT, at=DAY)
        room = examday.rooms(viewer=POINT, exam=exam)[0]
    client = Client()
    signed_in(client, "1101", "point_manager")
    for number, script in ((0, True), (1, False)):
        context = chromium.new_context(viewport={"width": 360, "height": 800}, java_script_enabled=script)
        context.add_cookies(
            [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
        )
        context.add_cookies([{"name": "keju_language", "value": "zh", "url": live_server.url}])
        page = context.new_page()
        page.goto(live_server.url + reverse("examday-room", args=[exam.slug, room.pk]))
        seat = page.locator(f"#t{seats[number].ticket}")
        seat.get_by_role("button", name="缺").click()
        page.wait_for_selector(f"#t{seats[number].ticket}.seat-absent")
        context.close()
    with acting(POINT):
        room.refresh_from_db()
    assert (room.present, room.absent) == (0, 2)


def test_marking_from_bag_to_freeze(chromium, live_server, transactional_db) -> None:
    exam = make_exam()
    seats = seat_people(exam)
    close_day(exam, violators={seats[1].ticket})
    first = bag(exam, seats[0])
    read(
        exam,
        first,
        scan(exam, seats[0].ticket, tick=7),
        scan(exam, seats[1].ticket),
        scan(exam, seats[3].ticket),
        b"GIF89a",
    )
    with acting(SCORER):
        in_doubt, _, foreign, _ = Reading.objects.order_by("pk").values_list("pk", flat=True)
        assert Batch.objects.count() == 6
    pages = {
        "centre_scoring@centre": [
            reverse("marking-home", args=[exam.slug]),
            reverse("marking-batch", args=[exam.slug, first.pk]),
            reverse("marking-doubts", args=[exam.slug]),
            reverse("marking-reading", args=[exam.slug, in_doubt]),
            reverse("marking-reading", args=[exam.slug, foreign]),
            reverse("marking-runs", args=[exam.slug]),
        ],
        "centre_key@centre": [
            reverse("marking-keys", args=[exam.slug]),
            reverse("marking-key", args=[exam.slug, 1]),
        ],
        "point_manager@1101": [reverse("marking-cards", args=[exam.slug])],
    }
    assert _look(chromium, live_server, pages) == {}


def test_the_pages_of_the_administrators(chromium, live_server, transactional_db) -> None:
    exam = make_exam()
    seats = seat_people(exam, per_room=1)
    close_day(exam)
    set_keys(exam)
    read_everybody(exam, seats)
    with acting(SCORER):
        run = marking.run_scores(exam=exam, by=SCORER, at=DAY)
    with acting(DATA):
        marking.propose_freeze(exam=exam, run_id=run.pk, by=DATA, at=DAY)
    pages = {
        "centre_data@centre": [reverse("marking-runs", args=[exam.slug])],
        "centre_system@centre": [reverse("marking-countersign", args=[exam.slug])],
    }
    assert _look(chromium, live_server, pages) == {}
