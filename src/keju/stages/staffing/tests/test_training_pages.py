"""Training as people meet it: in the office, on a telephone by personal link, on paper, and in training mode."""

import io
import re
from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice
from PIL import Image

from keju.kernel.accounts.models import Person
from keju.kernel.audit.models import Event
from keju.kernel.calendar import now
from keju.kernel.documents.counting import page_texts
from keju.kernel.exams import clearing
from keju.kernel.exams import services as exams
from keju.kernel.exams.clearing import NewClearance
from keju.kernel.offices import acting
from keju.kernel.readiness.asking import found
from keju.kernel.sheets import read_table
from keju.stages.staffing.models import Appointment, Attendee, Member, Try
from keju.stages.staffing.pages.training.own import SLOW_DOWN, WRONG_CODES
from keju.stages.staffing.queries import training as queries
from keju.stages.staffing.services import training
from keju.stages.staffing.services.attendance import COLUMNS, columns
from keju.stages.staffing.tests import crowd
from keju.stages.staffing.tests.school import School, course, school
from keju.stages.venues.tests.year import AT, SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings, tmp_path) -> School:
    settings.FILES_ROOT = tmp_path
    cache.clear()
    return school()


def enter(client: Client, world: School, role: str, code: str) -> None:
    with acting(SYSTEM):
        login = Person.objects.get(pk=world.people[role, code]).login
    client.force_login(login, backend="django.contrib.auth.backends.ModelBackend")
    device = TOTPDevice.objects.create(user=login, name="test", confirmed=True)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()


def text(answer, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:1500]
    return answer.content.decode()


def at(world: School, name: str, **kwargs: object) -> str:
    return reverse(name, kwargs={"exam": world.exam.slug, **kwargs})


def scan() -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (40, 60), "white").save(file, "JPEG")
    file.seek(0)
    file.name = "list.jpg"
    return file


def soon(world: School) -> dict[str, object]:
    """A course that begins now."""
    return {
        "starts_at": f"{now(world.exam):%Y-%m-%dT%H:%M}",
        "ends_at": f"{now(world.exam) + timedelta(hours=2):%Y-%m-%dT%H:%M}",
    }


@pytest.mark.rule("V4.3")
def test_until_passed_a_real_exam_is_only_looked_at_and_the_rehearsal_is_open(settings, tmp_path, client):
    settings.FILES_ROOT = tmp_path
    world = school(is_rehearsal=False)
    with acting(SYSTEM):
        drill = exams.make(
            slug="drill", programme="veterinarian", year=2012, exam_day=date(2012, 10, 21),
            rules_as_of=date(2012, 6, 1), is_rehearsal=True, by=SYSTEM, at=AT,
        )  # fmt: skip
    enter(client, world, "point_manager", "1301")
    place = {"address": "大厅", "hours": "9–17", "contact": "李", "phone": "010-1"}
    page = text(client.get(at(world, "registration-point")))
    assert "培训模式" in page and reverse("training-own", kwargs={"exam": world.exam.slug}) in page
    assert "V4.3" in text(client.post(at(world, "registration-point"), place), 409)
    api = client.post("/api/v1/venues/exam/sites/1301-01/report", content_type="application/json")
    assert api.status_code in (403, 409)
    there = reverse("registration-point", kwargs={"exam": drill.slug})
    assert "培训模式" not in text(client.get(there))
    said = text(client.post(there, place), 409)  # the law of the year holds there too; training mode does not
    assert "V4.1" in said and "V4.3" not in said
    person = world.people["point_manager", "1301"]
    with acting(SYSTEM):
        needed = queries.needed(world.exam, person, AT)
        new = [NewClearance(person, "/13/1301/", module, "check:1") for module in needed]
        clearing_all(world, new)
    page = text(client.get(at(world, "registration-point")))
    assert "培训模式" not in page
    assert "V4.3" not in client.post(at(world, "registration-point"), place).content.decode()


def clearing_all(world: School, new: list[NewClearance]) -> None:
    clearing.clear(exam=world.exam, passed=new, by=SYSTEM, at=AT)


