"""The home of papers, and the pages that list containers."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from keju.kernel.exams.models import Exam
from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import acting
from keju.stages.custody.queries import home
from keju.stages.custody.tests.world import CENTRE_PAPERS, REGION_PAPERS, papers


@pytest.fixture
def region(exam: Exam) -> Client:
    client = Client()
    signed_in(client, "13", "region_custody")
    return client


def url(name: str, **kwargs: object) -> str:
    return reverse(f"custody-{name}", kwargs={"exam": "vet-2011", **kwargs})


def text(answer: object) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))  # type: ignore[attr-defined]


def test_the_home_says_where_the_papers_are_and_that_none_are_made(exam: Exam, region: Client) -> None:
    assert "试卷还没有印制" in text(region.get(url("home")))
    papers(exam)
    with acting(REGION_PAPERS):
        found = {
            (s.spot, s.kind): (s.containers, s.sealed, s.sheets)
            for s in home.stock(exam, viewer=REGION_PAPERS)
        }
    assert found == {
        ("printing_house", "bag"): (6, 6, 74),
        ("printing_house", "box"): (1, 1, 0),
        ("printing_house", "card_bag"): (6, 6, 74),
        ("printing_house", "spare_bag"): (4, 4, 20),
    }
    with acting(CENTRE_PAPERS):
        assert sum(s.containers for s in home.stock(exam, viewer=CENTRE_PAPERS)) == 17
    shown = text(region.get(url("home")))
    assert "印刷厂" in shown and "没有报警" in shown
