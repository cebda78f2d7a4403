"""On a telephone of 360 px: nothing sticks out sideways, and the console stays silent."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PUBLIC = [
    "/",
    "/sign-in/",
    "/sign-up/",
    "/office/sign-in/",
    "/rules/",
    "/exams/{exam}/",
    "/exams/{exam}/regions/13/",
]
MINE = ["/my/", "/my/{exam}/registration/", "/my/{exam}/ticket/", "/my/{exam}/messages/"]
OFFICE = {
    ("centre_exam", "centre"): [
        "/office/{exam}/",
        "/office/{exam}/announcement/offices/",
        "/office/exams/new/",
    ],
    ("region_officer", "13"): [
        "/office/{exam}/",
        "/office/{exam}/duties/",
        "/office/{exam}/announcement/offices/",
        "/office/{exam}/registration/",
        "/office/{exam}/review/",
        "/office/{exam}/venues/",
        "/office/{exam}/seating/",
        "/office/{exam}/tickets/",
    ],
    ("region_finance", "13"): ["/office/{exam}/fees/", "/office/{exam}/fees/payments/"],
    ("point_clerk", "1301"): ["/office/{exam}/review/counter/"],
    ("point_manager", "1301"): ["/office/{exam}/examday/", "/office/{exam}/venues/"],
}


def walked(context, urls: list[str], exam: str) -> dict[str, list[str]]:
    """What is wrong with each page, in words."""
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: said.append(str(e)))
    wrong = {}
    for url in urls:
        said.clear()
        answer = page.goto(url.format(exam=exam))
        page.wait_for_load_state("networkidle")
        if answer.status != 200:
            said.append(f"status {answer.status}")
        if (over := page.evaluate(SIDEWAYS)) > 0:
            said.append(f"{over} px sideways")
        if said:
            wrong[url] = list(said)
    return wrong


def test_public_pages(visit, seeded):
    assert walked(visit(width=360), PUBLIC, seeded.slug) == {}


def test_a_candidates_pages(visit, seeded, candidate_client):
    assert walked(visit(candidate_client("13"), width=360), MINE, seeded.slug) == {}


@pytest.mark.parametrize("who", OFFICE, ids=lambda who: who[0])
def test_office_pages(visit, seeded, staff_client, who):
    assert walked(visit(staff_client(*who), width=360), OFFICE[who], seeded.slug) == {}


def test_something_that_sticks_out_is_seen(visit, seeded):
    context = visit(width=360)
    context.route(
        "**/sign-in/",
        lambda route: route.fulfill(body="<p style='width:900px'>x</p>", content_type="text/html"),
    )
    assert "px sideways" in walked(context, ["/sign-in/"], seeded.slug)["/sign-in/"][-1]
