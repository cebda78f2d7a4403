"""The exam day through the browser's requests: every page for every role, a room from opening to its record."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from keju.kernel.accounts.permissions import ROLES
from keju.kernel.documents.models import Print
from keju.kernel.exams.models import Exam
from keju.kernel.jobs.tests.office import signed_in
from keju.kernel.offices import acting
from keju.kernel.offices.models import Kind
from keju.kernel.sheets import read_table, write_table
from keju.rulebook.words import speaking
from keju.stages.examday import queries, services
from keju.stages.examday.documents import RecordHead, RecordLine, room_record
from keju.stages.examday.models import RoomSession
from keju.stages.examday.services.importing import COLUMNS
from keju.stages.examday.tests.world import DAY, SYSTEM, Seat, make_exam, officer, seat_people

pytestmark = pytest.mark.django_db
AT_KIND = {Kind.REGION: "11", Kind.POINT: "1101"}
POINT = officer("point_manager", "1101")


@pytest.fixture
def exam() -> Exam:
    return make_exam()


@pytest.fixture
def seats(exam: Exam) -> list[Seat]:
    return seat_people(exam)


@pytest.fixture
def room(exam: Exam, seats: list[Seat]) -> RoomSession:
    with acting(POINT):
        services.open_rooms(exam=exam, session_number=1, by=POINT, at=DAY)
        return queries.rooms(viewer=POINT, exam=exam).first()  # type: ignore[return-value]


def client_of(role: str, code: str) -> Client:
    client = Client()
    signed_in(client, code, role)
    return client


def test_each_page_opens_for_those_who_may_and_for_nobody_else(exam: Exam, room: RoomSession) -> None:
    pages = {
        reverse("examday-home", args=[exam.slug]): "examday:room:read",
        reverse("examday-figures", args=[exam.slug]): "examday:room:read",
        reverse("examday-room", args=[exam.slug, room.pk]): "examday:room:read",
        reverse("examday-sheet", args=[exam.slug]): "examday:room:record",
        reverse("examday-sheet-template", args=[exam.slug, 1, "1101-01"]): "examday:room:record",
    }
    # A site's officer is appointed for one exam: the matrix of access has that role.
    for role in (r for r in ROLES.values() if Kind.SITE not in r.at):
        kind = next(iter(role.at))
        client = client_of(role.code, AT_KIND.get(kind, "centre" if kind == Kind.CENTRE else str(kind)))
        for page, permission in pages.items():
            wanted = 200 if permission in {str(p) for p in role.permissions} else 403
            assert client.get(page).status_code == wanted, (role.code, page)
            if wanted == 200:
                assert client.get(page + "?lang=en").status_code == 200, (role.code, page)
    stranger = client_of("point_manager", "1301")
    assert stranger.get(reverse("examday-room", args=[exam.slug, room.pk])).status_code == 404
    assert stranger.get(reverse("examday-sheet-template", args=[exam.slug, 1, "1101-01"])).status_code == 404
    mark = reverse("examday-mark", args=[exam.slug, room.pk])
    assert stranger.post(mark, {"ticket": "1111010001", "state": "present"}).status_code == 404
    for odd in ("?after=x", "?after=9999", "?session=9", "?state=none", "?q=%00"):
        assert stranger.get(next(iter(pages)) + odd).status_code == 200, odd


@pytest.mark.rule("V15.7", "V15.5.1", "V15.8")
def test_a_room_from_first_tap_to_its_two_records(exam: Exam, seats: list[Seat], room: RoomSession) -> None:
    client = client_of("point_manager", "1101")

    def post(name: str, *args: object, **data: object) -> int:
        return client.post(reverse(f"examday-{name}", args=[exam.slug, room.pk, *args]), data).status_code

    page = reverse("examday-room", args=[exam.slug, room.pk])
    text = client.get(page).content.decode()
    assert text.count('class="seat seat-none"') == 3 and "其余 3 人标为到场" in text
    assert text.index(seats[0].ticket) < text.index(seats[1].ticket) < text.index(seats[2].ticket)
    assert post("mark", ticket=seats[0].ticket, state="absent") == 302
    assert post("mark", ticket=seats[1].ticket, state="violation", violation="夹带") == 302
    assert post("mark", ticket=seats[1].ticket, state="violation") == 422
    assert post("mark", ticket=seats[2].ticket) == 422
    assert post("close", counted=3) == 409
    assert post("rest", seen=1) == 302  # without the tick nothing happens
    assert 'class="seat seat-none"' in client.get(page).content.decode()
    assert post("rest", seen=2, sure="on") == 409
    assert post("rest", seen=1, sure="on") == 302
    assert post("record", "bag") == 409
    assert post("close", counted=4) == 409
    assert post("close") == 422
    assert post("close", counted=3) == 302
    assert post("close", counted=3) == 409
    assert post("mark", ticket=seats[0].ticket, state="present") == 409
    assert post("mark", ticket=seats[0].ticket, state="present", reason="迟到，核对后入场") == 302
    for copy in ("bag", "papers", "bag"):
        answer = client.post(reverse("examday-record", args=[exam.slug, room.pk, copy]))
        assert answer.status_code == 200 and answer.content.startswith(b"%PDF")
    assert post("record", "third") == 404
    with acting(SYSTEM):
        found = Print.objects.filter(kind="room_record").order_by("pk")
        prints = list(found.values_list("subject", "copy", "office_path"))
    assert [p[:2] for p in prints] == [
        (f"room:{room.pk}:bag", 1), (f"room:{room.pk}:papers", 1), (f"room:{room.pk}:bag", 2),
    ]  # fmt: skip
    assert {p[2] for p in prints} == {"/11/1101/01/"}
    assert "迟到，核对后入场" in client.get(page).content.decode()


@pytest.mark.rule("V15.8")
def test_the_record_is_its_data() -> None:
    from keju.rulebook.words import t

    head = RecordHead(
        t("考试", "Exam"),
        t("上午", "Morning"),
        "09:00–11:30",
        "1101-01",
        t("一中", "No. 1"),
        7,
        "2011-10-16 11:45",
    )
    lines = [
        RecordLine(1, "1", "甲", True, ""),
        RecordLine(2, "2", "乙", False, ""),
        RecordLine(3, "3", "丙", True, "夹带"),
    ]
    data = room_record(head, lines, "bag", [("2", "缺考", "误记")])
    assert (data["expected"], data["present"], data["absent"]) == (3, 2, 1)
    assert data["absentees"] == [[2, "2", "乙"]] and data["violations"] == [[3, "3", "丙", "夹带"]]
    assert data["corrections"] == [["2", "缺考", "误记"]] and "中心" in data["copy_of"]["zh"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_site_is_marked_by_its_spreadsheet_or_not_at_all(
    exam: Exam, seats: list[Seat], room: RoomSession, language: str
) -> None:
    client = client_of("point_manager", "1101")
    template = reverse("examday-sheet-template", args=[exam.slug, 1, "1101-01"])
    sheet = client.get(template + f"?lang={language}").content
    with speaking(language):
        loose = [c if c.key != "state" else type(c)(c.key, c.title) for c in COLUMNS]
        rows = [dict(r.values) for r in read_table(sheet, filename="x.xlsx", columns=loose).rows]
        assert [r["ticket"] for r in rows] == [s.ticket for s in seats[:6]]
        words = {"zh": ("到场", "缺考"), "en": ("present", "absent")}[language]
        for n, row in enumerate(rows):
            row["state"] = words[n == 4]
        rows[0]["violation"] = "夹带"
        good = write_table(COLUMNS, rows)
        bad = write_table(
            COLUMNS,
            [rows[0], {**rows[1], "state": "?"}, {**rows[2], "room": 2}, {**rows[4], "violation": "x"}],
        )

    def upload(data: bytes, name: str = "a.xlsx") -> tuple[int, str]:
        answer = client.post(
            reverse("examday-sheet", args=[exam.slug]),
            {"session": "1", "site": "1101-01", "file": SimpleUploadedFile(name, data)},
            follow=True,
        )
        return answer.status_code, answer.content.decode()

    status, text = upload(bad)
    assert status == 422 and "1111010003" in text
    assert upload(b"nothing", "a.csv")[0] == 422
    with acting(POINT):
        assert sum(r.present + r.absent for r in queries.rooms(viewer=POINT, exam=exam)) == 0
    assert upload(good)[0] == 200
    with acting(POINT):
        counts = [(r.present, r.absent, r.violations) for r in queries.rooms(viewer=POINT, exam=exam)]
    assert counts == [(3, 0, 1), (2, 1, 0)]


def test_the_photo_is_shown_for_the_rooms_own_candidates_only(
    exam: Exam, seats: list[Seat], room: RoomSession
) -> None:
    from keju.kernel.audit import write
    from keju.kernel.files.services import store
    from keju.stages.registration.models import Registration

    @write(None)
    def keep(*, by: object, at: object) -> str:
        return store(
            data=b"\xff\xd8photo", name="p", content_type="image/jpeg", office_path="/11/", by=by, at=at
        )  # type: ignore[arg-type]

    with acting(SYSTEM):
        Registration.objects.filter(pk=seats[0].registration_id).update(photo_sha256=keep(by=SYSTEM, at=DAY))
    client = client_of("point_manager", "1101")

    def photo(ticket: str) -> int:
        return client.get(reverse("examday-photo", args=[exam.slug, room.pk, ticket])).status_code

    assert photo(seats[0].ticket) == 200
    assert photo(seats[1].ticket) == 404  # a file that is lost
    assert photo(seats[3].ticket) == 404  # of another room


def test_opening_and_reporting_on_the_board(exam: Exam, seats: list[Seat]) -> None:
    client = client_of("point_manager", "1101")
    home = reverse("examday-home", args=[exam.slug])
    assert "开放考场" in client.get(home).content.decode()
    exam.clock_shift = DAY - DAY.now(DAY.tzinfo)
    with acting(SYSTEM):
        exam.save()
    assert client.post(reverse("examday-open", args=[exam.slug, 1])).status_code == 302
    assert client.post(reverse("examday-open", args=[exam.slug, 7])).status_code == 404
    assert 'aria-disabled="true"' in client.get(home).content.decode()
    assert client.post(reverse("examday-report", args=[exam.slug])).status_code == 409
    assert (
        client_of("region_officer", "11").post(reverse("examday-open", args=[exam.slug, 2])).status_code
        == 403
    )