@pytest.mark.rule("V4.3")
def test_who_holds_a_role_in_the_real_exam_practises_in_its_rehearsal(world):
    with acting(SYSTEM):
        real = exams.make(
            slug="real", programme="veterinarian", year=2012, exam_day=date(2012, 10, 21),
            rules_as_of=date(2012, 6, 1), is_rehearsal=False, by=SYSTEM, at=AT,
        )  # fmt: skip
        assert clearing.slugs(world.exam) == ["", "exam", "real"]
        assert clearing.slugs(real) == ["", "real"]


@pytest.mark.rule("V4.1", "V4.2", "V4.3")
def test_a_course_from_planning_to_passing_on_the_telephone(world, client, monkeypatch):
    enter(client, world, "region_officer", "13")
    given = {"modules": ["system", "discipline"], "place": "三楼", "trainer": "张三", **soon(world)}
    assert "empty-box" in text(client.get(at(world, "training-courses")))
    text(client.post(at(world, "training-plan"), {**given, "ends_at": given["starts_at"]}), 422)
    assert client.post(at(world, "training-plan"), given).status_code == 302
    with acting(SYSTEM):
        (row,) = [line.course for line in queries.courses(world.exam, viewer=SYSTEM)[0]]
    here = {"course_id": row.pk}
    assert client.post(at(world, "training-invite", **here)).status_code == 302
    page = text(client.get(at(world, "training-course", **here)))
    assert "point_clerk-1301" in page and "第1版" in page
    wall = text(client.get(at(world, "training-wall", **here)))
    code = re.search(r"<strong>(\d{3}) (\d{3})</strong>", wall)
    slips = text(client.post(at(world, "training-links", **here)))
    link = re.search(r"point_clerk-1301.*?(/training/[\w-]{30,}/)", slips, re.S)
    assert code and link
    phone = Client()
    page = text(phone.get(link[1]))
    assert "三楼" in page and "V4.1" in page  # no check before the course was attended
    assert "岗位不要求" not in page.partition('id="checks"')[2]
    with monkeypatch.context() as patched:  # of a course that teaches more than their work needs
        patched.setattr(queries, "needed", lambda *_: ["system"])
        assert text(phone.get(link[1])).partition('id="checks"')[2].count("岗位不要求") == 1
    text(phone.post(f"{link[1]}attend/{row.pk}/", {"code": "000000" if code[1] != "000" else "111111"}), 409)
    assert phone.post(f"{link[1]}attend/{row.pk}/", {"code": f"{code[1]} {code[2]}"}).status_code == 302
    other = re.search(r"point_manager-1301.*?(/training/[\w-]{30,}/)", slips, re.S)
    assert other
    for _ in range(WRONG_CODES):
        phone.post(f"{other[1]}attend/{row.pk}/", {"code": "abc"})
    right_one = {"code": f"{code[1]} {code[2]}"}
    assert str(SLOW_DOWN) in text(phone.post(f"{other[1]}attend/{row.pk}/", right_one), 409)
    for module in ("system", "discipline"):
        assert phone.post(f"{link[1]}check/{module}/begin/").status_code == 302
        assert 'type="radio"' in text(phone.get(f"{link[1]}check/{module}/"))
        with acting(SYSTEM):
            open_try = Try.objects.get(ended_at=None)
        right = {
            f"q{n}": one.right
            for n, one in enumerate(queries.open_papers(world.exam, [open_try.pk])[open_try.pk])
        }
        assert phone.post(f"{link[1]}check/{module}/", right).status_code == 302
    pledge = f"{link[1]}pledge/discipline/"
    assert "P8.1" in text(phone.post(pledge, {"signed_as": "别人", "agreed": "on"}), 409)
    assert phone.post(pledge, {"signed_as": "point_clerk-1301", "agreed": "on"}).status_code == 302
    with acting(SYSTEM):
        assert clearing.cleared(world.exam) == {world.people["point_clerk", "1301"]: {"system", "discipline"}}
    assert client.post(at(world, "training-hold", **here), {"version": 1}).status_code == 302
    page = text(client.get(at(world, "training-lacking")))
    assert (
        "point_manager-1301" in page and "point_clerk-1301" in page
    )  # the clerk still lacks the candidates' handbook
    assert phone.get(link[1].replace(link[1][10:14], "AAAA")).status_code == 404
    text(client.post(at(world, "training-links", **here)))
    assert phone.get(link[1]).status_code == 404  # a new link ends the one before


