"""The pages of changed seats: a region officer exchanges, seats and takes back; a host sees what to print again."""

import pytest
from django.test import Client

from keju.algorithms import voidlist
from keju.kernel.audit.models import Event
from keju.kernel.documents import codes
from keju.kernel.exams.models import Exam
from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import acting
from keju.stages.seating.pages import versions as plan_versions
from keju.stages.tickets import api
from keju.stages.tickets.models import Ticket
from keju.stages.tickets.pages import changing
from keju.stages.tickets.tests.test_changing import fresh, printed, ready, tickets
from keju.stages.tickets.tests.test_pages import at, text
from keju.stages.tickets.tests.test_pages import exam as exam  # noqa: PLC0414
from keju.stages.venues.models import Room
from keju.stages.venues.tests.year import AT, SYSTEM, confirmed


@pytest.fixture
def region(exam: Exam, client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    """On a day before the exam, with tickets open."""
    for edge in (changing, api):
        monkeypatch.setattr(edge, "now", lambda _: AT)
    monkeypatch.setattr(
        plan_versions, "staff_names", lambda _: {}
    )  # those who planned in these tests have no account
    ready(exam)
    signed_in(client, "13", "region_officer")
    return client


def ask(
    one: Ticket, to_room: int, to_seat: int, version: int = 1, reason: str = "视力不好"
) -> dict[str, object]:
    return {"version": version, "seat": one.seat, "to_room": to_room, "to_seat": to_seat, "reason": reason}


def post(client: Client, one: Ticket, data: dict[str, object]) -> object:
    return client.post(at("tickets-seat", site=one.site_code, room_id=one.room_id), data, follow=True)


@pytest.mark.rule("V7.1", "V14.7.3")
def test_a_region_officer_exchanges_two_in_the_picture_of_the_room(exam: Exam, region: Client) -> None:
    printed(exam, "sign_in", "site:1301-01")
    one, other = (tickets(exam)[n] for n in (0, 45))
    page = at("seating-room", site="1301-01", room_id=one.room_id)
    shown = text(region.get(page))
    assert shown.count('class="seat"') == 30 and "style=" not in shown and "seats.js" in shown
    done = text(post(region, one, ask(one, 2, other.seat)))
    assert "已变更2人的座位（第2版）。准考证换发2张" in done and "份打印件作废，请重印" in done
    assert (fresh(one).room_number, fresh(one).seat) == (2, other.seat)
    # The page that was left open knows only the former version.
    stale = region.post(at("tickets-seat", site="1301-01", room_id=one.room_id), ask(other, 2, 1))
    assert stale.status_code == 409
    for data, words in (
        (ask(one, 2, 1, 2, ""), "请填写两个座位和理由"), (ask(one, 77, 1, 2), "没有77号考场"), ({"version": 2}, "请填写两个座位"),
    ):  # fmt: skip
        assert words in text(post(region, one, data))
    assert (fresh(one).room_number, fresh(one).seat) == (2, other.seat)
    versions = text(region.get(at("seating-versions", site="1301-01")))
    assert "视力不好" in versions and "2人不同" in versions and versions.count("一致") == 2
    assert "stroke-width" in text(region.get(at("seating-overview", site="1301-01") + "?start=1"))


@pytest.mark.rule("V7.2", "V14.7.1")
def test_late_ones_are_seated_and_those_who_left_taken_back(
    exam: Exam, region: Client, eligible: dict[str, list[int]]
) -> None:
    assert "都有座位" in text(region.get(at("tickets-late")))
    late = confirmed(exam, {("1303", "general"): 2}, name="晚到", first=500)
    gone = tickets(exam, "1303-01")[3]
    eligible["13"] += late
    eligible["13"].remove(gone.registration_id)
    shown = text(region.get(at("tickets-late")))
    assert shown.count('name="people"') == 3 and "晚到0" in shown
    send = at("tickets-seat-late")
    assert "请选择考生" in text(
        region.post(send, {"act": "seat", "people": [gone.registration_id], "reason": "x"}, follow=True)
    )
    region.post(send, {"act": "leave", "people": [gone.registration_id], "reason": "取消资格"})
    assert fresh(gone).revoked_at is not None
    done = text(region.post(send, {"act": "seat", "people": late, "reason": "更正"}, follow=True))
    assert "新增2张" in done and "都有座位" in done
    assert [k.number[-4:] for k in tickets(exam, "1303-01")][-2:] == ["0027", "0028"]


@pytest.mark.rule("V7.4")
def test_a_host_sees_what_to_print_again_and_loads_the_list(exam: Exam, region: Client) -> None:
    printed(exam, "sign_in", "site:1301-01")
    one, other = (tickets(exam)[n] for n in (0, 45))
    post(region, one, ask(one, 2, other.seat))
    host = Client()
    signed_in(host, "1301", "point_manager")
    for language, words in (("zh", "签到表"), ("en", "Sign-in sheets")):
        shown = text(host.get(at("tickets-again", site="1301-01") + f"?lang={language}"))
        assert words in shown and one.number in shown and other.number in shown
    assert b"".join(host.get(at("tickets-again-export", site="1301-01"))).startswith(b"PK")
    note = host.get(at("tickets-void-list", site="1301-01"))
    body = b"".join(note).decode() if note.streaming else note.content.decode()
    found = voidlist.read(body, codes.public_key(), exam=exam.slug, host="1301")
    assert set(found.entries) == {one.number, other.number}
    # Seats are the region's to change.
    assert post(host, one, ask(one, 2, 1)).status_code == 403  # type: ignore[attr-defined]
    stranger = Client()
    signed_in(stranger, "11", "region_officer")
    for name in ("tickets-again", "tickets-void-list", "seating-overview"):
        assert stranger.get(at(name, site="1301-01")).status_code == 404
    assert post(stranger, one, ask(one, 2, 1)).status_code == 404  # type: ignore[attr-defined]


def test_the_api_does_the_same(exam: Exam, region: Client) -> None:
    one = tickets(exam)[0]
    with acting(SYSTEM):
        spare = Room.objects.get(site__code="1301-01", kind="spare")
    base = f"/api/v1/tickets/{exam.slug}"
    wanted = {"moves": [{"registration_id": one.registration_id, "room_id": spare.pk}], "reason": "更正"}
    done = region.post(
        f"{base}/seats", wanted | {"expected": {"1301-01": 1}}, content_type="application/json"
    )
    assert done.json() == {
        "version": 2, "sites": ["1301-01"], "moved": [one.number], "added": [], "revoked": [], "void": 0,
    }  # fmt: skip
    again = region.post(
        f"{base}/seats", wanted | {"expected": {"1301-01": 1}}, content_type="application/json"
    )
    assert again.status_code == 409
    for odd in (
        {"moves": [{"registration_id": 10**30, "room_id": spare.pk}], "reason": "更正"},
        {"moves": [{"registration_id": one.registration_id, "room_id": 10**30}], "reason": "更正"},
        {"moves": [{"registration_id": one.registration_id, "room_id": spare.pk}], "reason": "更\0正"},
    ):
        said = region.post(f"{base}/seats", odd, content_type="application/json")
        assert 400 <= said.status_code < 500, (odd, said.content)
    assert region.get(f"/api/v1/seating/{exam.slug}/plans/1301-01/versions/1/{10**30}").status_code == 404
    plans = f"/api/v1/seating/{exam.slug}/plans/1301-01/versions"
    assert [v["reason"] for v in region.get(plans).json()] == ["更正", ""]
    (line,) = region.get(f"{plans}/1/2").json()
    assert (line["registration_id"], line["now"]) == (
        one.registration_id,
        {"room_number": spare.number, "serial": 1},
    )
    assert region.get(f"{base}/sites/1301-01/again").json() == []
    assert region.get(f"{base}/void-lists/1301-01").json()["version"] == 2
    with acting(SYSTEM):
        assert Event.objects.filter(kind="tickets.seats.changed").count() == 1
