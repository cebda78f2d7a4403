"""The ledger, as a person meets it."""

import pytest
from django.test import Client
from django.urls import reverse

from keju.kernel.documents import services
from keju.kernel.documents.composing import content_hash
from keju.kernel.documents.tests import sample
from keju.kernel.jobs.tests.office import AT, exam, signed_in
from keju.kernel.offices import acting

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("language", "void", "good"), [("zh", "已作废", "有效"), ("en", "Void", "Good")])
def test_the_ledger_shows_the_offices_own_prints_and_which_are_void(client, language, void, good):
    made = exam("drill", is_rehearsal=True)
    me = signed_in(client, "13", "region_officer")
    with acting(me):
        for n in (1, 2):
            printed = services.print_document(
                kind="ticket", template=sample.TEMPLATE, data=sample.data(n), files=sample.files(n), exam=made,
                subject=f"ticket:{n}", office_path="/13/1301/", by=me, at=AT,
            )  # fmt: skip
        services.void(kind="ticket", subject="ticket:1", reason="座位有误", exam=made, by=me, at=AT)
    address = reverse("documents-ledger", args=["drill"])
    text = client.get(f"{address}?lang={language}").content.decode()
    ticket = {"zh": "准考证", "en": "Ticket"}[language]
    assert (
        f"{ticket} 1" in text
        and f"{ticket} 2" in text
        and "座位有误" in text
        and void in text
        and good in text
    )
    for asked in ("ticket:1", "1"):
        found = client.get(f"{address}?q={asked}&lang={language}").content.decode()
        assert f"{ticket} 1" in found and f"{ticket} 2" not in found
    for odd in ("?kind=none", "?after=x", "?after=0", "?q=%00"):
        assert client.get(address + odd).status_code == 200
    other = Client()
    signed_in(other, "11", "region_officer")
    assert f"{ticket} 1" not in other.get(f"{address}?lang={language}").content.decode()
    keyless = Client()
    signed_in(keyless, "centre", "centre_key")
    assert keyless.get(address).status_code == 403
    # A rehearsed exam's paper says so without the caller's doing.
    assert sample.data(2).get("rehearsal") is None and printed.record.data_hash != content_hash(
        sample.data(2), sample.files(2), "zh"
    )