@pytest.mark.rule("V4.1", "V4.3", "P8.1")
def test_lists_sheets_and_papers_with_their_scans(world, client):
    region = world.actor("region_officer", "13")
    people = [world.people["point_clerk", "1301"], world.people["point_manager", "1301"]]
    row = course(world, region, ["discipline"], people, when=now(world.exam), attended=False)
    enter(client, world, "region_officer", "13")
    here = {"course_id": row.pk}
    with acting(SYSTEM):
        clerk, manager = (Attendee.objects.get(course=row, person_id=pk) for pk in people)
    pdf = client.post(at(world, "training-print", **here)).content
    printed = "".join(page_texts(pdf)).replace(" ", "").replace("\n", "")
    assert "point_clerk-1301" in printed and "考务管理手册第1版" in printed
    sheet = client.get(at(world, "training-sheet", **here)).content
    assert [r.values["number"] for r in read_table(sheet, filename="a.xlsx", columns=COLUMNS).rows] == [
        clerk.pk,
        manager.pk,
    ]

    def upload(body: str):
        file = io.BytesIO(("编号,姓名,单位代码,到场\n" + body).encode())
        file.name = "a.csv"
        return client.post(at(world, "training-import", **here), {"file": file})

    assert str(clerk.pk + 999) in text(upload(f"{clerk.pk + 999},某,1301,是\n{clerk.pk},,,是\n"), 409)
    with acting(SYSTEM):
        assert not Attendee.objects.filter(attended_at__isnull=False).exists()  # all or nobody
    assert upload(f"{clerk.pk},,,是\n{manager.pk},,,\n").status_code == 302
    with acting(SYSTEM):
        assert dict(Attendee.objects.values_list("pk", "way")) == {clerk.pk: "sheet", manager.pk: ""}
    assert (
        client.post(
            at(world, "training-attendance", **here), {"there": [manager.pk], "scan": scan()}
        ).status_code
        == 302
    )
    marks = {f"right-{people[0]}": "9", f"right-{people[1]}": "5", f"pledge-{people[0]}": "on"}
    text(client.post(at(world, "training-paper", **here), {"module": "discipline", **marks}), 409)  # no scan
    done = client.post(at(world, "training-paper", **here), {"module": "discipline", **marks, "scan": scan()})
    assert done.status_code == 302
    with acting(SYSTEM):
        manager.refresh_from_db()
        assert manager.way == "scan" and len(manager.scan) == 64
        assert {t.person_id: (t.right, t.passed, t.way) for t in Try.objects.all()} == {
            people[0]: (9, True, "paper"), people[1]: (5, False, "paper"),
        }  # fmt: skip
        assert clearing.cleared(world.exam) == {people[0]: {"discipline"}}
        assert Event.objects.filter(kind="staffing.check.ended").count() == 1
    cancel = at(world, "training-cancel", **here)
    text(client.post(cancel, {"version": 1, "note": ""}), 409)
    assert client.post(cancel, {"version": 1, "note": "停电"}).status_code == 302
    assert client.post(cancel, {"version": 1, "note": "停电"}).status_code == 409


