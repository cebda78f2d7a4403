"""One exam year played with the mouse: from signing up to the certificate and the sealed archive.

Everything that a person does is done in pages; only the people, their postings and the jobs' worker are made ready here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from zipfile import ZipFile

import pytest
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Page

from keju.algorithms.synthetic.faces import photo_pool
from keju.algorithms.synthetic.people import generate_people
from keju.kernel.accounts.models import Login
from keju.kernel.calendar import now
from keju.kernel.jobs import services as jobs
from keju.kernel.jobs.models import OPEN, Job
from keju.kernel.offices import Actor, acting
from keju.kernel.offices.queries import office
from keju.stages.examday.tests.world import open_site
from keju.web.rehearsal.calendar import calendar
from keju.web.rehearsal.steps import announcement, registration
from keju.web.rehearsal.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OTHERS = 3
PASSWORD = "鸡兔同笼上有三十五头下有九十四足"
SYSTEM = Actor.system("test")


@pytest.fixture
def world(transactional_db, monkeypatch, settings, tmp_path) -> Iterator[World]:
    """A region of two points in which registration is open and a few candidates are in."""
    settings.FILES_ROOT = tmp_path
    office.cache_clear()
    when = calendar(2011)
    made = World("veterinarian", 2011, OTHERS, 7, when, None, region_codes=("13",))
    made.clock_shift = when.registering - now()
    monkeypatch.setattr(announcement, "PER_POINT", 2)
    monkeypatch.setattr(registration, "GOOD", 4)
    monkeypatch.setattr(registration, "BAD", 2)
    announcement.run(made, lambda done: None)
    registration.run(made, lambda done: None)
    yield made
    office.cache_clear()


class Stage:
    """The exam's pages, and whoever acts on them."""

    def __init__(self, world: World, browser, live_server) -> None:
        self.world, self.browser, self.url = world, browser, live_server.url
        self.pages: dict[str, Page] = {}
        self.faults: list[str] = []

    def anybody(self) -> Page:
        page = self.browser.new_context(base_url=self.url, locale="zh-CN").new_page()
        page.set_default_timeout(15_000)
        page.on("response", self._heard)
        return page

    def _heard(self, response) -> None:
        if response.status >= 400 and "favicon" not in response.url:
            self.faults.append(f"{response.status} {response.request.method} {response.url}")

    def at(self, username: str, path: str) -> Page:
        """The page of that person in this exam's workplace."""
        if username not in self.pages:
            page = self.pages[username] = self.anybody()
            page.context.add_cookies([{"name": "sessionid", "value": _session(username), "url": self.url}])
        page = self.pages[username]
        page.goto(f"/office/{self.world.exam.slug}/{path}")
        return page

    def clock(self, when: datetime) -> None:
        page = self.at("centre_exam-centre", "clock/")
        page.locator("input[name=to]").fill(when.strftime("%Y-%m-%dT%H:%M"))
        press(page, "拨动")

    def work(self) -> None:
        """What waits for the worker is done here."""
        with acting(SYSTEM):
            waiting = list(Job.objects.filter(state__in=OPEN))
        for job in waiting:
            assert jobs.run_now(job).state == "done"


def _session(username: str) -> str:
    """The session that both forms of the sign-in would have left."""
    login, client = Login.objects.get(username=username), Client()
    client.force_login(login, backend="django.contrib.auth.backends.ModelBackend")
    device, _ = TOTPDevice.objects.get_or_create(user=login, name="test", defaults={"confirmed": True})
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return str(client.cookies["sessionid"].value)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()
    page.wait_for_load_state()


def go_on(page: Page) -> None:
    page.locator("main form[method=post] button.btn-primary").last.click()
    page.wait_for_load_state()


def test_from_signing_up_to_the_certificate(world, browser, live_server, tmp_path) -> None:
    stage = Stage(world, browser, live_server)
    candidate = stage.anybody()
    register(stage, candidate, tmp_path)
    review(stage)
    seat(stage)
    pay(stage)
    print_ticket(stage, candidate)
    sit(stage)
    mark(stage)
    release(stage)
    certify(stage, candidate)
    assert stage.faults == []


