"""The registration season of one point and its region, in both languages: clerks, officers and finance by keyboard alone.

A candidate registers, is confirmed at the counter, corrected, sent up, reviewed again and failed, and gets the fee back.
Every page that somebody stops at is looked at by axe.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from keju.algorithms.synthetic.faces import photo_pool
from keju.algorithms.synthetic.people import generate_people
from keju.kernel.offices import Actor, acting
from keju.stages.fees import queries as fees
from keju.stages.fees.models import Refund
from keju.stages.registration.models import Registration
from keju.stages.registration.queries import number_of
from keju.stages.review.models import Batch, Correction, FirstReview, SecondReview, Summary
from keju.web.tests.chromium import violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SYSTEM = Actor.system("test")
PASSWORD = "鸡兔同笼今有雉兔问各几何-2011"
NAME = "孙悟空"


class Season:
    """The world, who is at which desk, and what axe found where."""

    def __init__(self, world, at_desk, clock, browser, live_server, language: str, tmp_path) -> None:
        self.world, self.clock, self.language, self.tmp = world, clock, language, tmp_path
        self.slug = world.exam.slug
        self._at_desk, self._desks = at_desk, {}
        self._browser, self._url = browser, live_server.url
        self.found: dict[str, list[str]] = {}

    def desk(self, username: str):
        if username not in self._desks:
            self._desks[username] = self._at_desk(username, self.language)
        return self._desks[username]

    def candidate(self) -> Page:
        context = self._browser.new_context(base_url=self._url, viewport={"width": 360, "height": 780})
        context.add_cookies([{"name": "keju_language", "value": self.language, "url": self._url}])
        page = context.new_page()
        page.set_default_timeout(15_000)
        return page

    def look(self, page: Page) -> None:
        """axe finds nothing on the page as it stands; each kind of page once."""
        where = re.sub(r"\d+", "#", page.url.removeprefix(self._url))
        if where not in self.found:
            self.found[where] = [f"{v['id']} {v['nodes'][0]['target']}" for v in violations(page)]

    def registration(self) -> Registration:
        with acting(SYSTEM):
            return Registration.objects.get(exam=self.world.exam, name__startswith=NAME)


@pytest.mark.rule(
    "V5.2.1", "V5.3.2a", "V5.3.2b", "V5.3.2c", "V5.3.3", "V5.4", "V8.2a", "V8.2b", "V8.3", "P8.2"
)
@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=pytest.mark.nightly)])
def test_a_season(world, at_desk, clock, browser, live_server, language, tmp_path) -> None:
    season = Season(world, at_desk, clock, browser, live_server, language, tmp_path)
    clock(world.calendar.registering)
    page = season.candidate()
    register(season, page)
    clock(world.calendar.confirming)
    for point in ("1301", "1302"):
        confirm(season, point)
    correct(season)
    clock(world.calendar.summarised)
    for point in ("1301", "1302"):
        send(season, point)
    clock(world.calendar.second_review)
    second(season)
    remit(season)
    give_back(season, page)
    close(season)
    assert {where: what for where, what in season.found.items() if what} == {}
    assert len(season.found) >= 20


def go_on(season: Season, page: Page) -> None:
    season.look(page)
    page.locator("main form[method=post] button.btn-primary").last.click()
    page.wait_for_load_state()


def register(season: Season, page: Page) -> None:
    """As a candidate does, on a telephone."""
    *_, person = generate_people(99, 1, ["13"], 2011)
    photo = season.tmp / "photo.jpg"
    photo.write_bytes(photo_pool(99, 1, 0)[0].jpeg)
    for path in ("/", f"/exams/{season.slug}/", f"/exams/{season.slug}/fees/"):
        page.goto(path)
        season.look(page)
    page.goto("/sign-up/")
    stated = {"username": person.identity_number, "name": NAME, "phone": "13800138000"}
    for field, value in {**stated, "password": PASSWORD, "again": PASSWORD}.items():
        page.fill(f"main [name={field}]", value)
    go_on(season, page)
    page.goto(f"/my/{season.slug}/register/")
    page.fill("[name=address]", "石家庄市中山东路1号")
    go_on(season, page)
    page.check("[name=category][value=general]")
    page.check("[name=route][value=diploma]")
    go_on(season, page)
    page.select_option("[name=degree]", "bachelor")
    page.select_option("[name=major]", "veterinary")
    page.fill("[name=school]", "河北农业大学")
    go_on(season, page)
    page.check("[name=point_code][value='1301']")
    go_on(season, page)
    page.set_input_files("#photo-file", photo)
    page.locator("form[data-photo] button.btn-primary").click()
    page.wait_for_load_state()
    page.check("[name=pledge]")
    go_on(season, page)
    go_on(season, page)
    season.look(page)
    assert season.registration().state == "submitted"


def confirm(season: Season, point: str) -> None:
    """Everybody at the counter, by keyboard; at the second point the last one fails."""
    with acting(SYSTEM):
        waiting = list(Registration.objects.filter(point_code=point, state="submitted").order_by("pk"))
    desk = season.desk(f"point_clerk-{point}")
    desk.open("counter/")
    for n, row in enumerate(waiting, 1):
        season.look(desk.page)
        expect(desk.page.locator("main [name=q]")).to_be_focused()
        desk.type(number_of(season.world.exam, row.pk))
        desk.press("Enter")
        desk.page.wait_for_url(f"**/desk/{row.pk}/")
        season.look(desk.page)
        desk.press("Alt+o")
        if point == "1302" and n == len(waiting):
            desk.press("Alt+r")
            desk.type("照片与本人不一致")
            desk.press("Alt+f")
        else:
            ticks = desk.page.locator("form.desk td input[type=checkbox]").count()
            desk.press(*(f"Alt+{k + 1}" for k in range(ticks)))
            desk.prints("Alt+b")
            desk.prints("Alt+g")
            desk.press("Alt+s")
            expect(desk.page.locator("[name=signed]")).to_be_focused()
            desk.press("Enter")
        desk.page.wait_for_url("**/counter/")
    with acting(SYSTEM):
        decided = FirstReview.objects.filter(office_path__contains=f"/{point}/")
        assert decided.count() == len(waiting)
        assert decided.filter(passed=False).count() == (point == "1302")


def correct(season: Season) -> None:
    """The clerk asks, the manager approves; the form is signed anew by the newer version."""
    row = season.registration()
    clerk, manager = season.desk("point_clerk-1301"), season.desk("point_manager-1301")
    clerk.open(f"desk/{row.pk}/")
    clerk.press("Alt+m")
    clerk.page.wait_for_url("**/change/")
    season.look(clerk.page)
    clerk.reach("[name=name]")
    clerk.press("Control+a")
    clerk.type(f"{NAME}圣")
    clerk.reach("[name=reason]")
    clerk.type("姓名录入有误")
    clerk.press("Enter")
    clerk.page.wait_for_url("**/desk/*/")
    manager.open("corrections/")
    season.look(manager.page)
    manager.go("main tbody a")
    season.look(manager.page)
    manager.press("Enter")
    manager.page.wait_for_url("**/corrections/")
    assert season.registration().name == f"{NAME}圣"
    clerk.open(f"desk/{row.pk}/")
    sign_again(season, clerk)


def sign_again(season: Season, clerk) -> None:
    """The corrected form is printed, signed and said to be."""
    season.look(clerk.page)
    clerk.prints("Alt+b")
    clerk.prints("Alt+g")
    clerk.go("form[action*='/signed/'] button")
    with acting(SYSTEM):
        assert Correction.objects.get().signed_at is not None


def send(season: Season, point: str) -> None:
    manager, officer = season.desk(f"point_manager-{point}"), season.desk("region_officer-13")
    manager.open(f"summary/{point}/")
    season.look(manager.page)
    for name, text in (("packets", "1"), ("carrier", "张三"), ("seal", "A-0713")):
        manager.reach(f"[name={name}]")
        manager.type(text)
    manager.reach("[name=kept]")
    manager.press("Space")
    manager.go("form[action*='/send/'] button[type=submit]")
    season.look(manager.page)
    with acting(SYSTEM):
        assert Summary.objects.filter(point_code=point).exists(), manager.page.inner_text("main")
    officer.open(f"summary/{point}/")
    season.look(officer.page)
    listed = [int(re.sub(r"\D", "", n)) for n in officer.page.locator("main tbody td.n").all_inner_texts()]
    counts = officer.page.locator("form[action*='/receive/'] input[type=number]")
    names = [c.get_attribute("name") for c in counts.all()]
    assert len(names) == len(listed)
    for name, n in zip(names, listed, strict=True):
        officer.reach(f"[name='{name}']")
        officer.press("Control+a")
        officer.type(str(n))
    officer.reach("[name=seal_whole]")
    officer.press("Space")
    officer.go("form[action*='/receive/'] button[type=submit]")
    with acting(SYSTEM):
        assert Summary.objects.get(point_code=point).received_at, officer.page.inner_text("main")


def second(season: Season) -> None:
    """One after the other, by keyboard; ours fails; then the region's results are set together."""
    mine, officer = season.registration().pk, season.desk("region_officer-13")
    officer.open("second/")
    season.look(officer.page)
    officer.press("Alt+n")
    officer.page.wait_for_url(re.compile(r"/second/\d+/"))
    with acting(SYSTEM):
        total = FirstReview.objects.filter(passed=True).count()
    for n in range(1, total + 1):
        season.look(officer.page)
        here = officer.page.url
        officer.press("Space")
        if here.endswith(f"/{mine}/"):
            officer.press("Alt+r")
            officer.type("证书经查询无记录")
            officer.press("Alt+f")
        else:
            officer.press("Enter")
        officer.page.wait_for_url(lambda url, here=here: url != here)
        with acting(SYSTEM):
            assert SecondReview.objects.count() == n
    officer.open("")
    season.look(officer.page)
    officer.go("form[action*='/batch/'] button")
    with acting(SYSTEM):
        batch = Batch.objects.get()
        assert (batch.passed, batch.failed) == (total - 1, 1)


