"""The pages in a real browser: axe finds nothing, nothing sticks out sideways, nothing is too small to hit."""

from collections.abc import Iterator

import pytest
from django.test import Client

from keju.web.tests.chromium import launched, violations
from keju.web.tests.conftest import enter, make_person

PUBLIC = [
    *("/", "/sign-in/", "/sign-up/", "/sign-up/?document=passport", "/recover/", "/recover/paper/"),
    *("/verify/", "/verify/?text=nonsense", "/office/sign-in/", "/rules/", "/rules/V7.2/", "/nothing/"),
]
OFFICE = {
    "centre_system": ["/office/people/", "/office/people/{person}/", "/office/people/add/", "/office/audit/"],
    "centre_exam": ["/office/{exam}/clock/", "/office/people/{person}/"],
}
LOOKS = [(360, "dark", "en"), (768, "light", "en"), (1440, "light", "zh"), (1440, "dark", "zh")]
# Targets of WCAG 2.5.8: 24 px, unless in the flow of a sentence.
SMALL = """() => [...document.querySelectorAll('a, button, input, select, summary')].filter(e => {
  const r = e.getBoundingClientRect();
  return r.width && r.height && (r.height < 24 || r.width < 24)
    && getComputedStyle(e).display !== 'inline' && !e.closest('.skip');
}).map(e => e.outerHTML.slice(0, 120))"""
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    with launched() as browser:
        yield browser


def opened(chromium, live_server, look, client=None):
    width, theme, language = look
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    context.add_cookies([{"name": "keju_language", "value": language, "url": live_server.url}])
    if client is not None:
        value = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": value, "url": live_server.url}])
    return context


def faults(page, url: str) -> list[object]:
    """What is wrong with a page, in words."""
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text) if "Content Security Policy" in m.text else None)
    page.goto(url)
    found: list[object] = [(v["id"], v["nodes"][0]["target"]) for v in violations(page)]
    if page.evaluate(SIDEWAYS) > 0:
        found.append("scrolls sideways")
    return found + page.evaluate(SMALL) + said


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_public_pages(chromium, live_server, transactional_db, look):
    context = opened(chromium, live_server, look)
    page = context.new_page()
    assert {url: f for url in PUBLIC if (f := faults(page, live_server.url + url))} == {}
    context.close()


@pytest.mark.parametrize("look", [LOOKS[0], LOOKS[2]], ids=str)
@pytest.mark.parametrize("role", OFFICE)
def test_office_pages(chromium, live_server, transactional_db, exam, role, look):
    person = make_person("clerk", ("centre", role))
    client = Client()
    enter(client, "clerk")
    urls = [u.format(person=person.pk, exam=exam.slug) for u in OFFICE[role]]
    assert {client.get(url).status_code for url in urls} == {200}
    context = opened(chromium, live_server, look, client)
    page = context.new_page()
    assert {url: f for url in urls if (f := faults(page, live_server.url + url))} == {}
    context.close()


def test_without_javascript_one_can_sign_up_and_in(chromium, live_server, transactional_db, tree):
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 360, "height": 800})
    page = context.new_page()
    page.goto(live_server.url + "/sign-up/?lang=zh")
    page.fill("[name=username]", "110101199003070011")
    page.fill("[name=name]", "李四")
    page.fill("[name=phone]", "13900139000")
    page.fill("[name=password]", "一句除了我没有人猜得到的长长的话")
    page.fill("[name=again]", "一句除了我没有人猜得到的长长的话")
    page.click("main [type=submit]")
    assert "账户已开好" in page.content()
    page.click("header form [type=submit]")
    assert "您已退出" in page.content()
    context.close()