def register(stage: Stage, page: Page, tmp_path) -> None:
    *_, person = generate_people(99, 1, ["13"], 2011)
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(photo_pool(99, 1, 0)[0].jpeg)
    page.goto("/sign-up/")
    for field, value in {
        "username": person.identity_number,
        "name": "孙悟空",
        "phone": "13800138000",
    }.items():
        page.fill(f"main [name={field}]", value)
    for field in ("password", "again"):
        page.fill(f"main [name={field}]", PASSWORD)
    go_on(page)
    page.goto(f"/my/{stage.world.exam.slug}/register/")
    page.fill("[name=address]", "石家庄市中山东路1号")
    go_on(page)
    page.check("[name=category][value=general]")
    page.check("[name=route][value=diploma]")
    go_on(page)
    page.select_option("[name=degree]", "bachelor")
    page.select_option("[name=major]", "veterinary")
    page.fill("[name=school]", "河北农业大学")
    go_on(page)
    page.check("[name=point_code][value='1301']")
    go_on(page)
    page.set_input_files("#photo-file", photo)
    press(page, "检查并保存")
    page.check("[name=pledge]")
    go_on(page)
    go_on(page)
    assert "报名已提交" in page.inner_text("main")


def review(stage: Stage) -> None:
    stage.clock(stage.world.calendar.confirming)
    for point in ("1301", "1302"):
        page = stage.at(f"point_clerk-{point}", "review/counter/")
        while page.locator("main tbody a").count():
            page.locator("main tbody a").first.click()
            page.wait_for_load_state()
            if page.get_by_role("button", name="看过，认可").count():
                page.locator("form[action*='photo/accept'] input[type=text]").fill("本人到场核对一致")
                press(page, "看过，认可")
            desk = page.url.partition("/office/")[2]
            for kind in ("check", "copies"):
                assert pdf(page, f"/office/{desk}form/", kind=kind)
            for box in page.locator("form.desk input[type=checkbox]").all():
                box.check()
            press(page, "通过并收费")
        assert "待确认 0" in page.inner_text("main")
    stage.clock(stage.world.calendar.summarised)
    slug = stage.world.exam.slug
    for point in ("1301", "1302"):
        page = stage.at(f"point_manager-{point}", f"review/summary/{point}/")
        page.fill("[name=packets]", "1")
        page.fill("[name=carrier]", "王一")
        page.check("[name=kept]")
        press(page, "报送汇总表")
        page = stage.at("region_officer-13", f"review/summary/{point}/")
        for row in page.locator("main form input[type=number]").all():
            listed = re.search(
                r"清单 (\d+)", page.locator(f"label[for={row.get_attribute('id')}]").inner_text()
            )
            row.fill(listed[1])
        press(page, "签收")
    page = stage.at("region_officer-13", "review/second/")
    page.check("[name=signed]")
    press(page, "勾选的全部复核通过")
    page = stage.at("region_officer-13", "review/")
    assert page.url.endswith(f"/office/{slug}/review/")
    press(page, "设置全部复核结果")
    assert "通过4人" in page.inner_text("main")


def seat(stage: Stage) -> None:
    go_on(stage.at("region_officer-13", "venues/propose/"))
    page = stage.at("region_officer-13", "venues/")
    assert page.locator("a[href^='?v=1']").count()
    for point in ("1301", "1302"):
        page.select_option(f"[name=host-{point}]", "1301")
    page.fill("#reason", "本考区考生较少，集中设一个考点")
    press(page, "确定并通知")
    page = stage.at("point_manager-1301", "venues/sites/add/")
    for field, value in {"name_zh": "石家庄市第一中学", "address": "学府路1号"}.items():
        page.fill(f"[name={field}]", value)
    press(page, "保存")
    site = page.url
    # the template's own example rooms are rooms that will do
    workbook = page.request.get(f"/office/{stage.world.exam.slug}/venues/template/").body()
    page.goto(site)
    page.set_input_files(
        "main input[type=file]", {"name": "rooms.xlsx", "mimeType": "application/xlsx", "buffer": workbook}
    )
    press(page, "导入")
    page.goto(site + "checklist/")
    card = page.locator("section", has=page.locator("#fit"))
    card.locator("summary").last.click()
    card.locator("[name=settled][value='1']").check()
    card.get_by_role("button", name="记入").click()
    page.goto(site)
    press(page, "上报考区")
    press(stage.at("region_officer-13", "seating/"), "编排全考区座位")
    swap(stage)
    press(stage.at("region_officer-13", "tickets/"), "生成全考区准考证")
    stage.work()
    hang_up(stage)