def remit(season: Season) -> None:
    finance, centre = season.desk("region_finance-13"), season.desk("centre_finance-centre")
    finance.open("remit/", "fees")
    season.look(finance.page)
    finance.reach("[name=reference]")
    finance.type("201113001")
    finance.go("main form button[type=submit]")
    season.look(finance.page)
    centre.open("", "fees")
    season.look(centre.page)
    centre.go("form[action*='/receive/'] button")
    centre.open("fiscal/13/", "fees")
    season.look(centre.page)
    centre.reach("main [name=number]")
    centre.type("CZ0013")
    centre.press("Enter")
    centre.page.wait_for_url("**/fees/")
    with acting(SYSTEM):
        assert not fees.in_default(season.world.exam, season.world.calendar.released)


def give_back(season: Season, page: Page) -> None:
    """The candidate says where the money goes; one of finance lists it, another releases it."""
    page.goto(f"/my/{season.slug}/review/")
    season.look(page)
    assert "证书经查询无记录" in page.inner_text("main")
    page.goto(f"/exams/{season.slug}/fees/mine/")
    page.fill("[name=holder]", f"{NAME}圣")
    page.fill("[name=bank]", "中国农业银行石家庄裕华支行")
    for field in page.locator(
        "form[action*=account] input[name^=number], form[action*=account] input[name=again]"
    ).all():
        field.fill("6228480402564890018")
    go_on(season, page)
    season.clock(season.world.calendar.exam_day + timedelta(days=2, hours=9))
    first, other = season.desk("region_finance-13"), season.desk("region_finance-13/2")
    first.open("refunds/", "fees")
    season.look(first.page)
    first.go("main button[name=way]")
    season.look(first.page)
    where = first.page.url
    other.page.goto(where)
    season.look(other.page)
    other.go("button[name=act][value=release]")
    with acting(SYSTEM):
        assert Refund.objects.get(registration=season.registration()).paid_at is not None
    page.goto(f"/exams/{season.slug}/fees/mine/")
    season.look(page)


def close(season: Season) -> None:
    """The books close to zero."""
    finance = season.desk("region_finance-13")
    finance.open("books/", "fees")
    season.look(finance.page)
    with acting(SYSTEM):
        assert fees.ledger_sum(season.world.exam) == 0
        assert [c.code for c in fees.checks(season.world.exam) if not c.holds] == []
