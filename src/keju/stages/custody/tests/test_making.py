"""Making papers from the page, and labels that scan."""

import pypdfium2
import pytest
import zxingcpp
from django.test import Client

from keju.kernel.audit.models import Event
from keju.kernel.documents.models import Print
from keju.kernel.exams.models import Exam
from keju.kernel.notices.tests.year import signed_in
from keju.kernel.offices import acting
from keju.stages.custody import services
from keju.stages.custody.models import Container
from keju.stages.custody.tests.screens import text, url
from keju.stages.custody.tests.world import CENTRE_PAPERS, DETAILS, REGION, key, papers, plan, stamped
from keju.stages.venues.tests.year import AT


@pytest.fixture
def centre(exam: Exam) -> Client:
    client = Client()
    signed_in(client, "centre", "centre_custody")
    return client


@pytest.mark.rule("V9.1")
def test_a_region_is_made_by_one_button_once_it_confirmed(exam: Exam, centre: Client) -> None:
    page = centre.get(url("making"))
    (row,) = page.context["rows"]
    assert (row.confirmed, row.may_make, row.is_made) == (False, False, False) and "未确认" in text(page)
    digest = plan(exam)
    with acting(REGION):
        services.confirm(
            exam=exam, region_code="13", digest=digest, **DETAILS, scan=stamped(), by=REGION, at=AT
        )
    page = centre.get(url("making"))
    assert page.context["ready"] == 1
    told = centre.post(url("make", region="13"), {"key": str(page.context["key"])}, follow=True)
    assert "共 16 袋" in text(told) and told.context["bags"] == 16
    again = centre.post(url("make", region="13"), {"key": str(key("other"))})
    assert again.status_code == 409 and "不再重做" in text(again)
    assert centre.post(url("make", region="13"), {"key": "x"}).status_code == 422
    with acting(CENTRE_PAPERS):
        assert Event.objects.filter(kind="custody.containers.made").count() == 1


@pytest.mark.rule("V11.2.2")
def test_labels_carry_the_code_twice_and_what_the_bag_holds(exam: Exam, centre: Client) -> None:
    made = papers(exam)
    box = next(c for c in made if c.kind == "box")
    answer = centre.post(url("labels", container=box.code))
    document = pypdfium2.PdfDocument(answer.content)
    pages = [document[n] for n in range(len(document))]
    found = [c for page in pages for c in zxingcpp.read_barcodes(page.render(scale=2.5).to_pil())]
    by_format = {str(f): sorted(c.text for c in found if c.format == f) for f in {c.format for c in found}}
    assert list(by_format.values()) == [[c.code for c in made]] * 2
    first = pages[0].get_textpage().get_text_range()
    with acting(CENTRE_PAPERS):
        bag = Container.objects.select_related("holding").get(pk=next(c.pk for c in made if c.kind == "bag"))
        assert bag.holding.seal in first and f"{bag.first_serial}–{bag.last_serial}" in first
        assert Print.objects.get(kind="container_labels").pages == len(pages)
        assert Event.objects.get(kind="custody.labels.printed").data["labels"] == 17
    document.close()