def swap(stage: Stage) -> None:
    """The first two of a room change seats, by the keys of the picture; the plan of the site is a new version."""
    page = stage.at("region_officer-13", "seating/1301-01/")
    page.locator("main table a").first.click()
    page.locator("svg [tabindex]").first.focus()
    for key in ("Enter", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    page.fill("main [name=reason]", "两人同一单位")
    press(page, "确认换座")
    assert "第2版" in page.inner_text("main")
    page = stage.at("region_officer-13", "seating/1301-01/versions/")
    assert "两人同一单位" in page.inner_text("main") and "2人不同" in page.inner_text("main")


def hang_up(stage: Stage) -> None:
    """The point prints everything that the site hangs up, in one archive."""
    page = stage.at("point_manager-1301", "tickets/sites/1301-01/")
    page.fill("[name=phone]", "0311-12345")
    press(page, "保存")
    press(page, "打印全部")
    stage.work()
    page.reload()
    with page.expect_download() as coming:
        page.locator("main a[href$='/result/']").click()
    with ZipFile(coming.value.path()) as pack:
        assert pack.testzip() is None
        assert len([name for name in pack.namelist() if name.endswith(".pdf")]) > 12


def pay(stage: Stage) -> None:
    page = stage.at("region_finance-13", "fees/remit/")
    page.fill("[name=reference]", "201113001")
    go_on(page)
    press(stage.at("centre_finance-centre", "fees/"), "确认到账")
    page = stage.at("centre_finance-centre", "fees/fiscal/13/")
    page.fill("main [name=number]", "CZ0013")
    go_on(page)
    page = stage.at("centre_exam-centre", "tickets/")
    press(page, "统一开放打印")
    assert "已为 1 个考区开放准考证打印" in page.inner_text("main")


def print_ticket(stage: Stage, page: Page) -> None:
    page.goto(f"/my/{stage.world.exam.slug}/ticket/")
    assert "1113010" in page.inner_text("main")
    assert pdf(page, f"/my/{stage.world.exam.slug}/ticket/print/", language="zh")


def pdf(page: Page, path: str, **form: str) -> bool:
    """What the page's own button would open."""
    token = page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    answer = page.request.post(
        path, form={"csrfmiddlewaretoken": token, **form}, headers={"Referer": page.url}
    )
    return answer.status == 200 and answer.body().startswith(b"%PDF")


def sit(stage: Stage) -> None:
    stage.clock(stage.world.calendar.exam_day + timedelta(hours=9))
    open_site(stage.world.exam, "1301")
    page = stage.at("point_manager-1301", "examday/")
    while (button := page.get_by_role("button", name="：开放考场")).count():
        button.first.click()
        page.wait_for_load_state()
    for room in [a.get_attribute("href") for a in page.locator("main tbody a[href*=examday]").all()]:
        page.goto(room)
        page.check("[name=sure]")
        press(page, "标为到场")
        number = re.search(r"应到\s*(\d+)", page.locator(".count-line").inner_text())
        page.fill("[name=counted]", number[1])
        page.locator("form[action*=close] button").click()
        page.wait_for_load_state()
        assert "已封存" in page.inner_text("main")
    press(stage.at("point_manager-1301", "examday/"), "确认并上报")


def mark(stage: Stage) -> None:
    press(stage.at("centre_scoring-centre", "marking/"), "为已封存的考场建卡袋")
    press(stage.at("centre_scoring-centre", "marking/"), "演练：模拟扫描")
    stage.work()
    for who in ("centre_scoring-centre", "centre_scoring-2"):
        for _ in range(20):
            page = stage.at(who, "marking/doubts/")
            mine = page.locator("main tbody tr").filter(has_text="您")
            if not mine.count():
                break
            mine.first.locator("a").first.click()
            page.wait_for_load_state()
            for place in page.locator("fieldset.say").all():
                place.locator("input").first.check()
            page.locator("main form:has(fieldset.say) button[type=submit]").last.click()
            page.wait_for_load_state()
    for who in ("centre_key-centre", "centre_key-2"):
        for session in (1, 2):
            page = stage.at(who, f"marking/keys/{session}/")
            page.locator("main details summary").last.click()
            page.fill("[name=answers]", page.locator("main pre, main code").last.inner_text())
            page.locator("main form:has([name=answers]) button[type=submit]").click()
            page.wait_for_load_state()
    page = stage.at("centre_scoring-centre", "marking/runs/")
    page.get_by_role("button", name="计分", exact=True).click()
    page.wait_for_load_state()
    press(stage.at("centre_data-centre", "marking/runs/"), "提请封存")
    page = stage.at("centre_system-centre", "marking/countersign/")
    page.fill("[name=typed]", re.sub(r"\s", "", page.locator(".digest").inner_text())[:8])
    press(page, "会签并永久封存")
    assert "成绩已封存" in page.inner_text("main")


def release(stage: Stage) -> None:
    page = stage.at("office_officer-office", "results/propose/")
    for field in page.locator("main input[type=number]").all():
        field.fill("120" if "licensed" in str(field.get_attribute("name")) else "80")
    page.fill("[name=reason]", "按往年难度")
    press(page, "提交委员会")
    for member in ("committee_member-committee", "committee_member-2"):
        page = stage.at(member, "results/")
        page.locator("form[action*=vote] button").first.click()
        page.wait_for_load_state()
    press(stage.at("committee_member-committee", "results/"), "决定合格分数线")
    page = stage.at("centre_data-centre", "results/")
    press(page, "现在发布成绩")
    assert "成绩已发布：4人" in page.inner_text("main")


def certify(stage: Stage, candidate: Page) -> None:
    slug = stage.world.exam.slug
    candidate.goto(f"/my/{slug}/result/")
    assert "合格：" in candidate.inner_text("main")
    assert pdf(candidate, f"/my/{slug}/result/transcript/", language="zh")
    page = stage.at("centre_certificates-centre", "certificates/")
    page.locator("form[action*=grant] button").click()
    page.wait_for_load_state()
    page.locator("form[action*='1301/print'] button").click()
    page.wait_for_load_state()
    stage.work()
    page = stage.at("centre_certificates-centre", "certificates/")
    page.locator("form[action*='1301/deliver'] button").click()
    page.wait_for_load_state()
    sent = re.search(r"发送(\d+)份", page.inner_text("main"))
    candidate.goto(f"/my/{slug}/certificate/")
    number = re.search(r"证书编号\s*(\d+)", candidate.inner_text("main"))
    page = stage.at("point_clerk-1301", "certificates/")
    page.fill("[name=counted]", sent[1])
    press(page, "登记收到")
    page.fill("[name=number]", number[1])
    press(page, "打开")
    page.check("[name=identity_seen]")
    press(page, "证书已交给本人")
    assert "领取已登记" in page.inner_text("main")
    public = stage.anybody()
    public.goto("/verify/certificate/")
    public.fill("main [name=text]", number[1])
    press(public, "核验")
    assert "有效" in public.inner_text("main")
    assert "孙**" in public.inner_text("main")
    press(stage.at("centre_exam-centre", "archive/"), "封存档案包")
    stage.work()
    page = stage.at("centre_exam-centre", "archive/")
    press(page, "核验")
    assert "档案包完整" in page.inner_text("main")