@pytest.mark.rule("V4.1", "V4.3", "P8.1")
def test_a_whole_class_is_entered_at_once(world, client):
    region = world.actor("region_officer", "13")
    people = [world.people["point_clerk", "1301"], world.people["point_manager", "1301"]]
    row = course(world, region, ["discipline"], people, when=now(world.exam), attended=False)
    enter(client, world, "region_officer", "13")
    here = {"course_id": row.pk}
    with acting(SYSTEM):
        clerk, manager = (Attendee.objects.get(course=row, person_id=pk) for pk in people)
    given = {"there": [manager.pk], "ticked": "absent"}
    assert client.post(at(world, "training-attendance", **here), given).status_code == 302
    with acting(SYSTEM):
        assert list(Attendee.objects.filter(attended_at__isnull=False)) == [clerk]
    sheet = client.get(at(world, "training-sheet", **here)).content
    wanted = columns(world.exam, row)
    assert [c.key for c in wanted][-2:] == ["right_discipline", "pledge_discipline"]
    assert len(read_table(sheet, filename="a.xlsx", columns=wanted).rows) == 2

    def upload(body: str, **more: object):
        heads = ",".join(c.title.zh for c in wanted if c.key not in ("name", "office", "employer"))
        file = io.BytesIO(f"{heads}\n{body}".encode())
        file.name = "a.csv"
        return client.post(at(world, "training-import", **here), {"file": file, **more})

    assert "扫描件" in text(upload(f"{clerk.pk},,9,是\n"), 409)  # results need their scan
    assert "point_manager-1301" in text(upload(f"{manager.pk},,9,\n", scan=scan()), 409)  # was not there
    assert "0到10" in text(upload(f"{manager.pk},是,11,\n", scan=scan()), 409)
    with acting(SYSTEM):
        assert not Try.objects.exists()
    both = f"{clerk.pk},,9,是\n{manager.pk},是,3,\n"
    assert upload(both, scan=scan()).status_code == 302
    assert upload(both, scan=scan()).status_code == 302  # a second reading is no second try
    with acting(SYSTEM):
        assert {t.person_id: (t.right, t.number, t.way) for t in Try.objects.all()} == {
            people[0]: (9, 1, "paper"), people[1]: (3, 1, "paper"),
        }  # fmt: skip
        assert clearing.cleared(world.exam) == {people[0]: {"discipline"}}
        assert Event.objects.filter(kind="staffing.check.ended").count() == 1


@pytest.mark.rule("V4.4")
def test_who_has_not_acknowledged_a_handbook_is_led_to_its_notice(world, client):
    enter(client, world, "region_officer", "13")
    with acting(SYSTEM):
        shelf = queries.shelves(world.exam)[0]
        centre = world.actor("centre_exam", "centre")
        sent = training.distribute_handbook(exam=world.exam, version_id=shelf.current.pk, by=centre, at=AT)
    notice = at(world, "notices-notice", notice=sent.notice_id)
    page = text(client.get(at(world, "training-handbooks")))
    assert notice in page and "转发所属考点" in page
    for step in ("notices-open", "notices-acknowledge"):
        client.post(at(world, step, notice=sent.notice_id))
    client.post(at(world, "training-handbook-send", version_id=shelf.current.pk))
    page = text(client.get(at(world, "training-handbooks")))
    assert notice not in page and "转发所属考点" not in page


def test_questions_are_edited_on_a_page(world, client):
    enter(client, world, "centre_exam", "centre")
    pool = at(world, "training-pool", module="system")
    edit = at(world, "training-question", module="system")
    assert "own_login" in text(client.get(pool))
    given = {
        "code": "extra", "rule": "V4.3", "words_zh": "题", "words_en": "Question", "right_zh": "对", "right_en": "Yes",
        "wrong1_zh": "错", "wrong1_en": "No", "version": 0,
    }  # fmt: skip
    text(client.post(edit, {**given, "rule": "V99.9"}), 422)
    text(client.post(edit, {**given, "wrong2_zh": "又错"}), 422)
    assert client.post(edit, given).status_code == 302
    assert client.post(edit, {**given, "code": "other"}).status_code == 409  # somebody saw version 0
    assert client.post(edit + "?code=extra", {"version": 1, "remove": "1"}).status_code == 302
    with acting(SYSTEM):
        module = next(m for m in queries.modules(world.exam) if m.code == "system")
        assert len(queries.raw_pool(world.exam, module)[1]) == 12
    assert "handbook" in text(client.get(at(world, "training-handbooks")))


@pytest.mark.rule("V4.1", "V4.2", "V4.3", "V4.4", "P8.1")
def test_the_board_says_who_is_untrained_and_turns_green(world):
    def rows(rule: str, path: str = "/13/") -> list[tuple[str, str, int]]:
        return [
            (r.row.office_path, str(r.row.state), r.row.lacking)
            for r in found(world.exam, path, AT, rules=[rule])
        ]

    def listed(path: str) -> dict[str, tuple[int, int]]:
        everybody = queries.trainees(world.exam, path, AT)
        places = {one.office_path for one in everybody}
        here = {where: [one for one in everybody if one.office_path == where] for where in places}
        return {where: (len(some), sum(bool(one.lacking) for one in some)) for where, some in here.items()}

    with acting(SYSTEM):  # a clerk with a post at a site, and an invigilator alone
        (member,) = crowd.members(1)
        crowd.appoint(world.exam, member.pk)
        Member.objects.create(
            person_id=world.people["point_clerk", "1301"], identity="x", identity_index=b"clerk", sex="F",
            in_sector=False, office_path="/13/1301/", made_at=AT,
        )  # fmt: skip
        crowd.appoint(world.exam, Member.objects.get(identity_index=b"clerk").pk, room=2)
        Appointment.objects.update(state="accepted", decided_at=AT)
        for path in ("/", "/13/", "/13/1301/01/"):
            assert queries.tally(world.exam, path, AT) == listed(path) != {}
        Appointment.objects.update(state="ended", reason="test")
    assert ("/13/1301/", "amber", 1) in rows("V4.1") and ("/13/", "amber", 1) in rows("V4.1")
    assert ("/13/1301/", "grey", 2) in rows("V4.3")
    assert rows("V4.2", "/") == [("/", "green", 0)]
    assert rows("V4.4", "/")[0] == ("/", "amber", 3)  # approved, not sent out
    with acting(SYSTEM):
        exams.set_milestone(exam=world.exam, key="registration_opens", when=AT, by=SYSTEM, at=AT)
        exams.set_milestone(exam=world.exam, key="exam_day", when=AT, by=SYSTEM, at=AT)
        assert ("/13/1301/", "red", 1) in rows("V4.1") and ("/13/1301/", "red", 2) in rows("V4.3")
        for role, code in (("region_officer", "13"), ("point_clerk", "1301"), ("point_manager", "1301")):
            person = world.people[role, code]
            needed = queries.needed(world.exam, person, AT)
            clearing_all(world, [NewClearance(person, "/", module, "check:1") for module in needed])
    assert {state for _, state, _ in rows("V4.1") + rows("V4.3")} == {"green"}
    with acting(SYSTEM):
        centre = world.actor("centre_exam", "centre")
        for shelf in queries.shelves(world.exam):
            training.distribute_handbook(exam=world.exam, version_id=shelf.current.pk, by=centre, at=AT)
    assert rows("V4.4", "/13/") == [("/13/", "amber", 3), ("/13/1301/", "amber", 3)]


@pytest.mark.rule("V4.1", "V4.3")
def test_the_same_over_the_api(world, client):
    enter(client, world, "region_officer", "13")
    api = "/api/v1/staffing/exam/training/"

    def sent(path: str, body: dict[str, object]) -> tuple[int, dict[str, object]]:
        answer = client.post(api + path, body, content_type="application/json")
        return answer.status_code, answer.json()

    began = now(world.exam)
    given = {"modules": ["system"], "place": "三楼", "trainer": "张三", "starts_at": began.isoformat()}
    status, made = sent("courses", {**given, "ends_at": (began + timedelta(hours=1)).isoformat()})
    assert (status, made["handbooks"]) == (201, [["system", 1, "s" * 64]])
    assert sent("courses", {**given, "ends_at": began.isoformat()})[0] == 409
    assert sent(f"courses/{made['id']}/invite", {}) == (200, {"count": 2})
    with acting(SYSTEM):
        people = list(Attendee.objects.values_list("pk", flat=True))
    assert sent(f"courses/{made['id']}/attendance", {"attendees": people}) == (200, {"count": 2})
    assert (
        sent(f"courses/{made['id']}/attend", {"code": "000000"})[0] == 409
    )  # the trainer is not on the list
    (line,) = client.get(api + "courses").json()
    assert (line["invited"], line["attended"], line["state"]) == (2, 2, "planned")
    untrained = {one["name"]: one["lacking"] for one in client.get(api + "lacking").json()}
    assert untrained["point_clerk-1301"] == ["candidate", "system", "discipline"]
    assert {one["module"]: one["passed"] for one in client.get(api + "own").json()}["system"] is False
    assert {one["code"]: one["version"] for one in client.get(api + "handbooks").json()}["system"] == 1
